"""The administration's own History page: our history of the record, not a log of its own."""

from django.contrib.admin.models import LogEntry
from django.urls import reverse

from requirements_std.models import Standard
from tests import factories as f


def administrator(as_):
    return as_(f.UserFactory(first_name="Raíz", is_staff=True, is_superuser=True))


def test_it_tells_who_changed_which_field_from_what_to_what(as_, db):
    client, standard = administrator(as_), Standard.objects.create(name="Estándar", code="BPE")
    page = reverse("admin:requirements_std_standard_change", args=[standard.pk])
    fields = {"name": "Estándar de ecoeficiencia", "code": "BPE"}
    assert client.post(page, fields).status_code == 302
    told = client.get(reverse("admin:requirements_std_standard_history", args=[standard.pk])).text
    assert "de «Estándar» a «Estándar de ecoeficiencia»" in told
    assert "Raíz" in told
    assert not LogEntry.objects.exists()
    assert "Acciones recientes" not in client.get(reverse("admin:index")).text


def test_a_record_nobody_touched_says_so_and_strangers_see_none(as_, acme, alice, ada):
    page = reverse("admin:companies_company_history", args=[acme.pk])
    assert "no tiene historia" in administrator(as_).get(page).text
    assert as_(alice).get(page).status_code in {302, 403, 404}
    assert administrator(as_).get(reverse("admin:companies_company_history", args=[999999])).status_code == 302
