import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from audits.forms.body import BodyForm
from companies.forms.accounts import SignupForm
from companies.forms.company import IdentityForm, MandateForm, RegisterForm
from ecoeficiencia.lettering import clean_lettering, one_slip_apart, skeleton

PERUVIAN = [
    "Agroexportaciones Ñaña & Hijos S.A.C.",
    "Güímac E.I.R.L.",
    "D'Onofrio – Perú",
    "Química N° 2 (Ica)",
    "«Qori Q’illa» 100% S.A.",
]


@pytest.mark.parametrize("name", PERUVIAN)
def test_names_of_peru_stay_as_they_are(name):
    assert clean_lettering(name) == name
    assert clean_lettering(unicodedata.normalize("NFD", name)) == name


@given(st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Lm"]))
def test_no_letter_of_another_alphabet_passes(letter):
    try:
        kept = clean_lettering(f"PROMPER{letter}")
    except ValidationError:
        return
    assert all(unicodedata.name(c).startswith("LATIN ") for c in kept if c.isalpha())


@given(st.characters(categories=["Cc", "Cf", "Co", "Zl", "Zp"]))
def test_no_sign_that_is_not_seen_passes(sign):
    with pytest.raises(ValidationError, match="no se ve"):
        clean_lettering(f"PROM{sign}PERU")


@pytest.mark.parametrize("name", ["РROMPERÚ", "PRΟMPERÚ", "PROMPERÚ٣", "ɑcme", "Acmeǃ", "A\u0301\u0302\u0303cme"])
def test_an_imitation_is_refused_in_words(name):
    with pytest.raises(ValidationError, match="no es del alfabeto latino"):
        clean_lettering(name)


def test_wide_letters_become_plain_ones():
    assert clean_lettering("ＰＲＯＭＰＥＲＵ") == "PROMPERU"


@pytest.mark.parametrize("other", ["ICONTEC", "1contec", "Ic0ntec", "Ícontec.", "I contec"])
def test_what_a_hurried_eye_confuses_has_one_skeleton(other):
    assert skeleton(other) == skeleton("Icontec")


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (RegisterForm, "legal_name"),
        (RegisterForm, "trade_name"),
        (IdentityForm, "legal_name"),
        (IdentityForm, "trade_name"),
        (MandateForm, "full_name"),
        (SignupForm, "first_name"),
        (SignupForm, "last_name"),
        (BodyForm, "name"),
    ],
)
def test_the_forms_that_take_a_name_refuse_an_imitation(form, name):
    field = form.base_fields[name]
    assert field.clean("Acme") == "Acme"
    with pytest.raises(ValidationError, match="no es del alfabeto latino"):
        field.clean("РROMPERÚ")


@given(st.text("abc", min_size=1, max_size=8), st.integers(0, 8), st.sampled_from("abcd"))
def test_one_slip_is_seen_from_either_name(name, place, sign):
    place %= len(name)
    added = name[:place] + sign + name[place:]
    assert one_slip_apart(name, added) and one_slip_apart(added, name)
    written_wrong = name[:place] + "d" + name[place + 1 :]
    assert one_slip_apart(name, written_wrong) and one_slip_apart(written_wrong, name)
    swapped = name[:place] + name[place : place + 2][::-1] + name[place + 2 :]
    assert one_slip_apart(name, swapped) is (name != swapped)
    assert not one_slip_apart(name, name)
    assert not one_slip_apart(name, f"{name}dd")
