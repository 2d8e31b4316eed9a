"""Two ways to contest: a rejected company asks to be reconsidered, and a person claims a RUC that is on record."""

import re

import pytest
from playwright.sync_api import expect

from companies.models import Claim, Company, User
from programs.models import Appeal, Application

from .world import confirm, press, settled

pytestmark = pytest.mark.browser


# A RUC that is on record


def claimant_is_told_nothing_and_claims_with_a_proof(world):
    page = world.person("postulante")
    taken = Company.objects.get(memberships__user__email="empresa@demo.example")
    world.facts["taken"] = taken.pk
    world.go(page, "/empresa/nueva/")
    page.get_by_label("RUC", exact=False).first.fill(taken.ruc)
    page.get_by_label("Razón social").fill("La que decimos S.A.C.")
    page.get_by_label("Representante legal").check()
    press(page, "Registrar", exact=True)
    assert str(taken) not in page.locator("main").inner_text()
    world.look(page, "10-ruc-registrado")
    press(page, "Reclamar este RUC con una prueba")
    expect(page.get_by_label("RUC", exact=False).first).to_have_value(taken.ruc)
    page.get_by_role("group", name="Función que pide").get_by_role("radio").nth(1).check()
    page.get_by_label("Por qué le corresponde").fill("Coordino desde mayo.")
    page.get_by_label("Prueba").set_input_files(world.file("vigencia-de-poder.pdf", "Vigencia de poder"))
    world.look(page, "10-reclamar")
    press(page, "Presentar el reclamo")
    expect(page.get_by_text("Le toca a PROMPERÚ")).to_be_visible()
    world.facts["claim"] = Claim.objects.get(claimed_by__email="postulante@demo.example").pk
    world.look(page, "10-reclamo")
    world.go(page, f"/empresa/{taken.pk}/", status=404)


def staff_see_the_proof_and_grant_it(world):
    page = world.person("coordinacion")
    world.go(page, "/panel/")
    press(page, "Reclamos por un RUC")
    world.look(page, "10-reclamos")
    page.locator(f"a[href='/panel/reclamos/{world.facts['claim']}/']").first.click()
    expect(page.locator("iframe[title='vigencia-de-poder.pdf']")).to_be_visible()
    settled(page)
    order = [heading.split(".")[0] for heading in page.locator("main h2").all_inner_texts() if heading[0].isdigit()]
    assert order == ["1", "2", "3", "4"]
    world.look(page, "10-resolver-reclamo")
    form = page.locator("form", has=page.get_by_role("button", name="Conceder", exact=True))
    form.get_by_label("Motivo").fill("La vigencia de poder la nombra.")
    form.get_by_role("button", name="Conceder", exact=True).click()
    expect(page.get_by_text("La vigencia de poder la nombra.").first).to_be_visible()
    world.look(page, "10-concedido")


def claimant_enters(world):
    page = world.person("postulante")
    world.go(page, f"/empresa/reclamos/{world.facts['claim']}/")
    world.look(page, "10-respuesta")
    press(page, "Ir a la empresa")
    expect(page).to_have_url(re.compile(f"/empresa/{world.facts['taken']}/"))


# A rejection


def rejected_company(world):
    """The browser of the person who handed in the application that is rejected."""
    return world.person("rechazada", email=Application.objects.get(pk=world.facts["rejected"]).submitted_by.email)


def staff_reject_and_send_the_mail_that_waits(world):
    application, staff = Application.objects.get(state="submitted"), User.objects.get(email="coordinacion@demo.example")
    world.facts["rejected"] = application.pk
    for item in application.items.all():
        refused = item.key == "production"
        verdict, reason = ("rejected", "No describe ninguna transformación.") if refused else ("accepted", "")
        application.decide_item(item, verdict=verdict, reason=reason, by=staff, seen=item.version)
    page = world.person("coordinacion")
    world.go(page, f"/panel/postulaciones/{application.pk}/#decidir")
    confirm(page, "No admitir", fill={"Motivación": "No acredita un proceso de transformación."})
    expect(page.get_by_text("La empresa todavía no recibió el aviso")).to_be_visible()
    world.look(page, "11-no-admitida")
    company = rejected_company(world)
    world.go(company, f"/empresa/postulacion/{application.pk}/reconsideracion/")
    expect(company.get_by_text("empieza cuando PROMPERÚ le envíe el aviso")).to_be_visible()
    press(page, "Ver el borrador")
    page.locator("table.tbl a.ttl").first.click()
    world.look(page, "11-borrador")
    confirm(page, "Enviar")
    world.go(page, f"/panel/postulaciones/{application.pk}/")
    expect(page.get_by_text("La empresa todavía no recibió el aviso")).to_have_count(0)


def company_reads_why_and_asks(world):
    page, pk = rejected_company(world), world.facts["rejected"]
    world.go(page, f"/empresa/postulacion/{pk}/")
    expect(page.get_by_text("No describe ninguna transformación.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("quedan 15 días hábiles")
    world.look(page, "11-empresa-no-admitida")
    press(page, "Pedir que se reconsidere")
    press(page, "Presentar", exact=True)
    assert page.locator(".errsum").evaluate("e => e === document.activeElement")
    page.get_by_label("Por qué pide que se reconsidere").fill("El proceso está en la memoria: secado y molienda.")
    page.get_by_label("Prueba").set_input_files(world.file("memoria.pdf", "Memoria del proceso"))
    world.look(page, "11-pedir")
    press(page, "Presentar", exact=True)
    expect(page.get_by_text("La verá una persona que no revisó ni decidió su postulación.")).to_be_visible()
    world.look(page, "11-pedida")
    world.facts["appeal"] = Appeal.objects.get(application=pk).pk


def who_decided_is_not_offered_and_another_takes_it(world):
    page, pk = world.person("coordinacion"), world.facts["appeal"]
    world.go(page, f"/panel/reconsideraciones/{pk}/")
    assert "Carmen" not in page.get_by_label("Quien la ve").inner_text()
    expect(page.get_by_text("La resuelve otra persona")).to_be_visible()
    world.look(page, "11-quien-decidio")
    judge = world.person("revision")
    world.go(judge, "/panel/")
    press(judge, "Reconsideraciones por resolver")
    world.look(judge, "11-reconsideraciones")
    judge.locator(f"a[href='/panel/reconsideraciones/{pk}/']").click()
    press(judge, "La veo yo")
    world.look(judge, "11-resolver")
    judge.get_by_label("Infundada").check()
    judge.get_by_label("Motivación").fill("La memoria describe embalaje, no transformación.")
    press(judge, "Resolver", exact=True)
    expect(judge.get_by_text("Resolvió la reconsideración")).to_be_visible()
    world.look(judge, "11-resuelta")


def company_reads_the_answer(world):
    page = rejected_company(world)
    world.go(page, f"/empresa/postulacion/{world.facts['rejected']}/")
    expect(page.get_by_text("PROMPERÚ mantuvo su decisión")).to_be_visible()
    world.look(page, "11-respuesta")
    press(page, "Ver la reconsideración")
    expect(page.get_by_text("La memoria describe embalaje, no transformación.").first).to_be_visible()
    world.look(page, "11-fin")


CLAIM = (claimant_is_told_nothing_and_claims_with_a_proof, staff_see_the_proof_and_grant_it, claimant_enters)
APPEAL = (
    staff_reject_and_send_the_mail_that_waits, company_reads_why_and_asks,
    who_decided_is_not_offered_and_another_takes_it, company_reads_the_answer,
)  # fmt: skip


@pytest.mark.parametrize("step", [*CLAIM, *APPEAL], ids=lambda step: step.__name__)
def test_what_was_decided_is_contested(world, step):
    world.walk(step)
