import pytest
from django.urls import reverse

from companies.models import Company, Event, Membership, Notice
from tests import factories as f

RUC = f.ruc(99001)
DATA = {"ruc": RUC, "legal_name": "Nueva Agroindustria S.A.C.", "trade_name": "", "role": "representative"}


@pytest.fixture
def form(as_, nadia):
    return as_(nadia)


def register(client, **changes):
    return client.post(reverse("empresa:register"), DATA | changes)


def test_a_person_registers_their_company_in_the_capacity_they_state(form, nadia):
    answer = register(form, role="coordinator")
    company = Company.objects.get()
    assert answer.status_code == 302
    assert (company.ruc, company.search.split()[0]) == (RUC, RUC)
    assert [(m.user, m.role) for m in company.memberships.all()] == [(nadia, Membership.Role.COORDINATOR)]
    assert Event.objects.about(company).get().verb == "create"


@pytest.mark.parametrize(
    ("ruc", "sentence"),
    [
        (RUC[:10], "El RUC debe tener 11 dígitos. Escribió 10."),
        (RUC[:10] + str((int(RUC[10]) + 1) % 10), "El último dígito no corresponde"),
        ("10054148289", "el RUC empieza con 20"),
        ("20-99999001", "El RUC debe tener 11 dígitos. Escribió 10."),
        ("30" + RUC[2:], "Un RUC empieza con 10, 15, 16, 17 o 20. El que escribió empieza con 30."),
        ("veinte", "solo números"),
    ],
)
def test_a_wrong_ruc_is_a_sentence_and_nothing_typed_is_lost(form, ruc, sentence):
    answer = register(form, ruc=ruc)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Nueva Agroindustria S.A.C." in answer.text
    assert not Company.objects.exists()


def test_a_ruc_typed_with_spaces_or_hyphens_is_kept_without_them(form):
    assert 'maxlength="11"' not in form.get(reverse("empresa:register")).text  # a browser would cut what is pasted
    assert register(form, ruc=f"{RUC[:2]}-{RUC[2:10]} - {RUC[10]}").status_code == 302
    assert Company.objects.get().ruc == RUC


def test_a_ruc_on_record_never_says_by_whom_and_goes_to_promperu(form, acme, alice, stella):
    answer = register(form, ruc=acme.ruc)
    assert answer.status_code == 422
    assert "ayuda@demo.example" in answer.text
    assert "Acme" not in answer.text and "alice" not in answer.text.lower()
    assert Notice.objects.get().user == stella
    register(form, ruc=acme.ruc)
    assert Notice.objects.count() == 1


def test_what_the_self_check_learnt_fills_the_registration_in(client, as_, nadia, form, edition):
    session = form.session
    session["prefill"] = {"started_on": "2012-03-01", "email": "ventas@nueva.example", "website": ""}
    session.save()
    register(form)
    company = Company.objects.get()
    assert (str(company.started_on), company.email, company.website) == ("2012-03-01", "ventas@nueva.example", "")


def test_a_body_in_utf_16_is_refused_politely(form):
    kind = "application/x-www-form-urlencoded; charset=utf-16"
    answer = form.post(reverse("empresa:register"), "ruc=20999&legal_name=x", content_type=kind)
    assert answer.status_code == 400
    assert not Company.objects.exists()


def test_registering_needs_an_account(client):
    assert client.get(reverse("empresa:register")).status_code == 302
