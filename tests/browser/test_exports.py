"""Exports pasted from a spreadsheet on a telephone: two rows are wrong, are mended where they are shown, and kept."""

import re

import pytest
from playwright.sync_api import expect

from companies.models import ExportRecord
from programs.models import Application

from .steps_entry import ago
from .world import PHONE, press

pytestmark = pytest.mark.browser


def our_way(iso):
    return "/".join(reversed(iso.split("-")))


def test_a_table_with_two_wrong_rows_is_mended_in_place(world):
    draft = Application.objects.get(company__memberships__user__email="postulante@demo.example", state="draft")
    page = world.person("postulante", viewport=PHONE)
    world.view = PHONE
    day = our_way(ago(40))
    table = "\n".join(
        (
            "DAM\tEmbarque\tPartida\tPaís\tFOB US$",
            f"118-2026-40-770001\t{day}\t2005.60.00.00\tEspaña\t48,500.00",
            f"118-2026-40-770002\t{day}\t2005.60.00.00\tNarnia\t1,250.00",
            f"118-2026-40-770003\t{day}\t9999.60.00.00\tChile\t900.00",
        )
    )
    world.go(page, f"/empresa/postulacion/{draft.pk}/exportaciones/")
    press(page, "Pegar varias de Excel")
    page.get_by_label("Pegue sus filas").fill(table)
    press(page, "Leer la tabla")
    expect(page.get_by_text("2 filas por corregir")).to_be_visible()
    world.look(page, "exportaciones-por-corregir", wide=False)
    page.get_by_role("group", name="Fila 3").get_by_label("País de destino").fill("Países Bajos")
    press(page, "Volver a leer y registrar")
    expect(page.get_by_text("1 fila por corregir")).to_be_visible()
    row = page.get_by_role("group", name="Fila 4")
    expect(row.get_by_label("País de destino")).to_have_value("Chile")  # what was right is still there
    row.get_by_label("Partida arancelaria").fill("2005.99.00.00")
    press(page, "Volver a leer y registrar")
    expect(page.get_by_text("Registró 3 exportaciones.")).to_be_visible()
    expect(page.locator("tr", has_text="118-2026-40-770002")).to_contain_text("Países Bajos")
    world.look(page, "exportaciones-en-telefono", wide=False)
    kept = ExportRecord.objects.filter(company=draft.company, declaration__startswith="118-2026-40-77000")
    assert sorted(kept.values_list("destination", flat=True)) == ["Chile", "España", "Países Bajos"]


def test_going_back_after_saving_an_export_loses_nothing_of_it_and_the_next_begins_with_its_country(world):
    draft = Application.objects.get(company__memberships__user__email="postulante@demo.example", state="draft")
    page = world.person("postulante", viewport=PHONE)
    section = f"/empresa/postulacion/{draft.pk}/exportaciones/"
    world.go(page, section)
    press(page, "Añadir exportación")
    page.get_by_label("Declaración aduanera").fill("118-2026-40-770009")
    page.get_by_label("Fecha de embarque").fill(ago(60))
    page.get_by_label("Partida arancelaria").fill("2005.60.00.00")
    page.get_by_label("País de destino").fill("Italia")
    page.get_by_label("Valor FOB").fill("900.00")
    press(page, "Guardar", exact=True)
    expect(page).to_have_url(re.compile(f"{section}$"))
    page.go_back()
    expect(page.get_by_label("País de destino")).to_have_value("Italia")
    world.go(page, section)
    press(page, "Añadir exportación")
    expect(page.get_by_label("País de destino")).to_have_value("Italia")
