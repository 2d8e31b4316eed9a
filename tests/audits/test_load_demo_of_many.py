"""Of a demonstration of many companies only the first are told what happened; the rest are there as the others are."""

import pytest
from django.core.management import call_command

from audits.demo import firms
from audits.demo.stages import STAGES
from audits.models import Certificate, MarkLicence
from companies.models import Company, Event, Notice

from .test_load_demo import load

pytestmark = pytest.mark.django_db
TRACES = ("stand_in", "admission", "application")


def test_beyond_the_first_companies_nobody_is_told_and_the_register_still_verifies(monkeypatch, capsys):
    monkeypatch.setattr(firms, "TOLD", 12)
    load()
    # Besides: results as drafts, and what the rarer acts of audits/demo/traces.py tell.
    by_certificate = Notice.objects.filter(held=False, company__isnull=False).exclude(kind__in=TRACES)
    told = by_certificate.values("company").distinct().count()
    assert told == sum(bool(s.certificate) for s in STAGES[:12])
    assert Notice.objects.filter(company__ruc__gt=Company.objects.order_by("ruc")[12].ruc).count() == 0
    assert MarkLicence.objects.filter(certificate__state="suspended", state="suspended").count() == 1
    bulk = Certificate.objects.filter(company__ruc__gt=Company.objects.order_by("ruc")[11].ruc)
    assert bulk.count() == sum(bool(s.certificate) for s in STAGES[12:])
    assert all(c.search == Certificate.searchable(c.number, c.printed, c.holder) and c.pdf_id for c in bulk)
    assert all(Event.objects.about(c).exists() for c in bulk)
    call_command("verify_register")
    assert "Registro íntegro" in capsys.readouterr().out
