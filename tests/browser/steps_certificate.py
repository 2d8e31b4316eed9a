"""Steps 7 to 9: the external audit, the decision, the certificate, the public page, savings and reminders."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from audits.models import Audit, Certificate, Decision
from programs import reminders

from .steps_audit import answer_the_rest, auditor_declares_and_plans, close_with_minutes, coming, option
from .steps_entry import rosa
from .world import press


def company_asks_an_enabled_body(world):
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/")
    press(page, "Elegir organismo")
    page.get_by_role("radio", name=re.compile("Cordillera")).check()
    page.get_by_label("Desde").fill(coming(0))
    page.get_by_label("Hasta").fill(coming(2))
    page.get_by_label("Mi empresa solicita").check()
    world.look(page, "07-solicitar")
    press(page, "Solicitar la auditoría")
    audit = Audit.objects.get(participation=world.facts["participation"], kind="certification")
    world.facts["external"] = audit.pk
    world.look(page, "07-solicitada")


def body_accepts_and_names_its_auditor(world):
    page, pk = world.person("organismo"), world.facts["external"]
    world.go(page, "/auditoria/solicitudes/")
    world.look(page, "07-solicitudes")
    page.get_by_role("link", name=re.compile("Conservas del Alba")).first.click()
    option(page.get_by_label("Auditor que nombra"), "Ernesto")
    world.look(page, "07-solicitud")
    press(page, "Aceptar la auditoría")
    auditor = world.person("externo")
    world.go(auditor, f"/auditoria/{world.facts['preaudit']}/", status=404)
    auditor_declares_and_plans(world, "externo", "external")
    assert Audit.objects.get(pk=pk).state == "started"


def external_auditor_recommends(world):
    page, audit = world.person("externo"), Audit.objects.get(pk=world.facts["external"])
    answer_the_rest(audit, "externo")
    world.go(page, f"/auditoria/{audit.pk}/lista/")
    world.look(page, "07-lista-respondida")
    close_with_minutes(world, "externo", "external", "Cerrar la auditoría", recommend="otorgar")
    world.facts["decision"] = Decision.objects.get(audit=audit).pk


def one_proposes_another_decides(world):
    page, pk = world.person("coordinacion"), world.facts["decision"]
    world.go(page, f"/panel/decisiones/{pk}/")
    page.get_by_role("radio", name=re.compile("Otorgar")).check()
    page.get_by_role("textbox").first.fill("Auditoría sin no conformidades abiertas.")
    world.look(page, "07-proponer")
    press(page, "Enviar propuesta")
    world.go(page, f"/panel/decisiones/{pk}/")
    assert page.get_by_role("button", name="Registrar la decisión").count() == 0
    world.look(page, "07-quien-propuso-no-decide")
    decider = world.person("decision")
    world.go(decider, f"/panel/decisiones/{pk}/")
    decider.get_by_role("radio", name=re.compile("Otorgar")).check()
    decider.get_by_role("textbox").first.fill("Conforme con la propuesta.")
    world.look(decider, "07-decidir")
    decider.get_by_role("button", name="Registrar la decisión").dblclick()
    expect(decider.locator("main")).to_contain_text("Otorgar", timeout=15_000)
    expect(decider.get_by_role("button", name="Registrar la decisión")).to_have_count(0)
    certificate = Certificate.objects.get(company=world.facts["company"])
    world.facts |= {"certificate": certificate.pk, "code": certificate.code}


def certificate_is_printed_and_verified(world):
    world.work()
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/certificado/")
    world.look(page, "08-certificado")
    pdf = page.get_by_role("link", name=re.compile("PDF|Descargar")).first.get_attribute("href")
    assert page.request.get(world.url + pdf).body().startswith(b"%PDF")
    expect(page.locator("main")).to_contain_text(re.compile("marca", re.I))
    certificate = Certificate.objects.get(pk=world.facts["certificate"])
    anybody = world.visitor()
    world.go(anybody, "/verificar/")
    world.look(anybody, "08-verificar")
    anybody.locator("main").get_by_role("textbox").first.fill(certificate.code)
    press(anybody, "Verificar")
    expect(anybody.locator("main")).to_contain_text(re.compile("vigente", re.I))
    expect(anybody.locator("main")).to_contain_text(certificate.number)
    world.look(anybody, "08-verificacion")
    world.go(anybody, "/catalogo/?q=Alba")
    expect(anybody.locator("main")).to_contain_text("Conservas del Alba")
    world.look(anybody, "08-catalogo")
    staff = world.person("coordinacion")
    world.go(staff, f"/panel/certificados/{certificate.pk}/")
    expect(staff.locator("main")).to_contain_text(re.compile("licencia", re.I))
    world.look(staff, "08-licencia")


def a_measure_shows_its_payback(world):
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/ahorros/")
    press(page, "Nueva medida")
    page.locator("[name=title]").fill("Luminarias LED en la planta")
    for name in ("resource", "kind"):
        page.locator(f"select[name={name}]").select_option(index=1)
    page.locator("[name=investment]").fill("12000")
    page.locator("[name=annual_saving]").fill("8000")
    world.look(page, "09-medida")
    press(page, "Guardar", exact=True)
    world.go(page, f"/empresa/{world.facts['company']}/ahorros/")
    expect(page.locator("main")).to_contain_text(re.compile("1[.,]5 años"))
    world.look(page, "09-ahorros")


def reminders_arrive_in_the_mailbox(world):
    ends = Certificate.objects.get(pk=world.facts["certificate"]).valid_until
    reminders.send(ends - timedelta(days=max(reminders.EXPIRY)))
    world.work()
    page = world.visitor()
    world.go(page, "/_/correo/")
    letter = page.locator("details.letter", has_text="Termina su certificado").filter(has_text="rosa.salinas")
    letter.first.locator("summary").click()
    world.look(page, "09-correo")
    assert timezone.localdate() < ends
