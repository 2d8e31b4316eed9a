"""What leaves by itself: mails with their calendar files, digests, and the documents that are printed. Whoever has
nothing to do with the other company is told no word of it."""

import inspect
import re
from collections import Counter
from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.core import mail
from django.db import models
from django.utils import timezone

from audits import notices as of_audits
from audits.printed import printed_facts
from audits.tasks import print_certificate
from companies import digests
from companies.kinds import Group
from companies.models import Delivery, Invitation, Preference, User
from companies.models.membership import PANEL_DUTIES
from ecoeficiencia.jobs import Job
from programs import notices as of_programs
from programs import reminders
from programs.models import Application
from programs.snapshot import snapshot
from programs.tasks import application_record, commitment_letter, decision_letter, lapse_terms, sworn_statement
from requirements_std import notices as of_requirements

from .canaries import PUBLIC, Canaries, readable

pytestmark = pytest.mark.django_db
# What a notice may be told about: each function that takes one of these, and nothing else that is needed.
ABOUT = ("application", "appeal", "waiver", "letter", "assignment", "participation", "row", "comment", "session")


# Those who have to do with the other company, besides its members.
OF_RIVAL = ("representative of another company", "monitor of another company", "pre-auditor of another company",
            "external auditor of another company", "body manager of another company")  # fmt: skip


@pytest.fixture(scope="module")
def planted(shared_world):
    return Canaries(shared_world.rival.company)


def records(side):
    return {
        "application": side.application, "appeal": side.appeal, "waiver": side.waiver, "letter": side.letter,
        "assignment": side.participation.assignments.get(ends_on=None), "participation": side.participation,
        "row": side.fulfilment, "comment": side.fulfilment.comments.first(), "session": side.session,
    }  # fmt: skip


def tellers():
    """(what each is about and asks besides, function) of everything that tells of one record."""
    for module in (of_programs, of_requirements):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            asks = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
            if function.__module__ == module.__name__ and not name.startswith("_") and asks and asks[0] in ABOUT:
                yield asks, function


def tell_everything(side, holiday):
    rows = {name: type(row)._base_manager.get(pk=row.pk) for name, row in records(side).items()}
    more = {"fact": "scheduled", "reason": "Motivo.", "day": holiday}
    for asks, function in tellers():
        if set(asks[1:]) <= set(more):
            function(rows[asks[0]], *(more[name] for name in asks[1:]))
    for audit in (side.preaudit, side.external):
        audit.refresh_from_db()
        audit.starts_on = audit.ends_on = audit.correction_due_on = timezone.localdate()
        for tell in (of_audits.tell_company, of_audits.tell_team):
            tell(audit, f"days {tell.__name__}", title="Fecha de la auditoría", calendar=of_audits.audit_days(audit))
        of_audits.tell_named(audit, audit.team.first())


@pytest.fixture
def sent(world, planted, run_jobs, stella):
    """Every mail of both companies: of what people do, of what the clock does, at once, drafted and in a digest."""
    today = timezone.localdate()
    for side in (world.acme, world.rival):
        Preference.objects.set_for(side.boss, Group.REMINDERS, Preference.How.DAILY)
        Application.objects.filter(pk=side.application.pk).update(due_on=today, lapsed_at=None)
        tell_everything(side, world.holiday)
        Invitation.objects.filter(pk=side.invitation.pk).update(accepted_at=None)
        Job.enqueue("companies.invite", f"invite:{side.invitation.pk}", {"invitation": side.invitation.pk})
    reminders.send(today)
    lapse_terms()
    for draft in Delivery.objects.filter(state=Delivery.State.HELD):
        draft.release(by=stella)
    digests.gather(timezone.now() + timedelta(days=2))
    run_jobs()
    return mail.outbox


FOLDED = re.compile(r"\r?\n[ \t]")  # long lines of a calendar file


def parts(message):
    """(kind, what somebody could read) of each part of a mail, its headers first."""
    whole = message.message()
    yield "headers", "\n".join(f"{name}: {make_header(decode_header(value))}" for name, value in whole.items())
    for part in whole.walk():
        if not part.is_multipart():
            text = part.get_payload(decode=True).decode("utf-8", "ignore")
            yield part.get_content_type(), FOLDED.sub("", text) if part.get_content_subtype() == "calendar" else text


def test_no_mail_tells_a_word_of_another_company(world, planted, sent):
    theirs = {world.people[label].user.email for label in OF_RIVAL}
    theirs |= {one.email for one in world.rival.members.values()} | {world.rival.invitation.email}
    theirs |= {*User.objects.with_duty(*PANEL_DUTIES).values_list("email", flat=True)}
    leaks, told = [], Counter()
    for message in sent:
        for kind, text in parts(message):
            found = planted.found_in(text.encode()) - PUBLIC
            told.update([kind] if found else [])
            if found and not set(message.to) <= theirs:
                leaks.append(f"«{message.subject}» to {message.to} ({kind}): {', '.join(sorted(found))}")
    assert leaks == []
    assert set(told) >= {"headers", "text/plain", "text/html", "text/calendar"}
    for words in ("Resumen de avisos", "le invita"):
        assert [message for message in sent if words in message.subject], words
    assert {message.to[0] for message in sent} >= {world.acme.boss.email, world.rival.boss.email}


PRINTED = (
    ("letter", "pdf", commitment_letter), ("revision", "record", application_record),
    ("signature", "pdf", sworn_statement), ("decision_letter", "pdf", decision_letter),
    ("certificate", "pdf", print_certificate),
)  # fmt: skip


def printed(side, name, field, task):
    """What a person reads of the document that the task makes, of what the company is called and has now."""
    row, today = getattr(side, name), timezone.localdate()
    row = type(row)._base_manager.get(pk=row.pk)  # as it was written, not as the world remembers it
    facts = {
        "revision": lambda: {"data": snapshot(row.application, today)},
        "certificate": lambda: {"printed": printed_facts(row.decision, signatory=side.boss, on=today)},
    }
    new = facts.get(name, dict)() | {field: None}
    models.QuerySet(type(row)).filter(pk=row.pk).update(**new)
    task(row.pk)
    with getattr(type(row)._base_manager.get(pk=row.pk), field).open() as file:
        return readable(file.read())


@pytest.mark.parametrize(("name", "field", "task"), PRINTED, ids=[name for name, *_more in PRINTED])
def test_no_document_prints_a_word_of_another_company(world, planted, name, field, task):
    assert planted.found_in(printed(world.acme, name, field, task).encode()) == set()
    assert len(planted.found_in(printed(world.rival, name, field, task).encode())) >= 1
