"""Phones, keyboards and browsers without scripts."""

import pytest
from playwright.sync_api import expect

from companies.models import Company
from programs.models import Application, Edition

from .world import PHONE

pytestmark = pytest.mark.browser


def main_pages():
    """Ten main pages of all doors: whose browser, and the address."""
    company = Company.objects.get(memberships__user__email="empresa@demo.example")
    return [
        ("visitor", "/"),
        ("visitor", f"/convocatoria/{Edition.objects.order_by('-year').first().pk}/"),
        ("visitor", "/catalogo/"),
        ("empresa", f"/empresa/{company.pk}/"),
        ("empresa", f"/empresa/{company.pk}/requisitos/"),
        ("monitor", "/monitor/"),
        ("monitor", "/monitor/por-revisar/"),
        ("auditor", "/auditoria/"),
        ("coordinacion", "/panel/"),
        ("coordinacion", "/panel/postulaciones/"),
    ]


def test_no_page_is_wider_than_a_phone(world):
    wide = {}
    for who, path in main_pages():
        page = world.visitor() if who == "visitor" else world.person(who)
        page.set_viewport_size(PHONE)
        world.go(page, path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[path] = width
    assert wide == {}


def test_the_first_tab_skips_to_the_content(world):
    page = world.visitor()
    world.go(page, "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Saltar al contenido")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenido"


def test_the_summary_of_errors_receives_the_focus(world):
    page = world.person("postulante")
    world.go(page, "/empresa/nueva/")
    page.get_by_role("button", name="Registrar", exact=True).click()
    expect(page.locator(".errsum")).to_be_focused()


def test_a_section_is_saved_without_scripts(world):
    page = world.person("postulante-sin-scripts", email="postulante@demo.example", java_script_enabled=False)
    application = Application.objects.get(company__memberships__user__email="postulante@demo.example", state="draft")
    world.go(page, f"/empresa/postulacion/{application.pk}/proceso/")
    page.get_by_label("Productos").fill("Mango congelado en cubos")
    page.get_by_role("button", name="Guardar y volver").click()
    application.company.refresh_from_db()
    assert application.company.products == "Mango congelado en cubos"
