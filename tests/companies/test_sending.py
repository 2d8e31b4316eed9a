"""What becomes of a mail that cannot leave: who waits, who is given up, who hears of it; and in which order they go."""

import json
import logging
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from companies.models import Digest, Invitation, Membership, Notice, Preference
from companies.tasks import gather_digests
from ecoeficiencia.jobs import MAX_ATTEMPTS, Job
from ecoeficiencia.logs import EACH_TIME, logging_settings
from ecoeficiencia.tasks import run_job


class Backend:
    """A mail server that fails as `error` says."""

    error = None

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise self.error


@pytest.fixture
def server(settings, monkeypatch):
    """server(error) makes the mail server fail so; server(None) mends it."""
    works = settings.EMAIL_BACKEND

    def fails(error):
        settings.EMAIL_BACKEND = f"{__name__}.Backend" if error else works
        monkeypatch.setattr(Backend, "error", error)

    return fails


def tell(user, n=1, kind="comment"):
    return Notice.tell([user], key=f"k:{n}", kind=kind, title=f"Aviso {n}", body="Cuerpo.")[0].delivery


def give_up(job):
    for _ in range(MAX_ATTEMPTS):
        Job.objects.filter(pk=job.pk).update(run_at=timezone.now())
        Job.objects.get(pk=job.pk).run()
    job.refresh_from_db()
    assert job.state == Job.State.DEAD
    return job


LATER = [
    smtplib.SMTPServerDisconnected("closed"),
    smtplib.SMTPConnectError(421, b"busy"),
    smtplib.SMTPDataError(451, b"try later"),
    smtplib.SMTPSenderRefused(450, b"later", "eco@x.example"),
    smtplib.SMTPRecipientsRefused({"alice@pruebas.example": (452, b"mailbox full")}),
    ConnectionRefusedError(111, "refused"),
    TimeoutError("timed out"),
]


@pytest.mark.parametrize("error", LATER, ids=lambda error: type(error).__name__)
def test_a_server_that_is_away_for_hours_loses_no_mail(alice, server, run_jobs, error):
    row = tell(alice)
    server(error)
    for _ in range(2 * MAX_ATTEMPTS):
        Job.objects.update(run_at=timezone.now())
        assert Job.objects.get().run() is False
    server(None)
    Job.objects.update(run_at=timezone.now())
    run_jobs()
    row.refresh_from_db()
    assert (row.state, len(mail.outbox)) == ("sent", 1)


WRONG = [smtplib.SMTPAuthenticationError(535, b"who are you"), smtplib.SMTPDataError(554, b"looks like spam")]


@pytest.mark.parametrize("error", WRONG, ids=lambda error: type(error).__name__)
def test_a_mail_whose_job_was_given_up_is_failed_and_staff_send_it_again(as_, alice, stella, server, run_jobs, error):
    row = tell(alice)
    server(error)
    give_up(Job.objects.get())
    row.refresh_from_db()
    assert row.state == "failed"
    assert str(error.smtp_code) in row.error
    server(None)
    as_(stella).post(reverse("panel:mail_retry", args=[row.pk]))
    run_jobs()
    row.refresh_from_db()
    assert (row.state, row.error, len(mail.outbox)) == ("sent", "", 1)


def test_an_administrator_may_revive_the_job_instead(alice, server, run_jobs):
    row = tell(alice)
    server(WRONG[0])
    job = give_up(Job.objects.get())
    server(None)
    job.revive()
    run_jobs()
    row.refresh_from_db()
    assert (row.state, len(mail.outbox)) == ("sent", 1)


def test_sent_again_by_both_it_leaves_once(alice, stella, server, run_jobs):
    row = tell(alice)
    server(WRONG[0])
    job = give_up(Job.objects.get())
    server(None)
    row.refresh_from_db()
    row.retry(by=stella)
    job.revive()
    run_jobs()
    assert len(mail.outbox) == 1


def test_a_digest_that_was_given_up_lets_each_of_its_mails_be_sent(alice, stella, server, run_jobs):
    Preference.objects.set_for(alice, "talk", "daily")
    row = tell(alice)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=9))
    gather_digests()
    server(WRONG[0])
    give_up(Job.objects.get())
    row.refresh_from_db()
    assert (row.state, Digest.objects.get().state) == ("failed", "failed")
    assert "535" in row.error
    server(None)
    row.retry(by=stella)
    Job.objects.get(kind="companies.digest").revive()
    run_jobs()
    row.refresh_from_db()
    assert (row.state, len(mail.outbox), Digest.objects.get().state) == ("sent", 1, "skipped")


def test_a_digest_that_is_revived_takes_its_mails_along(alice, server, run_jobs):
    Preference.objects.set_for(alice, "talk", "daily")
    row = tell(alice)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=9))
    gather_digests()
    server(WRONG[0])
    job = give_up(Job.objects.get())
    server(None)
    job.revive()
    run_jobs()
    row.refresh_from_db()
    assert (row.state, len(mail.outbox), Digest.objects.get().state) == ("sent", 1, "sent")


def test_mails_leave_in_the_order_of_their_urgency(alice, bob, client):
    Preference.objects.set_for(bob, "talk", "daily")
    tell(bob, 1)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=9))
    gather_digests()
    tell(alice, 2)
    tell(alice, 3, kind="nonconformity")
    client.post("/cuenta/password/reset/", {"email": bob.email})
    for job in Job.objects.order_by("pk"):
        run_job(job.pk)
    subjects = [message.subject.removesuffix(" · Ecoeficiencia Perú") for message in mail.outbox]
    assert subjects == ["Aviso 3", "Cambie su contraseña", "Aviso 2", "Resumen de avisos: 1"]


# Invitations


@pytest.fixture
def invitation(acme, alice):
    return Invitation.send(acme, email="nadie@pruebas.example", role=Membership.Role.COLLABORATOR, by=alice)


def test_an_invitation_to_an_address_that_is_refused_is_told_to_who_invited(invitation, alice, acme, server, run_jobs):
    server(smtplib.SMTPRecipientsRefused({invitation.email: (550, b"no such user")}))
    assert Job.objects.get().run() is True
    row = alice.notices.get()
    assert (row.title, row.url) == (
        "No llegó la invitación a nadie@pruebas.example",
        reverse("empresa:team", args=[acme.pk]),
    )
    assert "no such user" in row.body


def test_a_line_break_in_a_companys_name_is_no_header(acme, alice, run_jobs):
    acme.legal_name = "Acme\r\nBcc: otro@pruebas.example"
    acme.save()
    Invitation.send(acme, email="nadie@pruebas.example", role=Membership.Role.READER, by=alice)
    run_jobs()
    sent = mail.outbox[0]
    assert sent.subject.startswith("Acme Bcc: otro@pruebas.example ")
    assert (sent.message()["To"], sent.message()["Bcc"]) == ("nadie@pruebas.example", None)


def test_an_invitation_that_was_given_up_is_told_too(invitation, alice, server):
    server(WRONG[1])
    give_up(Job.objects.get())
    assert "looks like spam" in alice.notices.get().body


# Codes and links to one's account


def test_a_page_does_not_wait_for_a_mail_server_that_is_away(client, bob, server, run_jobs):
    server(TimeoutError("timed out"))
    assert client.post("/cuenta/password/reset/", {"email": bob.email}).status_code == 302
    server(None)
    run_jobs()
    (message,) = mail.outbox
    assert message.to == [bob.email]
    assert message.extra_headers["Message-ID"].startswith("<")
    assert Job.objects.get().payload == {}


def test_a_code_that_would_come_too_late_is_not_sent(client, bob, run_jobs, time_machine):
    client.post("/cuenta/password/reset/", {"email": bob.email})
    time_machine.move_to(timezone.now() + timedelta(days=4))
    run_jobs()
    assert mail.outbox == []


def test_a_code_to_an_address_that_is_refused_is_not_tried_again(client, bob, server):
    client.post("/cuenta/password/reset/", {"email": bob.email})
    server(smtplib.SMTPRecipientsRefused({bob.email: (550, b"no such user")}))
    assert Job.objects.get().run() is True


# One id from the request to the mail


@pytest.fixture
def lines():
    """What a collector of JSON logs reads while the test runs."""
    formatter = logging_settings("INFO", json=True)["formatters"]["line"]
    shape, written = import_string(formatter.pop("()"))(**formatter), []

    class Collector(logging.Handler):
        def emit(self, record):
            written.append(json.loads(shape.format(record)))

    collector, kept = Collector(), {name: logging.getLogger(name).level for name in (None, *EACH_TIME)}
    logging.getLogger().addHandler(collector)
    for name in kept:
        logging.getLogger(name).setLevel(logging.INFO)
    yield written
    logging.getLogger().removeHandler(collector)
    for name, level in kept.items():
        logging.getLogger(name).setLevel(level)


def test_one_id_leads_from_the_request_to_the_mail_and_names_nobody(as_, alice, acme, lines, run_jobs):
    email = "luz.soto@pruebas.example"
    path = reverse("empresa:invite", args=[acme.pk])
    as_(alice).post(path, {"email": email, "role": "reader"}, headers={"X-Request-ID": "a" * 32})
    run_jobs()
    mine = [line["event"] for line in lines if line.get("request_id") == "a" * 32]
    job = Job.objects.get()
    assert [text.split(" in ")[0] for text in mine] == [
        f"POST empresa:invite company={acme.pk} 302",
        "mail without id handed over",
        f"job {job.key} done, attempt 1",
    ]
    written = json.dumps(lines)
    assert [secret for secret in (email, "Soto", alice.email, acme.ruc, acme.legal_name) if secret in written] == []


def test_a_request_with_a_secret_in_its_address_does_not_log_it(client, db, lines):
    client.get(reverse("empresa:invitation", args=["unsecretounsecretounsecreto"]))
    ours, theirs = lines
    assert ours["event"].startswith("GET empresa:invitation 404 in ")
    assert theirs["event"] == "Not Found: /empresa/invitacion/[oculto]/"
    assert ours["request_id"] == theirs["request_id"]
