import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from django.urls import reverse

from companies.models import Event, Notice, SecondFactorRule
from tests.conftest import appointed

SETUP = "/cuenta/2fa/"


@pytest.fixture
def bound(settings):
    settings.SECOND_FACTOR = ["staff", "monitor", "auditor"]


def led_to(client, address):
    answer = client.get(address)
    return answer.url if answer.status_code == 302 else answer.status_code


def with_password(user):
    """A browser that `user` signed in with, by the door."""
    user.set_password("una-clave-larga")
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client = Client()
    client.post("/cuenta/login/", {"login": user.email, "password": "una-clave-larga"})
    return client


def test_nobody_is_bound_unless_the_installation_or_the_panel_says_so(as_, stella):
    assert led_to(as_(stella), reverse("panel:home")) == 200


def test_staff_monitors_and_auditors_are_led_to_set_it_up_and_can_do_nothing_else(bound, as_, stella, mia, otto, cora):
    for person, home in ((stella, "panel"), (mia, "monitor"), (otto, "auditoria"), (cora, "auditoria")):
        client = as_(person)
        assert led_to(client, reverse(f"{home}:home")) == SETUP
        assert led_to(client, reverse("public:notices")) == SETUP
        assert client.post(reverse("public:notices_read")).url == SETUP
        assert led_to(client, SETUP) == 200
        assert led_to(client, reverse("mfa_activate_totp")) == 200


def test_a_fragment_takes_the_whole_page_there(bound, as_, stella):
    answer = as_(stella).get(reverse("panel:home"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, SETUP)


def test_companies_are_not_bound_until_the_panel_binds_them(bound, as_, alice, acme, ada):
    address = reverse("empresa:company", args=[acme.pk])
    assert led_to(as_(alice), address) == 200
    SecondFactorRule.set(by=ada, relations=["company"], grace_days=0, note="Acuerdo 12")
    assert led_to(as_(alice), address) == SETUP


def test_who_has_one_goes_on(bound, as_, stella):
    TOTP.activate(stella, "JBSWY3DPEHPK3PXP")
    assert led_to(as_(stella), reverse("panel:home")) == 200


def test_public_pages_and_the_way_out_stay_open(bound, as_, stella):
    client = as_(stella)
    assert led_to(client, reverse("public:home")) == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert led_to(client, reverse("panel:home")).startswith("/cuenta/login/")


def test_the_rule_is_a_parameter_with_history_for_administrators(bound, as_, ada, stella):
    TOTP.activate(ada, "JBSWY3DPEHPK3PXP")
    TOTP.activate(stella, "JBSWY3DPEHPK3PXP")
    address = reverse("panel:second_factor")
    assert as_(stella).get(address).status_code == 404
    client = as_(ada)
    assert client.post(address, {"relations": ["staff"], "grace_days": 0, "note": ""}).status_code == 422
    client.post(address, {"relations": ["staff", "company"], "grace_days": 5, "note": "Acuerdo 12"})
    rule = SecondFactorRule.current()
    assert (rule.relations, rule.grace_days, rule.set_by) == (["staff", "company"], 5, ada)
    assert "Acuerdo 12" in client.get(address).text
    assert Event.objects.about(rule).get().verb == "set"


def test_grace_lets_one_work_with_a_reminder_until_its_last_day(as_, stella, ada):
    with time_machine.travel("2026-03-02 12:00-05:00", tick=False) as clock:
        SecondFactorRule.set(by=ada, relations=["staff"], grace_days=5, note="Acuerdo 12")
        clock.move_to("2026-03-07 12:00-05:00")
        page = as_(stella).get(reverse("panel:people"))
        assert (page.status_code, "desde el 07/03/2026" in page.text) == (200, True)
        clock.move_to("2026-03-08 00:01-05:00")
        assert led_to(as_(stella), reverse("panel:people")) == SETUP


def test_a_lost_telephone_is_mended_by_an_administrator_with_a_reason(as_, ada, stella, run_jobs):
    there, client = with_password(stella), as_(ada)
    TOTP.activate(stella, "JBSWY3DPEHPK3PXP")
    address = reverse("panel:person_reset", args=[stella.pk])
    assert there.get(reverse("panel:people")).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "Perdió el teléfono; la llamé a su anexo."})
    assert not Authenticator.objects.exists()
    assert there.get(reverse("panel:people")).status_code == 302
    assert Event.objects.about(stella).get().actor == ada
    run_jobs()
    assert mail.outbox[-1].to == [stella.email]
    assert "la llamé a su anexo" in mail.outbox[-1].body
    assert client.post(address, {"reason": "Otra vez"}).status_code == 409


def test_nobody_resets_their_own_and_only_administrators_reset(as_, ada, stella, dora):
    TOTP.activate(ada, "JBSWY3DPEHPK3PXP")
    assert as_(ada).post(reverse("panel:person_reset", args=[ada.pk]), {"reason": "x"}).status_code == 409
    for other in (stella, dora):
        assert as_(other).post(reverse("panel:person_reset", args=[ada.pk]), {"reason": "x"}).status_code == 404
    assert (Authenticator.objects.count(), Notice.objects.count()) == (1, 0)


def test_the_admin_lies_behind_the_same_door_and_second_factor(bound, db):
    root = appointed("Root")
    root.is_staff = root.is_superuser = True
    with_password(root)
    client = Client()
    assert client.get("/admin/login/?next=/admin/").url == "/cuenta/login/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": root.email, "password": "una-clave-larga"}).status_code == 302
    assert client.get("/admin/").status_code == 302
    client.post("/cuenta/login/", {"login": root.email, "password": "una-clave-larga"})
    assert led_to(client, "/admin/") == SETUP
    TOTP.activate(root, "JBSWY3DPEHPK3PXP")
    assert led_to(client, "/admin/") == 200
    other = Client()
    other.post("/cuenta/login/", {"login": root.email, "password": "una-clave-larga"})
    assert other.get("/admin/").status_code == 302
