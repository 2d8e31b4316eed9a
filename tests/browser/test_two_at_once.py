"""Two people at one form, and one person who presses twice."""

import re

import pytest

from companies.models import Company, Membership, User
from programs.models import Measure

pytestmark = pytest.mark.browser


def section_of(world, page):
    world.go(page, "/empresa/")
    company = re.search(r"/empresa/(\d+)/", page.url).group(1)
    return company, f"/empresa/{company}/datos/comunicaciones/"


def colleague_of(world, company):
    """A second person of the company, with the demonstration's password."""
    person = User.objects.get(email="postulante@demo.example")
    Membership.objects.get_or_create(user=person, company_id=company, defaults={"role": "collaborator"})
    return world.person("postulante")


def test_two_texts_meet_and_one_is_chosen(world):
    first = world.person("empresa2")
    company, address = section_of(world, first)
    second = colleague_of(world, company)
    world.go(first, address)
    world.go(second, address)
    first.get_by_label("Página web").fill("www.primera.pe")
    first.get_by_role("button", name="Guardar").click()
    first.wait_for_url(f"**/empresa/{company}/datos/")
    second.get_by_label("Página web").fill("www.segunda.pe")
    second.get_by_role("button", name="Guardar").click()
    second.get_by_role("heading", name="Otra persona guardó antes que usted").wait_for()
    world.look(second, "two-texts")
    second.get_by_text("Lo que está guardado", exact=True).click()
    second.get_by_role("button", name="Guardar lo elegido").click()
    second.wait_for_url(f"**/empresa/{company}/datos/")
    assert Company.objects.get(pk=company).website.endswith("www.primera.pe")


def test_pressing_twice_makes_one(world):
    page = world.person("empresa2")
    company, _address = section_of(world, page)
    before = Measure.objects.filter(company=company).count()
    world.go(page, f"/empresa/{company}/ahorros/nueva/")
    page.get_by_label("Medida", exact=True).fill("Presionada dos veces")
    page.get_by_label("Recurso").select_option("energy")
    page.get_by_label("Tipo").select_option("technology")
    page.get_by_label("Inversión (S/)").fill("100")
    page.get_by_label("Ahorro anual (S/)").fill("50")
    page.get_by_role("button", name="Guardar").dblclick()
    page.wait_for_url(f"**/empresa/{company}/ahorros/")
    assert Measure.objects.filter(company=company).count() == before + 1
