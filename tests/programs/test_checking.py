"""RUC and pending accounts of an applicant: asked of the registers, with source and day, or written by hand."""

from datetime import timedelta

import pytest
from django.urls import reverse

from companies.models import Debtor, Padron, TableImport, Taxpayer
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Application, ApplicationCheck, Participation
from tests import factories as f
from tests.signing import sign_statement

from .test_review import CLEAN, decide

pytestmark = pytest.mark.django_db


def padron(company, day, state="ACTIVO", condition="HABIDO"):
    Padron.objects.create(filename="padron.txt", sha256="0" * 64, as_of=day, taxpayers=1)
    Taxpayer.objects.update_or_create(
        pk=company.ruc, defaults={"name": company.legal_name, "state": state, "condition": condition}
    )


def debtors(user, day, *owing):
    source = TableImport.objects.create(
        kind="debtors", state="confirmed", blob=f.BlobFactory(), filename="deudas.xlsx", as_of=day, uploaded_by=user
    )
    for company, kind in owing:
        Debtor.objects.create(source=source, ruc=company.ruc, kind=kind, detail="Feria 2024")


@pytest.fixture
def complete(acme, alice, plant, edition, today):
    """A draft that only lacks to be handed in; nobody has looked the company up yet."""
    f.ExportRecordFactory(company=acme, exported_on=today - timedelta(days=60))
    type(acme).objects.update(ruc_state="", ruc_condition="", ruc_checked_on=None, debts_checked_on=None)
    application = f.ApplicationFactory(company=acme, edition=edition, created_by=alice)
    application.company.refresh_from_db()
    sign_statement(application, by=alice, on=today)
    return application


def checks(application):
    return list(application.checks.order_by("pk").values_list("kind", "moment", "met", "found"))


def test_both_registers_are_asked_when_an_application_is_handed_in(complete, alice, stella, today):
    padron(complete.company, today - timedelta(days=3))
    debtors(stella, today - timedelta(days=1))
    complete.submit(by=alice, on=today)
    assert checks(complete) == [
        ("ruc", "submission", True, "ACTIVO, HABIDO"),
        ("debts", "submission", True, "Sin cuentas pendientes."),
    ]
    check = complete.checks.get(kind="ruc")
    day = today - timedelta(days=3)
    assert (check.source, check.as_of, check.checked_on) == (f"Padrón reducido de SUNAT {day:%d/%m/%Y}", day, today)


@pytest.mark.parametrize(
    ("state", "condition", "sentence"),
    [("BAJA DE OFICIO", "HABIDO", "BAJA DE OFICIO y HABIDO"), ("ACTIVO", "NO HABIDO", "ACTIVO y NO HABIDO")],
)
def test_a_ruc_that_is_not_active_is_not_handed_in(complete, alice, today, state, condition, sentence):
    padron(complete.company, today, state, condition)
    with pytest.raises(IllegalMove, match=sentence):
        complete.submit(by=alice, on=today)
    complete.refresh_from_db()
    assert (complete.state, checks(complete)) == ("draft", [("ruc", "submission", False, f"{state}, {condition}")])


def test_a_ruc_that_the_padron_does_not_have_is_not_handed_in(complete, alice, other, today):
    padron(other, today)
    with pytest.raises(IllegalMove, match="Su RUC no figura en el padrón de SUNAT"):
        complete.submit(by=alice, on=today)


def test_pending_accounts_keep_the_application_back(complete, alice, stella, today):
    debtors(stella, today, (complete.company, "economic"), (complete.company, "documentary"))
    with pytest.raises(IllegalMove, match=r"cuentas pendientes con PROMPERÚ \(económicas, documentarias\)"):
        complete.submit(by=alice, on=today)
    assert checks(complete) == [("debts", "submission", False, "Económica: Feria 2024. Documentaria: Feria 2024")]


def test_a_register_that_is_too_old_says_nothing(complete, alice, today):
    padron(complete.company, today - timedelta(days=31), "BAJA DE OFICIO")
    complete.submit(by=alice, on=today)
    assert checks(complete) == []


def test_the_registers_are_asked_again_on_admission(filed, stella, rita, today):
    decide(filed, rita)
    padron(filed.company, today)
    debtors(stella, today, (filed.company, "economic"))
    application = Application.objects.get(pk=filed.pk)
    with pytest.raises(IllegalMove, match="cuentas pendientes"):
        application.admit(by=stella, grounds="Cumple.", on=today)
    assert checks(application) == [
        ("ruc", "admission", True, "ACTIVO, HABIDO"),
        ("debts", "admission", False, "Económica: Feria 2024"),
    ]
    debtors(stella, today)
    Application.objects.get(pk=filed.pk).admit(by=stella, grounds="Cumple.", on=today)
    assert Participation.objects.get().application_id == filed.pk
    assert checks(application)[-1] == ("debts", "admission", True, "Sin cuentas pendientes.")


def test_what_staff_write_against_a_register_needs_its_reason_and_stands(filed, rita, as_, today):
    padron(filed.company, today, "BAJA DE OFICIO")
    data = {f"consulta-{k}": v for k, v in CLEAN.items() if v} | {"consulta-checked_on": today.isoformat()}
    address = reverse("panel:application_checks", args=[filed.pk])
    refused = as_(rita).post(address, data)
    assert refused.status_code == 422
    assert "escriba por qué" in refused.text
    assert ApplicationCheck.objects.count() == 0
    assert as_(rita).post(address, data | {"consulta-reason": "Ficha RUC del día adjunta."}).status_code == 302
    check = filed.checks.get(kind="ruc")
    assert (check.met, check.reason, check.by, check.moment) == (True, "Ficha RUC del día adjunta.", rita, "hand")
    assert Application.objects.get(pk=filed.pk).check_registers(on=today, moment="admission") == []
    padron(filed.company, today + timedelta(days=1), "BAJA DE OFICIO")
    later = Application.objects.get(pk=filed.pk).check_registers(on=today + timedelta(days=1), moment="asked")
    assert [(c.kind, c.met) for c in later] == [("ruc", False)]


def test_loading_a_register_asks_it_about_everybody_whose_application_goes_on(filed, run_jobs, today):
    over = f.SubmittedApplicationFactory(edition=filed.edition, state="rejected")
    padron(filed.company, today, "SUSPENSION TEMPORAL")
    Job.enqueue("programs.recheck", key="recheck:padron:1", payload={})
    run_jobs()
    assert checks(filed) == [("ruc", "import", False, "SUSPENSION TEMPORAL, HABIDO")]
    assert checks(over) == []


def test_the_same_answer_of_the_same_register_is_written_once(filed, today):
    padron(filed.company, today)
    filed.check_registers(on=today, moment="asked")
    filed.check_registers(on=today, moment="asked")
    assert len(checks(filed)) == 1


def test_the_page_shows_result_source_and_day_and_asks_again(filed, rita, as_, today):
    padron(filed.company, today)
    answer = as_(rita).post(reverse("panel:application_recheck", args=[filed.pk]), follow=True)
    assert "RUC activo y habido: ACTIVO, HABIDO" in answer.text
    assert f"Padrón reducido de SUNAT {today:%d/%m/%Y}" in answer.text
    assert f"ACTIVO, HABIDO (Padrón reducido de SUNAT {today:%d/%m/%Y})." in answer.text
    assert as_(rita).get(reverse("panel:application_recheck", args=[filed.pk])).status_code == 405


def test_asked_again_in_vain_the_page_says_which_registers_there_are(filed, rita, as_, today):
    padron(filed.company, today - timedelta(days=60))
    answer = as_(rita).post(reverse("panel:application_recheck", args=[filed.pk]), follow=True)
    assert f"El padrón cargado es del {today - timedelta(days=60):%d/%m/%Y}." in answer.text
    assert "No hay lista de cuentas pendientes cargada." in answer.text


def test_what_one_register_says_is_told_beside_why_the_other_says_nothing(filed, rita, as_, today):
    debtors(rita, today)
    answer = as_(rita).post(reverse("panel:application_recheck", args=[filed.pk]), follow=True)
    assert f"Sin cuentas pendientes (Lista de cuentas pendientes del {today:%d/%m/%Y}, deudas.xlsx)." in answer.text
    assert "RUC activo y habido: sin novedad. No hay padrón cargado." in answer.text
