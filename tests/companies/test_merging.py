"""Two people edit one record: both texts meet on a page, field by field, and none is lost."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from programs.models import Measure
from programs.models.edition import DATES
from tests import factories as f
from tests.requirements_std.conftest import pdf, upload


@pytest.fixture
def bea(acme):
    """A colleague of Alice."""
    user = f.UserFactory(first_name="Bea", last_name="Ríos")
    f.MembershipFactory(user=user, company=acme)
    return user


def inputs(page):
    """(name, value, kind) of what the merge page would send."""
    found = []
    for tag in re.findall(r"<input[^>]*>", page[page.index('id="comparar"') :]):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        kind = "picked" if "checked" in tag else at["type"]
        found.append((at["name"], unescape(at["value"]), kind))
    return found


def sent(page, **chosen):
    """The form as a browser sends it: hidden fields, and of each choice the one picked or named in `chosen`."""
    data = {}
    for name, value, kind in inputs(page):
        if kind in ("hidden", "picked"):
            data[name] = value
    return data | chosen


def offered(page, name):
    return [value for other, value, kind in inputs(page) if other == name and kind != "hidden"]


PROCESS = {"activity": "", "products": "", "process": ""}


@pytest.fixture
def address(acme):
    Company.objects.filter(pk=acme.pk).update(activity=None, products="", process="")
    return reverse("empresa:profile_section", args=[acme.pk, "proceso"])


def test_both_texts_are_offered_and_mine_is_picked(as_, alice, bea, acme, address):
    long = "Se lava.\nSe corta «fino» & se seca."
    assert as_(bea).post(address, PROCESS | {"version": 0, "process": "Lo de Bea"}).status_code == 302
    answer = as_(alice).post(address, PROCESS | {"version": 0, "process": long})
    assert answer.status_code == 409
    assert "Otra persona guardó antes que usted" in answer.text
    assert "guardó Bea Ríos" in answer.text
    assert offered(answer.text, "process") == ["Lo de Bea", long]
    acme.refresh_from_db()
    assert acme.process == "Lo de Bea"
    assert as_(alice).post(address, sent(answer.text)).status_code == 302
    acme.refresh_from_db()
    assert acme.process.replace("\r\n", "\n") == long


def test_choosing_the_stored_text_keeps_it_with_my_other_field(as_, alice, bea, acme, address):
    as_(bea).post(address, PROCESS | {"version": 0, "process": "Lo de Bea"})
    answer = as_(alice).post(address, PROCESS | {"version": 0, "process": "Lo mío", "products": "Quinua"})
    assert as_(alice).post(address, sent(answer.text, process="Lo de Bea")).status_code == 302
    acme.refresh_from_db()
    assert (acme.process, acme.products) == ("Lo de Bea", "Quinua")


def test_a_field_i_did_not_touch_is_not_asked_about(as_, alice, bea, acme, address):
    as_(bea).post(address, PROCESS | {"version": 0, "process": "Lo de Bea", "products": "Mango"})
    answer = as_(alice).post(address, PROCESS | {"version": 0, "process": "Lo mío"})
    assert offered(answer.text, "products") == []
    assert sent(answer.text)["products"] == "Mango"
    as_(alice).post(address, sent(answer.text))
    acme.refresh_from_db()
    assert (acme.process, acme.products) == ("Lo mío", "Mango")


def test_a_third_who_saves_meanwhile_is_met_too(as_, alice, bea, acme, address):
    as_(bea).post(address, PROCESS | {"version": 0, "process": "Lo de Bea"})
    answer = as_(alice).post(address, PROCESS | {"version": 0, "process": "Lo mío"})
    as_(bea).post(address, PROCESS | {"version": 1, "process": "Lo de Bea, segunda vez"})
    again = as_(alice).post(address, sent(answer.text))
    assert again.status_code == 409
    assert offered(again.text, "process") == ["Lo de Bea, segunda vez", "Lo mío"]


def test_a_fragments_request_gets_the_fragment(as_, alice, bea, acme, address):
    as_(bea).post(address, PROCESS | {"version": 0, "process": "Lo de Bea"})
    answer = as_(alice).post(address, PROCESS | {"version": 0, "process": "Lo mío"}, headers={"HX-Request": "true"})
    assert (answer.status_code, "<html" in answer.text) == (409, False)
    assert offered(answer.text, "process") == ["Lo de Bea", "Lo mío"]


MEASURE = {
    "title": "Variadores", "resource": "energy", "kind": "technology", "investment": "42000", "annual_saving": "18500",
    "annual_cost": "0", "physical_saving": "", "physical_unit": "", "description": "", "site": "", "version": 0,
}  # fmt: skip


def test_choices_dates_amounts_and_places_of_a_measure(as_, alice, bea, acme, plant):
    measure = f.MeasureFactory(company=acme, created_by=alice, resource="water", investment=1000)
    address = reverse("empresa:measure", args=[measure.pk])
    theirs = MEASURE | {"resource": "waste", "investment": "2500.50", "site": plant.pk, "implemented_on": "2026-05-04"}
    assert as_(bea).post(address, theirs).status_code == 302
    answer = as_(alice).post(address, MEASURE | {"resource": "energy", "implemented_on": "2026-06-07"})
    assert answer.status_code == 409
    assert offered(answer.text, "resource") == ["waste", "energy"]
    assert offered(answer.text, "investment") == ["2,500.50", "42000"]
    assert offered(answer.text, "implemented_on") == ["2026-05-04", "2026-06-07"]
    for words in ("Residuos", "Energía", "04/05/2026", "07/06/2026", "2,500.5"):
        assert words in answer.text
    chosen = sent(answer.text, investment="2,500.50")
    assert chosen["site"] == str(plant.pk)
    assert as_(alice).post(address, chosen).status_code == 302
    row = Measure.objects.get()
    assert (row.resource, str(row.investment), row.site, str(row.implemented_on)) == (
        "energy", "2500.50", plant, "2026-06-07",
    )  # fmt: skip


def test_a_box_that_was_ticked_by_one_of_the_two(as_, alice, bea, acme):
    site = f.SiteFactory(company=acme, in_scope=True, reference="")
    address = reverse("empresa:site", args=[site.pk])
    data = {"name": site.name, "district": str(site.district), "street_type": "av", "street": "Grau", "version": 0}
    assert as_(bea).post(address, data | {"street": "Bolognesi"}).status_code == 302
    answer = as_(alice).post(address, data | {"in_scope": "on", "street": "Castilla"})
    assert answer.status_code == 409
    assert offered(answer.text, "street") == ["Bolognesi", "Castilla"]
    assert "in_scope" not in sent(answer.text) or sent(answer.text)["in_scope"] == ""
    as_(alice).post(address, sent(answer.text))
    site.refresh_from_db()
    assert (site.street, site.in_scope) == ("Castilla", False)


def test_files_sent_with_a_stale_answer_are_kept(as_, alice, bea, participation, acme):
    row = f.FulfilmentFactory(assessment=f.AssessmentFactory(company=acme))
    address = reverse("empresa:fulfilment", args=[row.pk])
    as_(bea).post(address, {"work": 1, "statement": "Lo de Bea", "version": 0})
    answer = as_(alice).post(
        address, {"work": 2, "statement": "Lo mío", "version": 0, "files": [upload("recibo.pdf", pdf())]}
    )
    assert answer.status_code == 409
    assert row.links.count() == 1
    assert offered(answer.text, "statement") == ["Lo de Bea", "Lo mío"]
    assert as_(alice).post(address, sent(answer.text)).status_code == 302
    row.refresh_from_db()
    assert (row.statement, row.work) == ("Lo mío", 2)


# Every other form that people edit together: (address, record, what one sends, what the other sends, field)


def of_export(acme, **_cast):
    row = f.ExportRecordFactory(company=acme)
    data = {name: str(getattr(row, name)) for name in ("declaration", "exported_on", "tariff_code", "fob_usd")}
    return reverse("empresa:export", args=[row.pk]), data | {"version": 0}, "destination", ("Brasil", "Japón")


def of_edition(edition, **_cast):
    page = reverse("panel:edition_edit", args=[edition.pk])
    days = {name: getattr(edition, name) or "" for name in DATES}
    data = {"name": edition.name, "year": edition.year, "standard_version": edition.standard_version_id} | days
    return page, data | {"version": edition.version}, "quota", ("15", "25")


def of_body(body, **_cast):
    data = {"name": body.name, "resolution": "R-1", "enabled_from": "2026-01-05", "status": "enabled", "version": 0}
    return reverse("panel:body", args=[body.pk]), data, "sectors", ("Agro", "Pesca")


def of_session(**_cast):
    session = f.SessionFactory()
    data = {"workshop": session.workshop_id, "starts_at": "2026-12-10T10:00", "mode": "onsite", "version": 0}
    return reverse("panel:session_edit", args=[session.pk]), data, "place", ("Auditorio", "Sala 2")


def of_parameter(edition, stella, **_cast):
    edition.set_parameter("correction_days", 20, note="Acta 1", by=stella)
    page = reverse("panel:edition_parameter", args=[edition.pk, "correction_days"])
    return page, {"note": "Acta", "version": edition.parameters.get().pk}, "value", ("25", "30")


def of_template(**_cast):
    return reverse("panel:template", args=["admission"]), {"body": "Lea", "version": 0}, "subject", ("Uno", "Otro")


def of_letter(edition, **_cast):
    page = reverse("panel:edition_letter", args=[edition.pk, "commitment"])
    return page, {"version": 0}, "text", ("Texto uno", "Texto dos")


@pytest.mark.parametrize(
    "of", [of_export, of_edition, of_body, of_session, of_parameter, of_template, of_letter], ids=lambda of: of.__name__
)
def test_the_second_of_two_chooses(as_, alice, bea, stella, ada, acme, body, edition, of):
    address, data, field, (first, second) = of(acme=acme, body=body, edition=edition, stella=stella)
    one, two = (bea, alice) if of is of_export else (ada if of in (of_edition, of_parameter) else stella, stella)
    answer = as_(one).post(address, data | {field: first})
    assert answer.status_code == 302, answer.text
    late = as_(two).post(address, data | {field: second})
    assert late.status_code == 409, late.text
    assert offered(late.text, field) == [first, second]
    assert as_(two).post(address, sent(late.text)).status_code == 302
    page = as_(two).get(address).text
    assert second in page


def test_minutes_of_two_auditors_meet(as_, otto, participation):
    audit = f.AuditFactory(participation=participation, state="started")
    audit.team.create(user=otto, declared_at=timezone.now())
    page = reverse("auditoria:minutes", args=[audit.pk])
    data = {"opening_minutes": "", "closing_minutes": "", "version": 0}
    assert as_(otto).post(page, data | {"conclusion": "Cumple"}).status_code == 302
    late = as_(otto).post(page, data | {"conclusion": "Cumple en parte"})
    assert (late.status_code, offered(late.text, "conclusion")) == (409, ["Cumple", "Cumple en parte"])
    assert as_(otto).post(page, sent(late.text)).status_code == 302
    audit.refresh_from_db()
    assert audit.conclusion == "Cumple en parte"
