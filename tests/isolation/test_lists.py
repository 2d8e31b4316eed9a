"""Every page at two rows of everything and at sixty: it asks the database as often (abuse case 37 of docs/security.md).

A page that shows a list grows with its rows; one that does not is named in ONE, so that a new list is either measured
or says that it is none.
"""

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecoeficiencia.management.commands.print_permissions import page_of, tables
from programs.models import Application
from tests.counting import asked

from .addresses import of_the_doors
from .growing import grow

pytestmark = pytest.mark.django_db
# Whoever reads it first; those with most to see before.
READERS = ("representative", "monitor", "pre-auditor", "external auditor", "body manager", "staff: coordinator",
           "staff: administrator", "anonymous")  # fmt: skip
# Pages that take the rows chosen on another, and the sheet that has more than one row of a requirement.
CHOSEN = {
    "empresa:board_attach": lambda world: world.acme.participation.assessment.fulfilments,
    "empresa:board_explain": lambda world: world.acme.participation.assessment.fulfilments,
    "empresa:board_submit": lambda world: world.acme.participation.assessment.fulfilments,
    "monitor:accept": lambda world: world.acme.participation.assessment.fulfilments,
    "panel:applications_decide": lambda world: Application.objects.filter(edition=world.edition),
}
PATHS = {"auditoria:sheet": lambda world: reverse("auditoria:sheet", args=[world.acme.preaudit.pk, "AG"])}
# Pages of one record, forms, files, and lists of what the product itself is made of.
ONE = {
    "auditoria:action_file", "auditoria:check_evidence", "auditoria:declare",
    "empresa:action_file", "empresa:action_finish", "empresa:application_appeal", "empresa:application_record",
    "empresa:application_section", "empresa:application_news", "empresa:application_submit", "empresa:districts",
    "empresa:amount",
    "empresa:letter_sign", "empresa:statement_copy", "empresa:claim", "empresa:claim_new", "empresa:export_table",
    "empresa:certificate", "empresa:certificate_pdf", "empresa:export", "empresa:export_new",
    "empresa:external_request", "empresa:invitation", "empresa:profile_section", "empresa:register", "empresa:site",
    "empresa:site_document", "empresa:site_new",
    "panel:company_absorbed", "panel:company_ruc", "panel:registry_undo", "public:claim_file", "public:registry_file",
    "panel:action_file", "panel:audit_open", "panel:body_new", "panel:certificate_pdf", "panel:document",
    "panel:document_create", "panel:document_template", "panel:edition_letter", "panel:edition_letters",
    "panel:edition_parameter", "panel:import", "panel:import_model", "panel:import_upload", "panel:mail",
    "panel:parameter", "panel:person", "panel:second_factor", "panel:session_create", "panel:session_edit",
    "panel:stand_in", "panel:standard_version", "panel:template", "panel:templates",
    "public:document_template", "public:paper_file", "public:signed_file",
    "public:account", "public:appeal_file", "public:certified", "public:decision_letter_file", "public:doors",
    "public:evidence_file", "public:help", "public:home", "public:letter_file", "public:notice_open",
    "public:preferences", "public:privacy", "public:self_check", "public:self_check_result", "public:site_document",
    "public:unsent", "public:verification", "public:verify",
}  # fmt: skip


def pages(world):
    """(name, path, who) of every address that is read."""
    known = tables()
    for address in of_the_doors():
        page, (path, place) = page_of(address.door, address.name, known), address.cases(world)[0]
        if label := next((one for one in READERS if page.read & world.people[one].is_to(place)), None):
            yield str(address), PATHS.get(str(address), lambda world, path=path: path)(world), label


def measured(world, crowd, *, times):
    """{name: (statements, bytes)} of each page, asked for twice where something would be read for the first time."""
    found = {}
    for name, path, label in pages(world):
        rows = list(CHOSEN[name](world).values_list("pk", flat=True)) if name in CHOSEN else []
        for _time in range(times):
            for cache in caches.all():
                cache.clear()
            reset_queries()  # the log is bounded, and two hundred pages are many
            with CaptureQueriesContext(connection) as statements:
                answer = crowd.ask(label, "GET", path, {"pk": rows} if rows else None)
        body = b"".join(answer) if answer.streaming else answer.content
        assert not answer.get("Location", "").startswith("/cuenta/"), name
        found[name] = (asked(statements.captured_queries), len(body), answer.status_code)
    return found


def test_every_page_asks_as_often_at_two_rows_as_at_sixty(world, crowd):
    with time_machine.travel(timezone.now(), tick=False):  # a session is written once a minute
        grow(world, 2, 3)
        few = measured(world, crowd, times=2)
        grow(world, 3, 60)
        many = measured(world, crowd, times=1)
    assert [name for name, told in many.items() if told[2] >= 500 or told[2] != few[name][2]] == []
    more = {name: (few[name][0], count) for name, (count, _size, _status) in many.items() if count > few[name][0]}
    assert more == {}
    lists = {name for name, (_count, size, _status) in many.items() if size > few[name][1] + 200}
    assert sorted(set(many) - lists - ONE) == []
    assert sorted(ONE & lists | ONE - set(many)) == []
