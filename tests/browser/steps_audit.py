"""Step 6: the pre-audit with one minor nonconformity, answered, verified and closed."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from audits.models import Audit, NonConformity
from companies.models import Appointment, Duty, User
from programs.models import Participation

from .steps_entry import rosa
from .world import confirm, press


def coming(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def option(select, words):
    """Choose the option that contains `words`."""
    select.select_option(label=next(text for text in select.locator("option").all_inner_texts() if words in text))


def preaudit_is_opened(world):
    Appointment.objects.create(user=User.objects.get(email="monitor@demo.example"), duty=Duty.PREAUDITOR)
    page = world.person("coordinacion")
    world.go(page, f"/panel/participaciones/{world.facts['participation']}/preauditoria/")
    option(page.get_by_label("Auditor", exact=True), "Diego")
    page.get_by_label("Desde").fill(coming(0))
    page.get_by_label("Hasta").fill(coming(2))
    page.locator("main").get_by_role("button", name="Abrir preauditoría").click()
    expect(page.locator(".errsum")).to_contain_text("es o fue monitor de")
    world.look(page, "06-monitor-no-audita")
    option(page.get_by_label("Auditor", exact=True), "Patricia")
    page.locator("main").get_by_role("button", name="Abrir preauditoría").click()
    page.wait_for_load_state()
    audit = Audit.objects.get(participation=world.facts["participation"], kind="preaudit")
    world.facts["preaudit"] = audit.pk
    world.look(page, "06-preauditoria-abierta")


def auditor_declares_and_plans(world, account="auditor", fact="preaudit"):
    page, pk = world.person(account), world.facts[fact]
    world.go(page, "/auditoria/")
    world.look(page, f"06-inicio-{account}")
    world.go(page, f"/auditoria/{pk}/")
    press(page, "Declaro que estoy libre de conflicto")
    page.get_by_label("Desde").fill(coming(0))
    page.get_by_label("Hasta").fill(coming(2))
    page.get_by_label("Agenda").fill("Día 1, 9:00: reunión de apertura en Planta Alba.")
    world.look(page, f"06-plan-{account}")
    press(page, "Enviar el plan a la empresa")
    company = rosa(world)
    world.go(company, f"/empresa/{world.facts['company']}/")
    press(company, "Ver el plan")
    world.look(company, f"06-plan-empresa-{account}")
    confirm(company, "Aceptar el plan")
    world.go(page, f"/auditoria/{pk}/")
    page.get_by_label("Acta de apertura").fill("Asisten Rosa Salinas y el equipo auditor. Alcance confirmado.")
    press(page, "Iniciar y congelar la lista")
    world.go(page, f"/auditoria/{pk}/lista/")
    world.look(page, f"06-lista-{account}")
    assert Audit.objects.get(pk=pk).state == "started"


def one_minor_nonconformity(world):
    page, audit = world.person("auditor"), Audit.objects.get(pk=world.facts["preaudit"])
    check = audit.checks.order_by("pk").first()
    world.go(page, f"/auditoria/verificacion/{check.pk}/")
    page.get_by_role("radio", name="NC menor").check()
    page.get_by_label("Hallazgo").fill("La política no se comunicó al turno de noche.")
    page.get_by_label("Evidencia revisada").fill("Registro de inducción de octubre.")
    page.get_by_label("Método").select_option(index=1)
    world.look(page, "06-verificacion")
    press(page, "Guardar y seguir")
    answer_the_rest(audit, "auditor")
    close_with_minutes(world, "auditor", "preaudit", "Cerrar con no conformidades")
    nc = NonConformity.objects.get(audit=audit)
    world.facts |= {"nc": nc.pk, "nc_number": nc.number}


def answer_the_rest(audit, account):
    """The other checks conform; they are recorded through the model: the form was walked once."""
    auditor = User.objects.get(email=f"{account}@demo.example")
    for check in audit.checks.filter(result=""):
        audit.record(
            check, by=auditor, version=check.version, result="conforming", method="document", evidence_seen="Visto."
        )


def close_with_minutes(world, account, fact, label, recommend=""):
    page, pk = world.person(account), world.facts[fact]
    world.go(page, f"/auditoria/{pk}/")
    page.get_by_label("Acta de cierre").fill("Se leyeron los hallazgos; la empresa los entendió.")
    page.get_by_label("Conclusiones").fill("El sistema de ecoeficiencia funciona.")
    if recommend:
        page.get_by_label("Recomendación").select_option(index=1)
    press(page, "Guardar las actas")
    world.look(page, f"06-cerrar-{account}")
    confirm(page, label)


def external_request_is_refused_while_it_is_open(world):
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/auditoria-externa/")
    expect(page.locator("main")).to_contain_text(world.facts["nc_number"])
    world.look(page, "06-externa-impedida")


def company_answers_with_cause_and_action(world):
    page, pk = rosa(world), world.facts["nc"]
    world.go(page, f"/empresa/{world.facts['company']}/")
    press(page, f"Responder {world.facts['nc_number']}")
    page.get_by_label("Descripción").or_(page.get_by_label("Acción")).first.fill("Inducción a los tres turnos.")
    page.get_by_label("Responsable").fill("Rosa Salinas")
    page.locator("input[type=date]").fill(coming(10))
    press(page, "Añadir", exact=True)
    page.get_by_label("Corrección").fill("Se comunicó la política al turno de noche.")
    page.get_by_label("Causa").fill("El plan de inducción no incluía el turno de noche.")
    world.look(page, "06-responder-nc")
    press(page, "Enviar al auditor")
    assert NonConformity.objects.get(pk=pk).state == "answered"
    press(page, "Terminar")
    page.get_by_label("Terminada el").fill(coming(0))
    page.get_by_label("Evidencia").set_input_files(world.file("induccion.pdf"))
    world.look(page, "06-terminar-accion")
    press(page, "Terminar acción")


def auditor_verifies_and_staff_confirm(world):
    page, pk = world.person("auditor"), world.facts["nc"]
    world.go(page, f"/auditoria/nc/{pk}/")
    page.get_by_label("Cómo se verificó").fill("Lista de asistencia de los tres turnos.")
    world.look(page, "06-verificar-nc")
    press(page, "Verificar y cerrar")
    world.go(page, f"/auditoria/{world.facts['preaudit']}/")
    confirm(page, "Cerrar la auditoría")
    staff = world.person("coordinacion")
    world.go(staff, f"/panel/auditorias/{world.facts['preaudit']}/")
    world.look(staff, "06-por-confirmar")
    confirm(staff, "Confirmar")
    assert Participation.objects.get(pk=world.facts["participation"]).state == "preaudit_passed"
