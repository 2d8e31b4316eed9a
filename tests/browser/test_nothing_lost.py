"""What a person wrote or chose stays on the page when something goes wrong."""

import pytest

from ecoeficiencia.demo import PASSWORD
from requirements_std.models import Fulfilment

pytestmark = pytest.mark.browser


def test_a_file_that_is_too_large_is_left_out_by_name_and_the_others_stay_chosen(world):
    page = world.person("empresa")
    world.go(page, "/empresa/1/evidencias/")
    large = {"name": "enorme.pdf", "mimeType": "application/pdf", "buffer": b"%PDF" + bytes(26 * 1024 * 1024)}
    small = {"name": "acta.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    field = page.locator("main input[type=file]").first
    field.set_input_files([large, small])
    page.get_by_text("«enorme.pdf» pesa 26 MB y se dejó fuera").wait_for()
    assert field.evaluate("e => [...e.files].map(file => file.name)") == ["acta.pdf"]


def test_what_was_being_written_when_a_session_was_closed_elsewhere_is_sent_after_signing_in_anew(world):
    page = world.person("empresa")
    world.go(page, "/empresa/requisito/20/")
    page.get_by_label("Cómo lo cumple").fill("Lo que no debe perderse")
    page.context.clear_cookies(name="sesion")
    save = page.get_by_role("button", name="Guardar", exact=True)
    save.click()
    page.get_by_text("Lo que escribió sigue aquí").wait_for()
    assert page.get_by_label("Cómo lo cumple").input_value() == "Lo que no debe perderse"
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Ingresar en otra pestaña").click()
    world.sign_in(opened.value, "empresa@demo.example", PASSWORD)
    quiet = len(world.complaints)
    save.click()
    page.get_by_text("la página era de su sesión anterior").wait_for()
    del world.complaints[quiet:]  # the browser itself tells of the 403
    save.click()
    page.get_by_text("Guardado:").first.wait_for()
    assert Fulfilment.objects.get(pk=20).statement == "Lo que no debe perderse"


def test_without_javascript_too(world):
    page = world.person("sin-javascript", "empresa@demo.example", java_script_enabled=False)
    world.go(page, "/empresa/requisito/20/")
    page.get_by_label("Cómo lo cumple").fill("Escrito sin JavaScript")
    page.context.clear_cookies(name="sesion")
    page.get_by_role("button", name="Guardar", exact=True).click()
    page.wait_for_url("**/cuenta/login/**")
    page.get_by_label("Correo electrónico").fill("empresa@demo.example")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    page.wait_for_url("**/sin-enviar/")
    page.get_by_text("Escrito sin JavaScript").wait_for()
    page.get_by_role("button", name="Enviar").click()
    page.wait_for_url("**/empresa/requisito/20/")
    assert Fulfilment.objects.get(pk=20).statement == "Escrito sin JavaScript"
