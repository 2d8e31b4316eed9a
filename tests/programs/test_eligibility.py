"""S13-S19: each fact fails alone, in a sentence of its own."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companies.domains import web_domain
from companies.models import Company, ExportRecord, Site, SiteDocument, SiteDocumentFile
from ecoeficiencia.workdays import anniversary_eve
from programs.eligibility import Look, eligibility, months_before
from programs.models import Waiver
from programs.models.submission import unmet
from tests import factories as f
from tests.signing import sign_statement

ON, CLOSES = date(2026, 11, 24), date(2026, 12, 15)


@pytest.fixture
def ready(acme, alice, plant):
    """Acme's draft with everything in its place."""
    f.ExportRecordFactory(company=acme)
    edition = f.EditionFactory(opens_on=date(2026, 11, 1), closes_on=CLOSES)
    application = f.ApplicationFactory(edition=edition, company=acme, created_by=alice)
    sign_statement(application, by=alice, on=ON)
    return application


def found(application):
    company = Company.objects.get(pk=application.company_id)
    application = type(application).objects.get(pk=application.pk)
    return unmet(eligibility(company, application.edition, ON, application))


def test_a_complete_company_meets_everything(ready):
    assert found(ready) == []
    assert all(item.done for item in eligibility(ready.company, ready.edition, ON))


COMPANY = [
    ({"registry_entry": ""}, "legal", "Falta la partida registral"),
    ({"registry_office": ""}, "legal", "Falta la oficina registral"),
    ({"started_on": None}, "operation", "Falta la fecha de inicio de operaciones"),
    ({"started_on": date(2027, 1, 2)}, "operation", "(02/01/2027) aún no llega"),
    ({"started_on": date(2024, 12, 17)}, "operation", "no completa 2 años de operación"),
    ({"ruc_state": "BAJA DE OFICIO"}, "ruc_active", "Su RUC figura como BAJA DE OFICIO y HABIDO"),
    ({"ruc_condition": "NO HABIDO"}, "ruc_active", "ACTIVO y NO HABIDO"),
    ({"activity": None}, "production", "Falta la actividad económica"),
    ({"process": "  "}, "production", "Falta describir su proceso"),
    ({"phone": ""}, "contact", "Falta el teléfono"),
    ({"email": "acme@gmail.com"}, "corporate_mail", "gmail.com es un correo gratuito"),
    ({"website": ""}, "website", "Falta la página web"),
    ({"economic_debt": True}, "debts", "cuentas pendientes con PROMPERÚ (económicas)"),
    ({"documentary_debt": True}, "debts", "cuentas pendientes con PROMPERÚ (documentarias)"),
]


@pytest.mark.parametrize(("change", "key", "sentence"), COMPANY)
def test_each_fact_of_the_company_fails_alone(ready, change, key, sentence):
    Company.objects.filter(pk=ready.company_id).update(**change)
    [item] = found(ready)
    assert item.key == key
    assert sentence in str(item)
    assert item.owner == "company"


@pytest.mark.parametrize("domain", ["hotmail.com", "outlook.com", "yahoo.es", "icloud.com", "live.com", "proton.me"])
def test_free_mail_is_not_corporate(ready, domain):
    Company.objects.filter(pk=ready.company_id).update(email=f"acme@{domain}")
    assert [i.key for i in found(ready)] == ["corporate_mail"]


def test_a_company_that_only_trades_does_not_take_part(ready):
    trade = f.ActivityFactory(code="4630", section="G", name="Venta al por mayor de alimentos")
    Company.objects.filter(pk=ready.company_id).update(activity=trade)
    [item] = found(ready)
    assert (item.key, "es comercio" in str(item)) == ("production", True)


SITE = [
    ("licence", {"delete": True}, "Planta Ica: falta el documento «Licencia municipal de funcionamiento»."),
    ("itse", {"delete": True}, "Planta Ica: falta el documento «Certificado ITSE»."),
    (
        "itse",
        {"valid_until": date(2026, 12, 14)},
        "vence el 14/12/2026, antes del cierre de la convocatoria (15/12/2026)",
    ),
    ("licence", {"blob": None}, "falta subir el archivo"),
    ("itse", {"issued_on": date(2026, 12, 1)}, "fecha de emisión futura (01/12/2026)"),
]


@pytest.mark.parametrize(("kind", "change", "sentence"), SITE)
def test_each_paper_of_a_site_fails_alone(ready, plant, kind, change, sentence):
    rows = SiteDocument.objects.filter(site=plant, kind=kind)
    if "blob" in change:
        SiteDocumentFile.objects.filter(document__in=rows).delete()
    elif "delete" in change:
        f.forget_documents(site=plant, kind=kind)
    else:
        rows.update(**change)
    [item] = found(ready)
    assert item.key == f"{kind}:{plant.pk}"
    assert sentence in str(item)


def test_an_itse_that_ends_on_the_closing_day_is_good(ready, plant):
    SiteDocument.objects.filter(site=plant, kind="itse").update(valid_until=CLOSES)
    assert found(ready) == []


def test_without_a_site_in_the_scope_nothing_can_be_certified(ready):
    Site.objects.update(in_scope=False)
    assert [i.key for i in found(ready)] == ["sites", "sworn_statement"]  # what was sworn named the site


def test_an_export_must_be_there_and_recent(ready):
    ExportRecord.objects.update(exported_on=months_before(CLOSES, 24))
    assert found(ready) == []
    ExportRecord.objects.update(exported_on=months_before(CLOSES, 24) - timedelta(days=1))
    assert "Su última exportación es del 14/12/2024" in str(found(ready)[0])
    ExportRecord.objects.all().delete()
    assert "Falta registrar una exportación directa" in str(found(ready)[0])


def test_without_a_representative_the_statement_is_not_sworn_either(ready, acme):
    acme.mandates.all().delete()
    assert [i.key for i in found(ready)] == ["representation", "sworn_statement"]


def test_an_old_power_of_attorney_is_a_warning_only(ready, acme, stella):
    acme.mandates.update(power_issued_on=ON - timedelta(days=31))
    [item] = [i for i in eligibility(acme, ready.edition, ON) if i.key == "representation"]
    assert (item.done, "tiene 31 días y suele pedirse de hasta 30" in item.detail) == (True, True)
    ready.edition.set_parameter("power_max_days", 31, note="Acuerdo", by=stella)
    [item] = [i for i in eligibility(acme, ready.edition, ON) if i.key == "representation"]
    assert item.detail == acme.mandate_on(ON).full_name


def test_a_power_of_attorney_of_tomorrow_is_none(ready, acme):
    acme.mandates.update(power_issued_on=ON + timedelta(days=1))
    assert "lleva una fecha futura (25/11/2026)" in str(found(ready)[0])


def test_a_taxpayer_of_another_kind_is_taken_in_only_where_the_edition_says_so(ready, stella):
    Company.objects.filter(pk=ready.company_id).update(ruc="10054148289")
    [item] = [i for i in found(ready) if i.key == "legal"]
    assert "el RUC empieza con 20. El suyo empieza con 10: es de una persona natural" in str(item)
    ready.edition.set_parameter("ruc_prefixes", "10, 20", note="Acuerdo", by=stella)
    assert [i.key for i in found(ready) if i.key == "legal"] == []


def test_a_new_representative_swears_anew(ready, acme, alice):
    acme.represent(by=alice, full_name="Otra Persona", document_number="40112299", position="Gerente")
    assert "sworn_statement" in [i.key for i in found(ready)]


def test_another_mail_domain_than_the_web_is_a_warning_only(ready):
    Company.objects.filter(pk=ready.company_id).update(email="a@acme.pe", website="https://www.otro.pe")
    [item] = [i for i in eligibility(Company.objects.get(), ready.edition, ON) if i.key == "website"]
    assert (item.done, "acme.pe" in item.detail, "otro.pe" in item.detail) == (True, True, True)


def test_what_promperu_has_not_checked_waits_and_does_not_block(ready):
    Company.objects.update(ruc_checked_on=None, ruc_state="", ruc_condition="", debts_checked_on=None)
    items = {i.key: i for i in eligibility(Company.objects.get(), ready.edition, ON)}
    assert [(items[k].waiting, items[k].owner) for k in ("ruc_active", "debts")] == [(True, "staff")] * 2
    assert found(ready) == []


@pytest.mark.parametrize("general", [True, False])
def test_a_waiver_in_force_lifts_its_condition_and_shows(ready, plant, stella, general):
    f.forget_documents(site=plant, kind="itse")
    Waiver.objects.create(
        application=ready,
        condition="itse" if general else f"itse:{plant.pk}",
        reason="Renovación en trámite.",
        approved_by=stella,
        expires_on=ON,
    )
    assert found(ready) == []
    [item] = [i for i in eligibility(ready.company, ready.edition, ON) if i.key == f"itse:{plant.pk}"]
    assert item.waived
    assert unmet(eligibility(ready.company, ready.edition, ON + timedelta(days=1), ready)) != []


@given(started=st.dates(date(2020, 1, 1), date(2026, 11, 24)))
def test_two_years_end_on_the_eve_of_the_second_anniversary(started):
    edition = f.EditionFactory.build(closes_on=CLOSES, program=None, standard_version=None)
    edition.parameter = lambda key: 2
    look = Look.__new__(Look)
    look.company, look.edition, look.on, look.closes, look.since = (
        Company(started_on=started),
        edition,
        ON,
        CLOSES,
        None,
    )
    assert look.operation().done == (anniversary_eve(started, 2) <= CLOSES)
    # Independent of the counting above: started two years and a day before the closing, or earlier.
    assert look.operation().done == (started <= date(2024, 12, 16))


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2024, 2, 29), 24, date(2022, 2, 28)),
        (date(2026, 12, 15), 24, date(2024, 12, 15)),
        (date(2026, 1, 31), 1, date(2025, 12, 31)),
    ],
)
def test_months_run_date_to_date(day, months, before):
    assert months_before(day, months) == before


def test_a_web_address_is_its_domain():
    assert web_domain("https://www.acme.pe/inicio") == "acme.pe"
