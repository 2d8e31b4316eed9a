"""Step 5: evidence, review and one progress number for everybody."""

import re

from playwright.sync_api import expect

from companies.models import User
from programs.models import Participation
from requirements_std.models import Fulfilment

from .steps_entry import MAIL, rosa
from .world import press, text_of


def rows_of(world):
    assessment = Participation.objects.get(pk=world.facts["participation"]).assessment
    return assessment.fulfilments.applicable().order_by("requirement__number", "pk")


def evidence_is_attached_and_handed_in(world):
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/requisitos/")
    world.look(page, "05-tablero")
    world.facts["rows"] = [row.pk for row in rows_of(world)[:3]]
    for pk in world.facts["rows"]:
        world.go(page, f"/empresa/requisito/{pk}/")
        page.get_by_label("Avance").select_option("3")
        page.get_by_role("textbox").first.fill("Lo cumplimos: el documento adjunto lo muestra.")
        page.locator("#evidencias input[type=file]").set_input_files(world.file(f"evidencia-{pk}.pdf"))
        world.look(page, "05-requisito")
        press(page, "Guardar y presentar a revisión")
        assert Fulfilment.objects.get(pk=pk).state == "submitted"


def monitor_reviews(world):
    page, rows = world.person("monitor"), world.facts["rows"]
    world.go(page, "/monitor/")
    world.look(page, "05-inicio-monitor")
    world.go(page, "/monitor/por-revisar/")
    world.look(page, "05-por-revisar")
    _decide(world, page, rows[0], "Observar", "El documento no lleva fecha.")
    for pk in rows[1:]:
        _decide(world, page, pk, "Aceptar")
    company = rosa(world)
    world.go(company, f"/empresa/{world.facts['company']}/")
    press(company, "Ver lo observado")
    world.go(company, f"/empresa/requisito/{rows[0]}/")
    expect(company.get_by_text("El documento no lleva fecha.").first).to_be_visible()
    world.look(company, "05-observado")
    company.get_by_role("textbox").first.fill("Subimos la versión fechada.")
    company.locator("#evidencias input[type=file]").set_input_files(world.file("evidencia-fechada.pdf"))
    press(company, "Guardar y presentar a revisión")
    _decide(world, page, rows[0], "Aceptar")
    assert {Fulfilment.objects.get(pk=pk).state for pk in rows} == {"accepted"}


def _decide(world, page, pk, verdict, note=""):
    world.go(page, f"/monitor/requisito/{pk}/")
    page.locator(".dec").get_by_role("radio", name=re.compile(f"^{verdict}")).check()
    if note:
        page.locator(".dec").get_by_role("textbox").fill(note)
        world.look(page, "05-decidir")
    page.locator(".dec").get_by_role("button", name="Guardar y seguir").click()
    page.wait_for_load_state()


def progress_of(page):
    return re.search(r"(\d+) de (\d+) requisitos aceptados", text_of(page)).group(0)


def everybody_reads_the_same_progress(world):
    company, seen = world.facts["company"], {}
    for name, page, path in (
        ("company", rosa(world), f"/empresa/{company}/"),
        ("monitor", world.person("monitor"), f"/monitor/empresas/{company}/"),
        ("staff", world.person("coordinacion"), f"/panel/participaciones/{world.facts['participation']}/"),
    ):
        world.go(page, path)
        seen[name] = progress_of(page)
        world.look(page, f"05-avance-{name}")
    assert set(seen.values()) == {f"3 de {rows_of(world).count()} requisitos aceptados"}


def the_rest_is_accepted_and_the_company_is_ready(world):
    """The remaining rows go the same way through the models: a hundred times the same clicks prove nothing more."""
    someone = User.objects.get(email=MAIL)
    monitor = User.objects.get(email="monitor@demo.example")
    evidence = Fulfilment.objects.get(pk=world.facts["rows"][1]).evidences.first()
    for row in rows_of(world).exclude(state="accepted"):
        row.save_work(work=3, statement="Cumplido.", by=someone)
        row.add_evidence(by=someone, existing=[evidence])
        row.submit(by=someone)
        row.review("accepted", by=monitor)
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/")
    world.look(page, "05-listo-para-proponer")
    press(page, "Proponer la preauditoría")
    coach = world.person("monitor")
    world.go(coach, f"/monitor/empresas/{world.facts['company']}/")
    world.look(coach, "05-propuesta")
    coach.get_by_text(re.compile("Estoy de acuerdo|Acordar|De acuerdo|Aceptar")).first.click()
    if coach.locator("dialog[open]").count():
        coach.locator("dialog[open] button[type=submit], dialog[open] button:not([type])").last.click()
    coach.wait_for_load_state()
    assert Participation.objects.get(pk=world.facts["participation"]).state == "ready"
