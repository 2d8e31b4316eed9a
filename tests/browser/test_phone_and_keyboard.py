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


# What lies over the element that has the focus, of what the page keeps in its place while it scrolls.
COVER = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const box = focused.getClientRects()[0] ?? focused.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + Math.min(box.width, 40) / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const over = top?.closest(".top, .side, .auto-b, .savebar, .bulk, .snacks");
  const seen = box.bottom > 0 && box.top < innerHeight;
  const words = (focused.name || focused.textContent.trim()).slice(0, 40);
  return [words, seen && (!over || over.contains(focused)) ? "" : over?.className ?? "out of sight"];
}"""


def company_pages():
    company = Company.objects.get(memberships__user__email="postulante@demo.example")
    draft, site = company.applications.get(state="draft"), company.sites.filter(closed_on=None).first()
    export, own = company.exports.first(), f"/empresa/{company.pk}"
    application = f"/empresa/postulacion/{draft.pk}"
    sections = ("empresa", "representacion", "sedes", "exportaciones", "proceso", "comunicaciones", "documentos")
    return [
        f"{own}/", f"{own}/datos/", f"{own}/datos/empresa/", f"{own}/sedes/nueva/", f"/empresa/sede/{site.pk}/",
        f"/empresa/sede/{site.pk}/documento/licence/", f"{own}/exportaciones/nueva/",
        f"/empresa/exportacion/{export.pk}/", f"{own}/exportaciones/varias/", f"{own}/equipo/", f"{application}/",
        *(f"{application}/{section}/" for section in sections),
    ]  # fmt: skip


def test_nothing_that_floats_covers_what_the_keyboard_is_at_on_a_phone(world):
    page = world.person("postulante-teclado", email="postulante@demo.example", viewport=PHONE)
    covered = {}
    for path in company_pages():
        world.go(page, path)
        for _press in range(120):
            page.keyboard.press("Tab")
            found = page.evaluate(COVER)
            if found is None:
                break
            if found[1]:
                covered.setdefault(path, []).append(found)
    assert covered == {}


def test_a_dialog_tells_what_is_missing_in_our_words_and_stays(world):
    page = world.person("postulante")
    application = Application.objects.get(company__memberships__user__email="postulante@demo.example", state="draft")
    world.go(page, f"/empresa/postulacion/{application.pk}/")
    page.locator("details.confirm > summary", has_text="Retirar postulación").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Retirar").click()
    expect(dialog.get_by_text("Escriba el motivo del retiro. Queda en el expediente.")).to_be_visible()
    expect(dialog.get_by_label("Motivo")).to_be_focused()
    expect(dialog.get_by_label("Motivo")).to_have_attribute("aria-invalid", "true")
    world.look(page, "dialogo-falta")
    dialog.get_by_label("Motivo").fill("Lo pensamos mejor")
    page.keyboard.press("Tab")
    expect(dialog.locator(".err-msg")).to_have_count(0)
    page.keyboard.press("Escape")
    application.refresh_from_db()
    assert application.state == "draft"


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
