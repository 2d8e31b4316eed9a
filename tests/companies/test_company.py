import pytest
from django.core.exceptions import ValidationError

from companies.models import Company, User
from companies.ruc import RucField, accepted_prefixes, check_digit, validate_prefix, validate_ruc
from ecoeficiencia.fields import WebField
from tests import factories as f


@pytest.mark.parametrize(
    ("base", "digit"), [("2013131295", 5), ("2010007097", 0), ("2030716744", 2), ("2051233379", 7), ("1005414828", 9)]
)
def test_the_check_digit_of_a_ruc_is_sunats(base, digit):
    assert check_digit(base) == digit


@pytest.mark.parametrize(
    ("ruc", "sentence"),
    [
        ("2051233379", "El RUC debe tener 11 dígitos. Escribió 10."),
        ("20512333798", "El último dígito no corresponde"),
        ("10512333798", "El último dígito no corresponde"),
        ("2051233379X", "El RUC lleva solo números"),
        ("30512333797", "Un RUC empieza con 10, 15, 16, 17 o 20. El que escribió empieza con 30."),
        ("11512333797", "El que escribió empieza con 11."),
        ("00512333797", "El que escribió empieza con 00."),
    ],
)
def test_a_wrong_ruc_is_refused_with_what_to_mend(ruc, sentence):
    with pytest.raises(ValidationError) as refused:
        validate_ruc(ruc)
    assert sentence in refused.value.messages[0]


@pytest.mark.parametrize(
    "typed",
    ["20512333797", " 20 512 333 797 ", "20-51233379-7", "20.512.333.797", "20\u00a0512333797", "RUC: 20512333797",
     "ruc 20512333797", "20,512,333,797", "20\u201351233379\u20117"],
)  # fmt: skip
def test_a_ruc_is_taken_with_whatever_parts_its_digits(typed):
    assert RucField().clean(typed) == "20512333797"


def test_each_kind_of_ruc_that_is_not_taken_in_has_its_sentence():
    for ruc, sentence in (
        ("10054148289", "empieza con 10: es de una persona natural, aunque tenga negocio"),
        ("15512333797", "empieza con 15, que no es de una persona jurídica"),
        ("17512333797", "empieza con 17, que no es de una persona jurídica"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            validate_prefix(ruc)


def test_only_legal_persons_are_taken_in_unless_the_programme_says_otherwise(edition, stella):
    validate_prefix("20512333797", accepted_prefixes())
    with pytest.raises(ValidationError, match="el RUC empieza con 20"):
        validate_prefix("10054148289", accepted_prefixes())
    edition.program.set_parameter("ruc_prefixes", "10, 20", note="Resolución de prueba.", by=stella)
    validate_prefix("10054148289", accepted_prefixes())
    with pytest.raises(ValidationError, match="empiezan con 10, 20"):
        validate_prefix("17512333797", accepted_prefixes())


def test_a_person_sees_only_companies_of_their_own(alice, bob, acme, other, nadia, stella):
    assert list(Company.objects.visible_to(alice)) == [acme]
    assert list(Company.objects.visible_to(bob)) == [other]
    assert list(Company.objects.visible_to(nadia)) == []
    assert set(Company.objects.visible_to(stella)) == {acme, other}


def test_a_monitor_sees_a_company_while_assigned_and_not_after(mia, acme, participation):
    assert list(Company.objects.visible_to(mia)) == [acme]
    participation.assignments.update(ends_on="2026-01-31")
    assert list(Company.objects.visible_to(mia)) == []


def test_a_reader_reads_and_does_not_write(reader, acme):
    assert list(Company.objects.worked_on_by(reader)) == [acme]
    assert list(Company.objects.edited_by(reader)) == []


def test_search_forgives_case_and_accents(db):
    company = f.CompanyFactory(legal_name="Ñandú Exportación S.A.C.")
    assert list(Company.objects.search("nandu EXPORTACION")) == [company]


def test_who_audits_a_company_sees_it_until_they_leave(participation, body, otto, cora, ernesto):
    people = {"Otto": otto, "Cora": cora, "Ernesto": ernesto}
    preaudit = f.AuditFactory(participation=participation)
    external = f.AuditFactory(
        participation=participation, scope=preaudit.scope, kind="certification", state="planned", body=body
    )
    for audit, name in ((preaudit, "Otto"), (external, "Ernesto")):
        audit.team.create(user=people[name])

    def shown():
        return [n for n, p in people.items() if Company.objects.visible_to(User.objects.get(pk=p.pk)).exists()]

    colleague = body.people.create(user=f.UserFactory(), role="auditor", starts_on="2024-01-01")
    assert (shown(), list(Company.objects.visible_to(colleague.user))) == (["Otto", "Cora", "Ernesto"], [])
    body.people.update(ends_on="2026-01-31")
    assert shown() == ["Otto"]
    otto.appointments.update(ends_on="2026-01-31")
    assert shown() == []


@pytest.mark.parametrize(
    "other",
    ["ACME Exportaciones SAC", "Acme Exportaciones S.A.", "Acme Exp0rtac1ones, S. R. L.", "Acmé-Exportaciones E.I.R.L.",
     "АСМЕ EXPORTACIONES Sociedad Anónima Cerrada", "Acme\u200b Exporta\u202eciones", "Acrne Exportaciones S.A.C."],
)  # fmt: skip
def test_a_company_drawn_like_another_is_found_whatever_its_legal_form(acme, other):
    legal, trade = f.CompanyFactory(legal_name=other), f.CompanyFactory(legal_name="Otra S.A.", trade_name=other)
    assert set(acme.taken_for()) == {legal, trade}
    assert set(legal.taken_for()) == {acme, trade}


@pytest.mark.parametrize(
    "other",
    ["Acme Esportaciones S.A.C.", "Acme Exportacones S.A.", "Acme Exxportaciones", "Amce Exportaciones S.A.C.",
     "Acme Exportacionez", "Bcme Exportaciones S.R.L.", "Acme Exportacionse S.A.C."],
)  # fmt: skip
def test_a_name_one_letter_away_is_found_too(acme, other):
    legal, trade = f.CompanyFactory(legal_name=other), f.CompanyFactory(legal_name="Otra S.A.", trade_name=other)
    assert set(acme.taken_for()) == {legal, trade}
    assert acme in legal.taken_for()


def test_of_a_short_name_one_letter_makes_another(db):
    inca, _inka = f.CompanyFactory(legal_name="Inca Sur S.A.C."), f.CompanyFactory(legal_name="Inka Sur S.A.C.")
    assert inca.taken_for() == []


def test_the_same_name_comes_before_those_that_are_near(acme):
    near = f.CompanyFactory(legal_name="Acme Esportaciones S.A.C.")
    same = f.CompanyFactory(legal_name="Acme Exportaciones S.R.L.")
    assert acme.taken_for() == [same, near]


@pytest.mark.parametrize(
    "other",
    ["Acme Ezpurtaciones", "Acme Exportaciones Sur", "Acme Importaciones S.A.C.", "Acme S.A.C.",
     "Exportaciones Acme S.A.C."],
)  # fmt: skip
def test_another_name_is_not_taken_for_it(acme, other):
    f.CompanyFactory(legal_name=other)
    f.CompanyFactory(legal_name="", trade_name="")
    assert list(acme.taken_for()) == []


def test_a_new_name_is_drawn_anew(acme, alice, other):
    acme.legal_name = "Otra Empresa S.A.C."
    acme.save_edit(by=alice, fields=["legal_name"])
    assert list(Company.objects.get(pk=acme.pk).taken_for()) == [other]


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "ftp://acme.example/x", "data:text/html,x", "file:///etc/x"])
def test_a_web_address_is_http_or_https(typed):
    assert WebField().clean(WebField().formfield().clean("www.acme.example"), None) == "https://www.acme.example"
    with pytest.raises(ValidationError):
        WebField().clean(typed, None)
