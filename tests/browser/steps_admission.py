"""Steps 3 and 4: PROMPERÚ admits the company; letter, monitor, implementation and attendance."""

import re

from playwright.sync_api import expect

from programs.models import Application, CommitmentLetter, Participation, Session

from .steps_entry import rosa
from .world import confirm, press


def staff_observes_one_item(world):
    page, pk = world.person("coordinacion"), world.facts["application"]
    world.go(page, "/panel/postulaciones/")
    world.look(page, "03-cola")
    page.get_by_role("link", name="Conservas del Alba").first.click()
    world.look(page, "03-expediente")
    page.get_by_text("Registrar la verificación").click()
    press(page, "Registrar", exact=True)
    _decide_items(world, page, observed="licencia")
    world.go(page, f"/panel/postulaciones/{pk}/")
    world.look(page, "03-por-observar")
    confirm(page, "Enviar observaciones")
    assert Application.objects.get(pk=pk).state == "observed"


def _decide_items(world, page, observed=""):
    """Decide what is pending, item by item, as the page leads on."""
    application = Application.objects.get(pk=world.facts["application"])
    for item in application.items.filter(verdict="pending").order_by("pk"):
        world.go(page, f"/panel/postulaciones/{application.pk}/?punto={item.pk}")
        if observed and observed in str(item.title).lower():
            page.locator("#punto").get_by_label("Observar", exact=True).check()
            page.locator("#punto").get_by_label("Motivo o qué debe corregir").fill("No se lee el número de licencia.")
            world.look(page, "03-punto")
        else:
            page.locator("#punto").get_by_label("Aceptar", exact=True).check()
        page.locator("#punto").get_by_role("button", name="Guardar y seguir").click()
        page.wait_for_load_state()


def company_mends_only_that(world):
    page, pk = rosa(world), world.facts["application"]
    world.go(page, f"/empresa/{world.facts['company']}/")
    press(page, "Ver las observaciones")
    expect(page.get_by_text("No se lee el número de licencia.").first).to_be_visible()
    world.look(page, "03-observada")
    world.go(page, f"/empresa/postulacion/{pk}/empresa/")
    assert page.get_by_label("Partida registral").count() == 0
    world.look(page, "03-seccion-cerrada")
    world.go(page, f"/empresa/postulacion/{pk}/sedes/")
    assert page.get_by_role("link", name=re.compile("Ver o cambiar.*ITSE")).count() == 0
    page.get_by_role("link", name=re.compile("Ver o cambiar.*Licencia")).click()
    page.get_by_text("Reemplazar LIC-77.pdf").click()
    page.get_by_label("Archivo que lo reemplaza").set_input_files(world.file("licencia-legible.pdf"))
    press(page, "Guardar la versión")
    world.look(page, "03-licencia-reemplazada")
    world.go(page, f"/empresa/postulacion/{pk}/")
    page.get_by_label("Qué corrigió").fill("Subimos la licencia escaneada otra vez.")
    page.get_by_role("button", name=re.compile("Marcar como subsanado")).click()
    press(page, "Revisar y presentar")
    expect(page.get_by_text("Subimos la licencia escaneada otra vez.")).to_be_visible()
    world.look(page, "03-resumen-subsanacion")
    press(page, "Presentar la subsanación", exact=True)
    assert Application.objects.get(pk=pk).state == "mended"
    world.look(page, "03-subsanada")


def staff_admits(world):
    page, pk = world.person("coordinacion"), world.facts["application"]
    _decide_items(world, page)
    world.go(page, f"/panel/postulaciones/{pk}/")
    confirm(page, "Admitir", fill={"Motivación": "Cumple todos los requisitos de la convocatoria."})
    world.facts["participation"] = Participation.objects.get(application=pk).pk
    world.look(page, "03-admitida")


def letter_is_signed_and_verified(world):
    page = rosa(world)
    letter = CommitmentLetter.objects.get(participation=world.facts["participation"])
    world.go(page, f"/empresa/{world.facts['company']}/")
    press(page, "Abrir la carta")
    expect(page.get_by_text("Estamos preparando el PDF")).to_be_visible()
    world.work()
    expect(page.get_by_role("link", name="Descargar la carta (PDF)")).to_be_visible(timeout=20_000)  # by itself
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Descargar la carta (PDF)").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")
    world.look(page, "03-carta")
    press(page, "Leer y firmar en pantalla")
    world.look(page, "03-carta-en-pantalla")
    world.go(page, f"/empresa/carta/{letter.pk}/")
    page.get_by_label("Copia firmada").set_input_files(world.file("carta-firmada.pdf"))
    press(page, "Enviar a PROMPERÚ")
    expect(page.get_by_text("PROMPERÚ está verificando su carta")).to_be_visible()
    staff = world.person("coordinacion")
    world.go(staff, f"/panel/cartas/{letter.pk}/")
    world.look(staff, "03-verificar-carta")
    confirm(staff, "Verificar")
    letter.refresh_from_db()
    assert letter.state == "verified"


def monitor_is_assigned_and_implementation_opens(world):
    staff, pk = world.person("coordinacion"), world.facts["participation"]
    world.go(staff, f"/panel/participaciones/{pk}/")
    monitors = staff.get_by_label("Monitor", exact=True)
    name = next(text for text in monitors.locator("option").all_inner_texts() if "Diego" in text)
    monitors.select_option(label=name)
    staff.locator("#monitor").get_by_role("button", name="Asignar").click()
    staff.wait_for_load_state()
    world.look(staff, "03-participacion")
    assert Participation.objects.get(pk=pk).state == "implementing"
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/")
    world.look(page, "03-implementacion")


def attendance_is_recorded_and_seen(world):
    staff = world.person("coordinacion")
    participation = Participation.objects.get(pk=world.facts["participation"])
    sessions = Session.objects.filter(workshop__edition=participation.edition).order_by("workshop__number", "starts_at")
    held = {}
    for session in sessions:
        held.setdefault(session.workshop.number, session.pk)
    world.go(staff, "/panel/talleres/")
    world.look(staff, "04-talleres")
    for number, pk in list(held.items())[1:9]:  # eight of the ten modules
        world.go(staff, f"/panel/talleres/{pk}/")
        if number == 1:
            world.look(staff, "04-asistencia-antes")
        row = staff.locator("tr", has_text="Conservas del Alba")
        if row.get_by_label(re.compile("Rosa Salinas")).count():
            row.get_by_label(re.compile("Rosa Salinas")).first.check()
        else:
            row.get_by_role("textbox").fill("Rosa Salinas Vega")
        press(staff, "Guardar asistencia")
    world.look(staff, "04-asistencia")
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/talleres/")
    expect(page.locator("main")).to_contain_text("8 de 10")
    expect(page.locator("main")).to_contain_text("80 %")
    world.look(page, "04-mi-asistencia")


# To be observed, to mend, to be admitted; what follows admission is another walk's.
STEPS = (staff_observes_one_item, company_mends_only_that, staff_admits)
