"""Notices: the centre, following one, and the mail that carries each exactly once."""

from smtplib import SMTPException, SMTPRecipientsRefused

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Delivery, Notice
from companies.tasks import deliver
from ecoeficiencia.jobs import Job


def tell(user, n=1, url="/empresa/", **more):
    return Notice.tell([user], key=f"prueba:{n}", kind="prueba", title=f"Aviso {n}", body="Cuerpo.", url=url, **more)


def test_a_notice_is_told_once_and_mailed_once(alice, acme, run_jobs, settings):
    settings.SITE_URL = "https://eco.example"
    tell(alice, company=acme)
    tell(alice, company=acme)
    run_jobs()
    (message,) = mail.outbox
    delivery = Delivery.objects.get()
    assert (delivery.state, message.to) == (Delivery.State.SENT, [alice.email])
    assert message.subject == "Aviso 1 · Ecoeficiencia Perú"
    assert message.extra_headers["Message-ID"] == f"<{delivery.message_id}@eco.example>"
    html = message.alternatives[0].content
    for text in (message.body, html):
        assert "Aviso 1" in text
        assert "Cuerpo." in text
        assert "https://eco.example/empresa/" in text
        assert "Acme Exportaciones" in text
    assert delivery.sent_at is not None


def test_a_delivery_run_again_sends_nothing_more(alice, run_jobs):
    tell(alice)
    run_jobs()
    deliver(Delivery.objects.get().pk)
    assert len(mail.outbox) == 1


def test_a_mail_sent_twice_bears_one_identifier(alice, run_jobs):
    tell(alice)
    run_jobs()
    Delivery.objects.update(state="pending", sent_at=None)  # the worker died after the server took it
    deliver(Delivery.objects.get().pk)
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 1
    assert len(mail.outbox) == 2


class Backend:
    """A mail server that fails as `error` says."""

    error = None

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise self.error


@pytest.fixture
def server_fails(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Backend"
    return lambda error: monkeypatch.setattr(Backend, "error", error)


@pytest.mark.parametrize(
    "error",
    [SMTPException("greylisted"), SMTPRecipientsRefused({"alice@pruebas.example": (450, b"later")}), OSError("down")],
)
def test_a_failed_mail_stays_pending_and_is_tried_again(alice, server_fails, settings, error):
    server_fails(error)
    tell(alice)
    job = Job.objects.get()
    assert job.run() is False
    assert Delivery.objects.get().state == Delivery.State.PENDING
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.PENDING, 1)


def test_an_address_refused_for_good_is_marked_as_failed(alice, server_fails):
    server_fails(SMTPRecipientsRefused({alice.email: (550, b"unknown user")}))
    tell(alice)
    assert Job.objects.get().run() is True
    assert Delivery.objects.get().state == Delivery.State.FAILED


def test_a_line_break_in_a_title_is_no_header(alice, run_jobs):
    Notice.tell([alice], key="x", kind="x", title="Uno\nBcc: otro@example.com")
    run_jobs()
    assert mail.outbox[0].subject == "Uno Bcc: otro@example.com · Ecoeficiencia Perú"


def test_what_somebody_typed_is_text_in_a_mail(alice, run_jobs):
    Notice.tell([alice], key="x", kind="x", title="<b>Uno</b>", body='<img src="http://malo.example/x.png"> & más')
    run_jobs()
    html = mail.outbox[0].alternatives[0][0]
    assert "&lt;b&gt;Uno&lt;/b&gt;" in html and "&lt;img src=" in html and "&amp; más" in html
    assert "<img src" not in html
    assert '<img src="http://malo.example/x.png"> & más' in mail.outbox[0].body


def test_the_centre_shows_the_unread_first(as_, alice):
    old, new = tell(alice, 1)[0], tell(alice, 2)[0]
    new.mark_read()
    page = as_(alice).get(reverse("public:notices")).text
    assert page.index(old.title) < page.index(new.title)
    assert "1 sin leer" in page


def test_following_a_notice_reads_it(as_, alice):
    row = tell(alice, url="/empresa/nueva/")[0]
    assert as_(alice).get(reverse("public:notice_open", args=[row.pk])).url == "/empresa/nueva/"
    row.refresh_from_db()
    assert row.read_at is not None


@pytest.mark.parametrize(
    "url", ["https://otro.example/", "//otro.example/", "javascript:alert(1)", "/\\otro.example", ""]
)
def test_a_notice_never_leads_out_of_the_site(as_, alice, url):
    row = tell(alice, url=url)[0]
    assert as_(alice).get(reverse("public:notice_open", args=[row.pk])).url == reverse("public:notices")


def test_one_and_all_are_marked_as_read(as_, alice, bob):
    rows = [tell(alice, n)[0] for n in range(3)]
    theirs = tell(bob)[0]
    client = as_(alice)
    client.post(reverse("public:notice_read", args=[rows[0].pk]))
    assert alice.notices.unread().count() == 2
    assert client.get(reverse("public:notices_read")).status_code == 405
    client.post(reverse("public:notices_read"))
    assert alice.notices.unread().count() == 0
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_somebody_elses_notice_is_not_found(as_, bob, alice):
    row = tell(alice)[0]
    assert as_(bob).get(reverse("public:notice_open", args=[row.pk])).status_code == 404
    assert as_(bob).post(reverse("public:notice_read", args=[row.pk])).status_code == 404
    assert "Aviso 1" not in as_(bob).get(reverse("public:notices")).text


def test_a_visitor_signs_in_first(client, db):
    assert client.get(reverse("public:notices")).status_code == 302


def test_the_centre_asks_the_same_of_the_database_at_three_and_at_twenty(as_, alice, acme):
    client, url = as_(alice), reverse("public:notices")
    for n in range(3):
        tell(alice, n, company=acme)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for n in range(3, 20):
        tell(alice, n, company=acme)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
