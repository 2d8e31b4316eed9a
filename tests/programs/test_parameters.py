"""What the source does not state, set by staff with grounds and history; and the editions it belongs to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from companies.models import Event
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Edition, ParameterValue
from programs.models.edition import DATES
from programs.parameters import PARAMETERS
from requirements_std.models import StandardVersion
from tests import factories as f

DAYS = {
    "opens_on": "2027-01-04", "closes_on": "2027-02-15", "implementation_starts_on": "2027-03-01",
    "implementation_ends_on": "2027-09-30", "preaudit_starts_on": "2027-10-04", "preaudit_ends_on": "2027-11-30",
    "external_starts_on": "2028-01-10", "external_ends_on": "2028-03-31",
}  # fmt: skip


def text(response):
    return response.content.decode()


def put(client, key, value, note="Acta 3-2026", edition=None):
    args = [edition.pk, key] if edition else [key]
    view = "panel:edition_parameter" if edition else "panel:parameter"
    return client.post(reverse(view, args=args), {"value": value, "note": note})


def setting(record, key):
    return next(s for s in record.settings() if s.parameter.key == key)


# Values and where they come from


def test_what_the_source_states_is_not_called_our_default(edition):
    assert setting(edition, "minimum_operation_years").origin == "source"
    assert setting(edition, "certificate_years").origin == "source"
    assert setting(edition, "correction_days").origin == "default"


def test_the_page_never_presents_our_default_as_a_rule(edition, stella, as_):
    page = text(as_(stella).get(reverse("panel:parameters")))
    assert "Documento del programa" in page
    assert "Por defecto del sistema" in page
    assert "No es regla de PROMPERÚ" in page


def test_a_value_is_set_for_the_programme_and_another_for_the_edition(edition, stella, ada, as_):
    assert put(as_(stella), "observation_days", "12").status_code == 302
    edition = Edition.objects.get(pk=edition.pk)
    assert (edition.parameter("observation_days"), setting(edition, "observation_days").origin) == (12, "program")
    assert put(as_(ada), "observation_days", "8", edition=edition).status_code == 302
    edition = Edition.objects.get(pk=edition.pk)
    assert (edition.parameter("observation_days"), setting(edition, "observation_days").origin) == (8, "edition")
    assert setting(edition.program, "observation_days").value == 12


def test_the_history_keeps_every_value_with_who_and_why(edition, stella, as_):
    put(as_(stella), "correction_days", "25", "Resolución 1")
    put(as_(stella), "correction_days", "20", "Resolución 2")
    rows = setting(edition.program, "correction_days").history
    assert [(row.value, row.note, row.set_by) for row in rows] == [
        ("20", "Resolución 2", stella),
        ("25", "Resolución 1", stella),
    ]
    assert Event.objects.about(edition.program).filter(verb="set").count() == 2
    page = text(as_(stella).get(reverse("panel:parameter", args=["correction_days"])))
    assert "Resolución 1" in page


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("minimum_attendance", "101", "entre 0 y 100"),
        ("minimum_attendance", "-1", "entre 0 y 100"),
        ("correction_days", "treinta", "un número entero"),
        ("correction_days", "1.5", "un número entero"),
        ("correction_days", "9999999999999", "El valor va entre 0 y 100000."),
        ("discount_rate", "NaN", "un número"),
        ("discount_rate", "Infinity", "un número"),
        ("certificate_years", "0", "entre 1 y 5"),
        ("certificate_series", "B P/E", "letras y números"),
        ("certificate_series", "SERIE-DEMASIADO-LARGA", "letras y números"),
        ("correction_days", "", "Complete «"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_in_words(edition, stella, as_, key, value, sentence):
    answer = put(as_(stella), key, value)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert ParameterValue.objects.count() == 0


def test_grounds_are_required(edition, stella, as_):
    assert put(as_(stella), "correction_days", "20", note="").status_code == 422


def test_kinds_are_kept(edition, stella, as_):
    put(as_(stella), "discount_rate", "9.5")
    put(as_(stella), "certificate_series", "eco")
    edition = Edition.objects.get(pk=edition.pk)
    assert (edition.parameter("discount_rate"), edition.parameter("certificate_series")) == (Decimal("9.5"), "ECO")


def test_an_unknown_parameter_is_not_found(edition, stella, as_):
    assert as_(stella).get(reverse("panel:parameter", args=["nada"])).status_code == 404


def test_only_coordinators_and_administrators_set_them(edition, rita, dora, otto, alice, nadia, as_):
    for person in (rita, dora, otto, alice, nadia):
        client = as_(person)
        assert client.get(reverse("panel:parameters")).status_code == 404
        assert client.get(reverse("panel:edition_parameters", args=[edition.pk])).status_code == 404
        assert put(client, "correction_days", "1").status_code == 404
        assert put(client, "correction_days", "1", edition=edition).status_code == 404
    assert ParameterValue.objects.count() == 0


def test_every_parameter_has_its_page(edition, stella, as_):
    client = as_(stella)
    for key in PARAMETERS:
        assert client.get(reverse("panel:edition_parameter", args=[edition.pk, key])).status_code == 200, key


# Editions


def form(edition_or_version, **changes):
    version = getattr(edition_or_version, "standard_version", edition_or_version)
    return {"name": "Edición 2027", "year": 2027, "standard_version": version.pk, "quota": 20, **DAYS} | changes


def test_an_edition_is_made_with_its_workshops(edition, stella, as_):
    answer = as_(stella).post(reverse("panel:edition_create"), form(edition))
    made = Edition.objects.get(name="Edición 2027")
    assert answer.url == reverse("panel:edition", args=[made.pk])
    assert (made.published, made.quota, made.workshops.count()) == (False, 20, 11)
    assert Event.objects.about(made).get().verb == "create"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"closes_on": "2027-01-03"}, "no puede ser antes de"),
        ({"implementation_starts_on": "2027-01-01"}, "no puede ser antes de"),
        ({"preaudit_ends_on": "2027-10-01"}, "no puede ser antes de"),
        ({"opens_on": "31/13/2027"}, "fecha"),
        ({"name": ""}, "Complete «"),
        ({"year": 1900}, "entre 2000 y 2100"),
        ({"quota": 0}, "entre 1 y 9999"),
        ({"quota": 99999}, "entre 1 y 9999"),
    ],
)
def test_dates_out_of_order_are_refused_and_nothing_is_lost(edition, stella, as_, changes, sentence):
    answer = as_(stella).post(reverse("panel:edition_create"), form(edition, **changes))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="2028-03-31"' in text(answer)
    assert Edition.objects.count() == 1


def test_two_editions_do_not_share_a_name(edition, stella, as_):
    answer = as_(stella).post(reverse("panel:edition_create"), form(edition, name=edition.name))
    assert answer.status_code == 422


def test_moving_a_date_is_written_down(edition, stella, as_):
    data = form(edition, version=edition.version)
    assert as_(stella).post(reverse("panel:edition_edit", args=[edition.pk]), data).status_code == 302
    edition.refresh_from_db()
    assert (edition.closes_on, edition.version) == (date(2027, 2, 15), 1)
    event = Event.objects.about(edition).get()
    assert event.data["changes"]["closes_on"][1] == "15/02/2027"


def test_whoever_saves_an_edition_second_is_told(edition, stella, ada, as_):
    data = form(edition, version=edition.version)
    as_(ada).post(reverse("panel:edition_edit", args=[edition.pk]), data)
    answer = as_(stella).post(reverse("panel:edition_edit", args=[edition.pk]), data | {"quota": 99})
    assert answer.status_code == 409
    assert "Otra persona guardó antes" in text(answer)
    edition.refresh_from_db()
    assert edition.quota == 20


def test_the_version_of_the_standard_is_fixed_once_somebody_was_admitted(participation, stella, as_):
    edition = participation.edition
    other = f.StandardVersionFactory(standard=edition.program.standard)
    as_(stella).post(reverse("panel:edition_edit", args=[edition.pk]), form(other, version=0))
    assert Edition.objects.get(pk=edition.pk).standard_version == edition.standard_version


def test_an_edition_is_published_once_it_has_version_and_workshops(edition, stella, as_):
    draft = StandardVersion.objects.create(standard=edition.program.standard, edition="borrador")
    new = f.EditionFactory(program=edition.program, standard_version=draft, published=False)
    answer = as_(stella).post(reverse("panel:edition_publish", args=[new.pk]))
    assert answer.status_code == 409
    assert "La edición no tiene talleres" in text(answer)
    Edition.objects.filter(pk=new.pk).update(standard_version=edition.standard_version)
    new.create_workshops()
    assert as_(stella).post(reverse("panel:edition_publish", args=[new.pk])).status_code == 302
    assert Edition.objects.get(pk=new.pk).published
    assert as_(stella).post(reverse("panel:edition_publish", args=[new.pk])).status_code == 409


def test_a_copy_moves_every_date_by_the_same_days(edition, stella, as_):
    Edition.objects.filter(pk=edition.pk).update(preaudit_starts_on=edition.closes_on + timedelta(days=100))
    edition.create_workshops()
    edition.set_parameter("correction_days", 25, note="Acta", by=stella)
    opens = edition.opens_on + timedelta(days=364)
    data = {"copia-name": "Edición siguiente", "copia-opens_on": opens.isoformat()}
    answer = as_(stella).post(reverse("panel:edition_clone", args=[edition.pk]), data)
    edition, copy = Edition.objects.get(pk=edition.pk), Edition.objects.get(name="Edición siguiente")
    assert (answer.status_code, answer.url) == (302, reverse("panel:edition", args=[copy.pk]))
    assert list(as_(stella).get(reverse("panel:editions")).context["rows"]) == [copy, edition]
    for field in DATES:
        before, after = getattr(edition, field), getattr(copy, field)
        assert after == (before and before + timedelta(days=364)), field
    assert (copy.published, copy.workshops.count(), copy.parameter("correction_days")) == (False, 11, 25)
    assert copy.parameters.get().note == f"Copiado de {edition}"


def test_a_copy_with_a_name_in_use_is_refused(edition, stella, as_):
    data = {"copia-name": edition.name, "copia-opens_on": "2027-01-04"}
    answer = as_(stella).post(reverse("panel:edition_clone", args=[edition.pk]), data)
    assert answer.status_code == 409
    assert "Ya hay una edición con el nombre" in text(answer)
    with pytest.raises(IllegalMove):
        edition.clone(name=edition.name, opens_on=date(2027, 1, 4), by=stella)


def test_reviewers_and_deciders_see_editions_and_do_not_change_them(edition, rita, dora, as_):
    for person in (rita, dora):
        client = as_(person)
        assert client.get(reverse("panel:editions")).status_code == 200
        assert client.get(reverse("panel:edition", args=[edition.pk])).status_code == 200
        assert client.get(reverse("panel:edition_create")).status_code == 404
        assert client.get(reverse("panel:edition_edit", args=[edition.pk])).status_code == 404
        for view in ("edition_publish", "edition_clone"):
            assert client.post(reverse(f"panel:{view}", args=[edition.pk])).status_code == 404
