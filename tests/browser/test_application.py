"""The application filled in by people: two at once, a session that ends, a server that dies, a telephone."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import expect

from companies.models import Company, Membership, User
from programs.models import Application

from .world import PHONE

pytestmark = pytest.mark.browser
SAVED = re.compile(r"Guardado a las \d\d:\d\d")
DRAFTED = re.compile(r"Guardado como borrador a las \d\d:\d\d")


@pytest.fixture
def draft(world):
    """The demonstration's draft; what its section «Empresa» says is the same before each test."""
    draft = Application.objects.get(company__memberships__user__email="postulante@demo.example", state="draft")
    Company.objects.filter(pk=draft.company_id).update(registry_office="Ica", registry_entry="11406609")
    return draft


def section(draft, name="empresa"):
    return f"/empresa/postulacion/{draft.pk}/{name}/"


def office(page):
    return page.get_by_label("Oficina registral")


def stored(draft):
    return Company.objects.get(pk=draft.company_id)


def test_a_field_saves_itself_and_is_there_on_another_device(world, draft):
    page = world.person("postulante")
    world.go(page, section(draft))
    office(page).fill("Tacna")
    expect(page.locator("#nota_registry_office")).to_have_text(SAVED)
    expect(page.locator("#guardado")).to_have_text(SAVED)
    page.get_by_label("Partida registral").fill("12")
    expect(page.locator("#nota_registry_entry")).to_contain_text("lleva entre 6 y 10 dígitos. Todavía no se guardó.")
    expect(page.get_by_label("Partida registral")).to_have_value("12")
    world.look(page, "postulacion-campo")
    telephone = world.person("postulante-telefono", email="postulante@demo.example", viewport=PHONE)
    world.go(telephone, section(draft))
    expect(office(telephone)).to_have_value("Tacna")
    expect(telephone.get_by_label("Partida registral")).to_have_value("11406609")


def colleague(world, draft):
    bea, _new = User.objects.get_or_create(email="empresa2@demo.example")
    Membership.objects.get_or_create(user=bea, company=draft.company, defaults={"role": "collaborator"})
    return world.person("empresa2")


def test_what_is_written_before_the_program_of_the_page_arrives_is_saved_too(world, draft):
    page = world.person("postulante")
    kept_back = []
    page.route("**/autosave.js", lambda route: kept_back.append(route))
    page.goto(world.url + section(draft), wait_until="commit")
    page.get_by_label("Partida registral").fill("11406611")
    page.get_by_label("Tamaño").select_option("micro")
    assert len(kept_back) == 1
    kept_back[0].continue_()
    for field in ("registry_entry", "size"):
        expect(page.locator(f"#nota_{field}")).to_have_text(SAVED)
    page.unroute("**/autosave.js")
    assert (stored(draft).registry_entry, stored(draft).size) == ("11406611", "micro")
    assert page.locator("[data-unsaved]").count() == 0


def test_colleagues_see_each_others_saves_and_choose_between_two_texts(world, draft):
    ana, bea = world.person("postulante"), colleague(world, draft)
    for page in (ana, bea):
        world.go(page, section(draft))
    office(bea).fill("Puno")
    expect(bea.locator("#nota_registry_office")).to_have_text(SAVED)
    ana.get_by_label("Nombre comercial").fill("Wayra de prueba")  # another field: the answer tells of Bea's
    expect(ana.locator("#colegas")).to_contain_text("guardó «Oficina registral»")
    expect(office(ana)).to_have_value("Puno")

    office(bea).fill("Lo que escribió Bea")
    expect(bea.locator("#nota_registry_office")).to_have_text(SAVED)
    office(ana).fill("Lo que escribió Ana")
    expect(ana.get_by_role("heading", name="Hay dos textos en «Oficina registral»")).to_be_visible()
    world.look(ana, "postulacion-dos-textos")
    assert stored(draft).registry_office == "Lo que escribió Bea"
    ana.get_by_role("button", name="Guardar lo mío").click()
    expect(ana.locator("#nota_registry_office")).to_have_text(SAVED)
    assert stored(draft).registry_office == "Lo que escribió Ana"


def test_without_asking_the_page_tells_what_a_colleague_saved_but_not_over_what_one_writes(world, draft):
    ana, bea = world.person("postulante"), colleague(world, draft)
    for page in (ana, bea):
        world.go(page, section(draft))
    ana.get_by_label("Partida registral").press_sequentially("5")  # she is at it
    office(bea).fill("Moquegua")
    expect(bea.locator("#nota_registry_office")).to_have_text(SAVED)
    expect(office(ana)).to_have_value("Moquegua", timeout=30_000)
    expect(ana.locator("#nota_registry_office")).to_contain_text("lo guardó a las")


def test_a_session_that_ended_loses_nothing(world, draft):
    page = world.person("postulante-sesion", email="postulante@demo.example")
    world.go(page, section(draft))
    quiet = len(world.complaints)
    page.context.clear_cookies(name="sesion")
    office(page).fill("Lo que no debe perderse")
    expect(page.locator("#guardado")).to_contain_text("Su sesión terminó. Lo que escribió sigue aquí")
    expect(office(page)).to_have_value("Lo que no debe perderse")
    assert stored(draft).registry_office == "Ica"
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Ingresar en otra pestaña").click()
    world.sign_in(opened.value, "postulante@demo.example", "demo-ecoeficiencia")
    page.bring_to_front()
    expect(page.locator("#nota_registry_office")).to_have_text(SAVED, timeout=30_000)
    assert stored(draft).registry_office == "Lo que no debe perderse"
    del world.complaints[quiet:]  # the browser notes each 401 and 403


@contextmanager
def server_of_its_own(world):
    """A server in a process, over the database and files of the walk; `start` and `kill` it as one likes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "ECO_DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "ECO_SITE_URL": f"http://127.0.0.1:{port}",
        "ECO_VAR": str(world.folder),
    }
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    running = []

    def start():
        log = (world.folder / "server.log").open("ab")
        running.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log))
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5)
            except OSError:
                time.sleep(0.2)
        raise AssertionError((world.folder / "server.log").read_text()[-2000:])

    def kill():
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()

    try:
        yield f"http://127.0.0.1:{port}", start, kill
    finally:
        if running and running[-1].poll() is None:
            kill()


def signed_in_at(world, url, name, **browser):
    page = world.visitor(name, **browser)
    page.goto(f"{url}/cuenta/login/")
    page.get_by_label("Correo electrónico").fill("postulante@demo.example")
    page.get_by_label("Contraseña").fill("demo-ecoeficiencia")
    page.get_by_role("button", name="Ingresar", exact=True).click()
    page.wait_for_url(lambda address: "/cuenta/login/" not in address)
    return page


def test_a_server_killed_between_two_saves_loses_at_most_the_field_being_typed(world, draft):
    with server_of_its_own(world) as (url, start, kill):
        start()
        page = signed_in_at(world, url, "postulante-corte")
        page.goto(url + section(draft))
        office(page).fill("Guardado antes del corte")
        expect(page.locator("#nota_registry_office")).to_have_text(SAVED)
        quiet = len(world.complaints)

        kill()
        page.get_by_label("Nombre comercial").fill("Escrito durante el corte")
        expect(page.locator("#guardado")).to_contain_text("Lo que escribió sigue aquí")
        assert stored(draft).registry_office == "Guardado antes del corte"

        start()  # what was being typed is sent by the page itself
        expect(page.locator("#nota_trade_name")).to_have_text(SAVED, timeout=40_000)
        assert stored(draft).trade_name == "Escrito durante el corte"

        kill()
        office(page).fill("Lo único que se pierde")
        page.close()  # the person gives up: only the field being typed is gone
        start()
        assert (stored(draft).registry_office, stored(draft).trade_name) == (
            "Guardado antes del corte",
            "Escrito durante el corte",
        )
        del world.complaints[quiet:]  # the browser notes each connection refused


def test_a_new_site_half_typed_when_the_server_was_killed_comes_back_on_another_device(world, draft):
    address, sites = f"/empresa/{draft.company_id}/sedes/nueva/", draft.company.sites.count()
    with server_of_its_own(world) as (url, start, kill):
        start()
        page = signed_in_at(world, url, "postulante-sede")
        page.goto(url + address)
        page.get_by_label("Nombre de la sede").fill("Planta a medias")
        expect(page.locator("#nota_name")).to_have_text(DRAFTED)
        page.get_by_label("Nombre de la vía").fill("Los Álamos")
        page.get_by_label("Referencia").focus()  # leaving a field saves it at once
        expect(page.locator("#nota_street")).to_have_text(DRAFTED)
        page.get_by_role("combobox", name="Distrito").first.fill("Nada")
        page.get_by_label("Referencia").focus()
        expect(page.locator("#nota_district")).to_contain_text("Quedó así en su borrador.")
        quiet = len(world.complaints)
        kill()
        page.get_by_label("Referencia").fill("Lo único que se pierde")
        expect(page.locator("#guardado")).to_contain_text("Lo que escribió sigue aquí")
        page.close()

        start()
        telephone = signed_in_at(world, url, "postulante-sede-telefono", viewport=PHONE)
        del world.complaints[quiet:]  # the browser notes each connection refused
        telephone.goto(url + address)
        typed = {"Nombre de la sede": "Planta a medias", "Nombre de la vía": "Los Álamos", "Referencia": ""}
        for label, text in typed.items():
            expect(telephone.get_by_label(label)).to_have_value(text)
        expect(telephone.get_by_role("combobox", name="Distrito").first).to_have_value("Nada")
        assert draft.company.sites.count() == sites
        world.look(telephone, "postulacion-sede-borrador")
        telephone.get_by_label("Nombre de la sede").press("Enter")  # presses «Guardar»
        telephone.get_by_text("No encontramos ese distrito").first.wait_for()
        telephone.goto(url + address)
        expect(telephone.get_by_label("Nombre de la sede")).to_have_value("Planta a medias")
        telephone.get_by_label("Referencia").fill("Frente al parque")
        telephone.get_by_role("button", name="Descartar el borrador").click()  # what was waiting is given up as well
        expect(telephone.get_by_label("Nombre de la sede")).to_have_value("")
        telephone.reload()
        expect(telephone.get_by_label("Referencia")).to_have_value("")
        expect(telephone.get_by_role("button", name="Descartar el borrador")).to_have_count(0)


def test_a_list_is_searched_with_the_keyboard(world, draft):
    page = world.person("postulante")
    world.go(page, section(draft, "proceso"))
    box = page.get_by_role("combobox", name="Actividad económica")
    box.press("Control+a")
    box.press_sequentially("conservacion frutas")
    option = page.get_by_role("option", name="1030")
    expect(option).to_be_visible()
    world.look(page, "postulacion-ciiu")
    box.focus()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", re.compile(".+"))
    box.press("Enter")
    expect(page.locator("#nota_activity")).to_have_text(SAVED)
    assert stored(draft).activity_id == "1030"


def test_a_search_that_finds_nothing_says_so_and_what_was_typed_comes_back(world, draft):
    Company.objects.filter(pk=draft.company_id).update(activity="1030")
    page = world.person("postulante")
    world.go(page, f"/empresa/{draft.company_id}/datos/proceso/")
    box = page.get_by_role("combobox", name="Actividad económica")
    box.press("Control+a")
    box.press_sequentially("zapaterías lunares")
    nothing = page.get_by_text("Ninguna actividad coincide con «zapaterías lunares». Pruebe con otra palabra")
    expect(nothing).to_be_visible()
    expect(nothing).to_have_attribute("role", "status")
    expect(page.get_by_role("listbox")).to_have_count(0)
    world.look(page, "datos-ciiu-nada")
    page.get_by_label("Productos").focus()
    expect(page.locator("#nota_activity")).to_contain_text("Elija una actividad de la lista")
    expect(box).to_have_value("zapaterías lunares")
    page.get_by_role("button", name="Guardar", exact=True).click()
    expect(page.locator(".errsum")).to_be_focused()
    expect(box).to_have_value("zapaterías lunares")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert stored(draft).activity_id == "1030"

    box.press("Control+a")  # the keyboard alone: Escape closes the list and then brings the choice back
    box.press_sequentially("conservacion frutas")
    expect(page.get_by_role("option", name="1030")).to_be_visible()
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_value("conservacion frutas")
    box.press("ArrowDown")
    expect(page.get_by_role("option", name="1030")).to_be_visible()
    box.press("ArrowUp")
    box.press("Home")
    box.press("ArrowDown")
    box.press("Tab")  # takes what is pointed at, and the focus goes on
    expect(page.get_by_label("Productos")).to_be_focused()
    expect(box).to_have_value(re.compile("1030 "))
    expect(page.locator("#nota_activity")).to_have_text(SAVED)


def test_every_other_list_says_that_it_found_nothing(world, draft):
    page = world.person("postulante")
    world.go(page, f"/empresa/{draft.company_id}/sedes/nueva/")
    page.get_by_role("combobox", name="Distrito").first.press_sequentially("Macondo")
    expect(page.get_by_text("Ningún distrito coincide con «Macondo».")).to_be_visible()
    world.look(page, "sede-distrito-nada")
    world.go(page, f"/empresa/{draft.company_id}/exportaciones/nueva/")
    country = page.get_by_role("combobox", name="País de destino")
    country.fill("")  # it begins with that of the last export
    country.press_sequentially("Liliput")
    expect(page.get_by_text("Ningún país coincide con «Liliput».")).to_be_visible()
    country.fill("")
    country.press_sequentially("usa")
    page.get_by_role("option", name="Estados Unidos", exact=True).click()
    expect(country).to_have_value("Estados Unidos")
    world.look(page, "exportacion-pais")


def test_a_site_that_is_there_saves_itself_and_shows_what_a_colleague_saves(world, draft):
    site = draft.company.sites.filter(closed_on=None).first()
    address = f"/empresa/sede/{site.pk}/"
    ana, bea = world.person("postulante"), colleague(world, draft)
    for page in (ana, bea):
        world.go(page, address)
    bea.get_by_label("Referencia").fill("Lo que escribió Bea")
    expect(bea.locator("#nota_reference")).to_have_text(SAVED)
    expect(bea.locator("#guardado")).to_have_text(SAVED)
    ana.get_by_label("Nombre de la vía").fill("Los Ficus")
    expect(ana.locator("#nota_street")).to_have_text(SAVED)
    expect(ana.get_by_label("Referencia")).to_have_value("Lo que escribió Bea")
    expect(ana.locator("#colegas")).to_contain_text("guardó «Referencia»")
    bea.get_by_label("Urbanización").fill("Santa Rosa")
    expect(ana.get_by_label("Urbanización")).to_have_value("Santa Rosa", timeout=30_000)  # ana asks by herself
    bea.get_by_label("Nombre de la vía").fill("Los Pinos")  # before bea's page has asked what ana saved
    expect(bea.locator("#nota_street")).to_have_text(re.compile(r"Guardado a las|Hay dos textos"))
    world.look(ana, "sede-guardada-sola")


def test_a_date_half_written_is_told_and_clears_nothing(world, draft):
    Company.objects.filter(pk=draft.company_id).update(started_on="2012-03-01")
    page = world.person("postulante")
    world.go(page, section(draft))
    day = page.get_by_label("Inicio de operaciones")
    day.focus()
    day.press("Delete")  # one of its three parts is gone: it has no value now
    page.get_by_label("Nombre comercial").focus()
    expect(page.get_by_text("La fecha está incompleta o no existe.")).to_be_visible()
    page.wait_for_timeout(1500)  # longer than a field waits before it saves itself
    assert str(stored(draft).started_on) == "2012-03-01"
    page.get_by_role("button", name="Guardar y volver").click()
    expect(day).to_be_focused()
    assert str(stored(draft).started_on) == "2012-03-01"


def test_an_amount_is_read_back_below_its_field(world, draft):
    page = world.person("postulante")
    world.go(page, f"/empresa/{draft.company_id}/exportaciones/nueva/")
    fob = page.get_by_label("Valor FOB")
    for typed, read in (("48.500,00", "Se lee: US$ 48,500.00"), ("US$ 48,500", "Se lee: US$ 48,500.00")):
        fob.fill(typed)
        page.get_by_label("Peso neto").focus()
        expect(page.locator("#id_fob_usd_lectura")).to_have_text(read)
        expect(fob).to_have_value(typed)
    fob.fill("48.500")
    page.get_by_label("Peso neto").focus()
    expect(page.locator("#nota_fob_usd")).to_contain_text("«48.500» puede leerse de dos maneras.")
    expect(page.locator("#id_fob_usd_lectura")).to_have_text("")
    world.look(page, "exportacion-monto")
    page.get_by_role("button", name="Descartar el borrador").click()


def test_a_district_is_chosen_step_by_step(world, draft):
    page = world.person("postulante")
    world.go(page, f"/empresa/{draft.company_id}/sedes/nueva/")
    page.get_by_text("Elegir por departamento y provincia").click()
    page.get_by_label("Departamento").select_option("Áncash")
    page.get_by_label("Provincia").select_option("Huaraz")
    page.locator("[data-step=distrito]").select_option(label="Independencia")
    expect(page.get_by_role("combobox", name="Distrito").first).to_have_value("Independencia, Huaraz, Áncash")
    world.look(page, "postulacion-distrito")
