"""Whoever from outside a company opens a file of somebody's leaves a trace, at whichever door (abuse case 39)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecoeficiencia.management.commands.print_permissions import page_of, tables

from .addresses import of_the_doors
from .filling import writes

pytestmark = pytest.mark.django_db
FILE = re.compile(r"\w+_(file|pdf|record|evidence)|site_document")
OUTSIDE = ("staff: coordinator", "monitor", "pre-auditor", "external auditor")
# What the register shows to anybody.
PUBLIC = {"panel:certificate_pdf"}


def test_no_file_is_opened_from_outside_unseen(world, crowd):
    silent, opened, known = [], set(), tables()
    for address in of_the_doors("public", "panel", "auditoria"):
        if not FILE.fullmatch(address.name) or str(address) in PUBLIC:
            continue
        for path, place in address.cases(world):
            for label in OUTSIDE:
                if not page_of(address.door, address.name, known).read & world.people[label].is_to(place):
                    continue
                with CaptureQueriesContext(connection) as statements:
                    answer = crowd.ask(label, "GET", path)
                assert answer.status_code == 200, f"{path} as {label}"
                opened.add(str(address))
                if not any('INTO "companies_event"' in sql for sql in writes(statements.captured_queries)):
                    silent.append(f"{path} as {label}")
    assert silent == []
    assert opened >= {"public:evidence_file", "public:claim_file", "panel:action_file", "auditoria:check_evidence"}
