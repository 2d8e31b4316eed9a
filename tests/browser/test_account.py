"""A person's own account in a real browser: passkeys with a virtual authenticator, codes, sessions, mail."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from ecoeficiencia.demo import PASSWORD
from ecoeficiencia.mailbox import letters

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def at_home(world):
    """Passkeys belong to a name, not to a number: the same server, called localhost."""
    world.url = world.url.replace("127.0.0.1", "localhost")
    return world


def with_authenticator(page):
    """A telephone with a fingerprint reader, as far as Chromium can tell."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return cdp


def confirm(page):
    if "reauthenticate" in page.url:
        page.get_by_label("Contraseña").fill(PASSWORD)
        page.get_by_role("button", name="Continuar").click()


def test_everything_is_found_from_the_account_menu(at_home):
    page = at_home.person("empresa")
    page.get_by_text("Menú de su cuenta").locator("xpath=..").click()
    page.get_by_role("link", name="Mi cuenta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mi cuenta")
    at_home.look(page, "cuenta")


def test_a_passkey_is_made_and_opens_the_door(at_home):
    page = at_home.person("empresa")
    with_authenticator(page)
    at_home.go(page, "/cuenta/2fa/webauthn/add/")
    confirm(page)
    at_home.look(page, "cuenta-llave-nueva")
    page.get_by_label("Nombre").fill("Laptop de la oficina")
    page.get_by_label("Ingresar solo con esta llave").check()
    page.get_by_role("button", name="Añadir la llave").click()
    page.wait_for_url("**/recovery-codes/**")
    expect(page.locator(".codes li")).to_have_count(10)
    at_home.look(page, "cuenta-codigos")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Descargar").click()
    assert len(taken.value.path().read_text().split()) == 10
    page.reload()
    assert page.locator(".codes").count() == 0
    at_home.go(page, "/cuenta/2fa/webauthn/")
    assert page.get_by_text("Laptop de la oficina").first.is_visible()
    at_home.look(page, "cuenta-llaves")
    at_home.go(page, "/cuenta/logout/")
    page.get_by_role("main").get_by_role("button", name="Salir").click()
    at_home.go(page, "/cuenta/login/")
    at_home.look(page, "cuenta-ingresar")
    page.get_by_role("button", name="Usar llave de acceso").click()
    page.wait_for_url("**/empresa/**")


def test_a_code_of_the_telephone_is_asked_for_at_the_door(at_home):
    page = at_home.person("empresa2")
    at_home.go(page, "/cuenta/2fa/totp/activate/")
    confirm(page)
    at_home.look(page, "cuenta-aplicacion")
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Código").fill("000000")
    page.get_by_role("button", name="Activar").click()
    expect(page.get_by_text("El código no es ese").first).to_be_visible()
    page.get_by_label("Código").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.get_by_role("button", name="Activar").click()
    page.wait_for_url("**/recovery-codes/**")
    codes = page.locator(".codes li").all_inner_texts()
    other = at_home.visitor("empresa2 en otro equipo")
    at_home.go(other, "/cuenta/login/")
    other.get_by_label("Correo electrónico").fill("empresa2@demo.example")
    other.get_by_label("Contraseña").fill(PASSWORD)
    other.get_by_role("button", name="Ingresar", exact=True).click()
    other.wait_for_url("**/2fa/authenticate/**")
    at_home.look(other, "cuenta-dos-pasos")
    other.get_by_label("Código").fill(codes[0])
    other.get_by_role("button", name="Ingresar", exact=True).click()
    other.wait_for_url("**/empresa/**")
    at_home.go(page, "/cuenta/sessions/")
    at_home.look(page, "cuenta-sesiones")
    page.get_by_role("button", name=re.compile("^Cerrar Chrome")).click()
    at_home.go(other, "/cuenta/")
    assert "/cuenta/login/" in other.url


def test_the_mail_changes_only_with_the_code_sent_to_the_new_one(at_home):
    page = at_home.person("postulante")
    at_home.go(page, "/cuenta/email/")
    at_home.look(page, "cuenta-correo")
    page.get_by_label("Correo nuevo").fill("nueva@demo.example")
    page.get_by_role("button", name="Cambiar de correo").click()
    page.wait_for_load_state()
    confirm(page)
    page.wait_for_url("**/confirm-email/**")
    at_home.look(page, "cuenta-correo-codigo")
    at_home.work()
    mail = next(m for m in letters(at_home.folder / "mail") if "nueva@demo.example" in m.to)
    code = re.search(r"^[A-Z0-9-]{6,9}$", mail.text, re.M)[0]
    page.get_by_label("Código").fill(code)
    page.get_by_role("button", name="Confirmar", exact=True).click()
    at_home.go(page, "/cuenta/")
    expect(page.get_by_text("nueva@demo.example").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/cuenta/password/reset/", "cuenta-olvido"),
        ("/cuenta/password/reset/done/", "cuenta-olvido-enviado"),
        ("/cuenta/password/reset/key/x-y/", "cuenta-olvido-vencido"),
        ("/cuenta/inactive/", "cuenta-desactivada"),
        ("/cuenta/signup/", "cuenta-crear"),
    ],
)
def test_the_rarer_pages_are_in_our_design(at_home, path, name):
    page = at_home.visitor("rara")
    at_home.go(page, path)
    at_home.look(page, name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/cuenta/password/change/", "cuenta-clave"),
        ("/cuenta/2fa/", "cuenta-dos-pasos-indice"),
        ("/cuenta/2fa/totp/deactivate/", "cuenta-aplicacion-quitar"),
        ("/cuenta/2fa/recovery-codes/generate/", "cuenta-codigos-otros"),
        ("/cuenta/reauthenticate/", "cuenta-confirmar"),
        ("/cuenta/2fa/reauthenticate/", "cuenta-confirmar-codigo"),
        ("/cuenta/logout/", "cuenta-salir"),
    ],
)
def test_the_rarer_pages_of_somebody_signed_in_too(at_home, path, name):
    page = at_home.person("empresa2")
    at_home.go(page, path)
    at_home.look(page, name)
