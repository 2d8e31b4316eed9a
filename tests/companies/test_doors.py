"""Which doors a person finds open, and what the frame of every page says of them."""

import pytest
from django.template import Context, Template
from django.urls import ResolverMatch, reverse

from companies.context import PLACES, door
from companies.models import Appointment, Duty
from tests.factories import AppointmentFactory


@pytest.mark.parametrize(
    ("name", "doors"),
    [
        ("stella", ["panel"]),
        ("dora", ["panel"]),
        ("mia", ["monitor"]),
        ("otto", ["auditoria"]),
        ("cora", ["auditoria"]),
        ("alice", ["empresa"]),
        ("nadia", ["empresa"]),
    ],
)
def test_each_person_has_their_doors(request, name, doors):
    assert request.getfixturevalue(name).doors == doors


def test_several_duties_open_several_doors(alice):
    AppointmentFactory(user=alice, duty=Duty.MONITOR)
    assert type(alice).objects.get(pk=alice.pk).doors == ["monitor", "empresa"]


def test_an_ended_duty_closes_its_door(stella):
    Appointment.objects.update(ends_on="2024-12-31")
    assert type(stella).objects.get(pk=stella.pk).doors == ["empresa"]


def page_of(rf, user, name, view):
    request = rf.get("/")
    request.user = user
    request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name=view, namespaces=[name])
    return door(request)["door"]


def test_the_frame_asks_for_doors_and_unread_notices_in_one_statement(rf, alice, django_assert_num_queries):
    here = page_of(rf, alice, "empresa", "board")
    assert alice.duties == frozenset()
    with django_assert_num_queries(1):
        assert (here.unread, [name for name, *_rest in here.doors], here.unread) == (0, ["empresa"], 0)


def test_a_section_whose_object_is_absent_is_left_out(rf, alice):
    items = page_of(rf, alice, "empresa", "home").items({})
    assert [item for item in items if item["label"] in ("Requisitos", "Evidencias")] == []


def test_the_dock_of_the_telephone_holds_four_sections_at_most():
    assert {name: sum(s.dock for s in place.sections) <= 4 for name, place in PLACES.items()} == dict.fromkeys(
        PLACES, True
    )


def test_the_count_stands_beside_its_section(rf, alice, monkeypatch):
    here = page_of(rf, alice, "panel", "applications")
    monkeypatch.setattr(type(here), "_address", lambda self, door, section, context: f"/{section.view}/")
    html = Template('{% nav_items as nav_sections %}{% include "includes/side.html" %}').render(
        Context({"door": here, "nav_counts": {"applications": 14}})
    )
    assert '<a href="/applications/" aria-current="page">' in html
    assert 'Postulaciones <span class="n">14<' in html


@pytest.mark.parametrize(("name", "theirs"), [("stella", "panel"), ("mia", "monitor"), ("otto", "auditoria")])
def test_at_the_companies_door_who_has_none_is_shown_their_own(request, as_, name, theirs):
    page = as_(request.getfixturevalue(name)).get(reverse("empresa:home")).text
    assert "Esta es la puerta de las empresas" in page
    assert f'href="{reverse(f"{theirs}:home")}"' in page.split("Lo suyo está aquí")[1].split("</main>")[0]


def test_somebody_new_is_asked_to_register_a_company(as_, nadia):
    page = as_(nadia).get(reverse("empresa:home")).text
    assert "Registrar mi empresa" in page and "Esta es la puerta de las empresas" not in page
