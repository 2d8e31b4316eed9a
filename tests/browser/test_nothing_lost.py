"""What a person wrote or chose stays on the page when something goes wrong."""

import pytest

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


def test_what_was_being_written_when_a_session_was_closed_elsewhere_stays_on_the_page(world):
    page = world.person("empresa")
    world.go(page, "/empresa/requisito/20/")
    page.get_by_label("Cómo lo cumple").fill("Lo que no debe perderse")
    page.context.clear_cookies(name="sesion")
    page.get_by_role("button", name="Guardar", exact=True).click()
    page.get_by_text("Lo que escribió sigue aquí").wait_for()
    assert page.get_by_label("Cómo lo cumple").input_value() == "Lo que no debe perderse"
