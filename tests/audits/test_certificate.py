from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Certificate, MarkLicence, RegisterEntry
from audits.tasks import is_suspended
from companies.models import Notice
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.walls import install
from programs.models import Measure
from programs.reminders import due_items
from tests import factories as f

from . import certifying

pytestmark = pytest.mark.django_db
LIMA = ZoneInfo("America/Lima")


@pytest.fixture
def certificate(participation, plant, body):
    """Acme's certificate, from today."""
    scope = f.ScopeFactory(assessment=participation.assessment)
    scope.sites.add(plant)
    type(participation).objects.filter(pk=participation.pk).update(state="certified")
    audit = f.ExternalAuditFactory(participation=participation, body=body, scope=scope, state="confirmed")
    return f.CertificateFactory(decision__audit=audit)


@pytest.fixture
def deserved(certificate, alice):
    """Acme attended every module and has three measures in different resources."""
    certifying.trained(certificate.decision.participation)
    certifying.saved(certificate.company, "water", "energy", "materials", by=alice)
    return certificate


def page(certificate, act=""):
    return reverse(f"panel:certificate{act}", args=[certificate.pk])


def test_status_is_asked_of_a_day():
    row = Certificate(state="issued", valid_from=date(2026, 5, 12), valid_until=date(2028, 5, 11))
    days = {
        date(2026, 5, 11): "not_yet",
        date(2026, 5, 12): "valid",
        date(2028, 5, 11) - timedelta(181): "valid",
        date(2028, 5, 11) - timedelta(180): "expiring",
        date(2028, 5, 11): "expiring",
        date(2028, 5, 12): "expired",
    }
    assert {day: row.status_on(day) for day in days} == days
    row.state = "suspended"
    assert row.status_on(date(2030, 1, 1)) == "suspended"


def test_the_last_day_ends_at_midnight_of_lima(client, certificate):
    until = certificate.valid_until
    url = reverse("public:verification", args=[certificate.code])
    late = datetime(until.year, until.month, until.day, 23, 59, tzinfo=LIMA)
    with time_machine.travel(late, tick=False):
        assert "Certificado vigente, por vencer" in client.get(url).content.decode()
    with time_machine.travel(late + timedelta(minutes=2), tick=False):
        assert "Certificado vencido" in client.get(url).content.decode()


@pytest.mark.parametrize("status", ["valid", "expiring", "expired", "suspended", "withdrawn", "replaced"])
def test_the_list_filters_by_the_status_the_page_shows(certificate, status):
    today = timezone.localdate()
    dates = {"expiring": today + timedelta(10), "expired": today - timedelta(1)}
    f.CertificateFactory(valid_from=today - timedelta(900), valid_until=dates["expiring"])
    f.CertificateFactory(valid_from=today - timedelta(900), valid_until=dates["expired"])
    for state in ("suspended", "withdrawn", "replaced"):
        f.CertificateFactory(state=state)
    rows = Certificate.objects.with_status(status, today)
    assert [row.status_on(today) for row in rows] == [status]


def test_suspending_takes_the_licence_with_it_and_reinstating_gives_it_back(as_, deserved, stella, alice):
    licence = deserved.grant_licence(by=stella, uses=["product"], on=timezone.localdate())
    until = timezone.localdate() + timedelta(days=90)
    words = {"suspend-reason": "Acción correctiva sin cerrar.", "suspend-until": str(until)}
    assert as_(stella).post(page(deserved, "_suspend"), words).status_code == 302
    deserved.refresh_from_db()
    licence.refresh_from_db()
    assert (deserved.state, licence.state) == ("suspended", "suspended")
    assert (deserved.state_reason, deserved.suspended_until) == ("Acción correctiva sin cerrar.", until)
    told = f"Acción correctiva sin cerrar. Dura hasta el {until:%d/%m/%Y}, salvo que se resuelva antes."
    assert Notice.objects.filter(user=alice, body=told).count() == 1
    as_(stella).post(page(deserved, "_reinstate"), {"reinstate-reason": "Se cerró."})
    deserved.refresh_from_db()
    licence.refresh_from_db()
    assert (deserved.state, deserved.suspended_until, licence.state) == ("issued", None, "issued")
    assert list(RegisterEntry.objects.values_list("act", flat=True)) == [
        "granted", "licence_granted", "suspended", "licence_suspended", "reinstated", "licence_reinstated",
    ]  # fmt: skip


def test_a_withdrawn_certificate_stays_withdrawn(as_, deserved, stella, dora):
    licence = deserved.grant_licence(by=stella, uses=["product"], on=timezone.localdate())
    certifying.withdrawn(deserved, stella, dora)
    licence.refresh_from_db()
    assert (deserved.state, licence.state) == ("withdrawn", "withdrawn")
    refused = as_(stella).post(page(deserved, "_reinstate"), {"reinstate-reason": "x"})
    assert refused.status_code == 409


def test_an_act_needs_a_reason_and_a_coordinator(as_, certificate, stella, dora, alice, nadia):
    refused = as_(stella).post(page(certificate, "_suspend"), {"suspend-reason": ""})
    assert refused.status_code == 422
    with pytest.raises(IllegalMove, match="Falta el motivo"):
        certifying.suspended(certificate, by=stella, reason=" ")
    for user in (dora, alice, nadia):
        for act in ("_suspend", "_withdraw", "_reinstate", "_licence"):
            assert as_(user).post(page(certificate, act), {"suspend-reason": "x"}).status_code == 404
    assert as_(stella).get(page(certificate, "_suspend")).status_code == 405
    certificate.refresh_from_db()
    assert certificate.state == "issued"


@pytest.mark.parametrize("days", [0, 181])
def test_a_suspension_ends_within_the_term_of_the_edition(as_, certificate, stella, days):
    today = timezone.localdate()
    words = {"suspend-reason": "x", "suspend-until": str(today + timedelta(days=days))}
    refused = as_(stella).post(page(certificate, "_suspend"), words)
    assert (refused.status_code, "que es lo más que permite la edición" in refused.text) == (422, True)
    with pytest.raises(IllegalMove, match="término de la suspensión"):
        certificate.suspend(by=stella, reason="x", on=today, until=today + timedelta(days=days))


def test_coordination_is_reminded_of_a_suspension_until_it_is_resolved(certificate, stella, dora):
    today = timezone.localdate()
    certifying.suspended(certificate, by=stella)
    due = [item for item in due_items(today) if item.key.startswith("suspension:")]
    assert [(item.due_on, item.users) for item in due] == [(certificate.suspended_until, (stella,))]
    rest = due[0].key.partition(":")[2]
    assert is_suspended(rest, certificate.suspended_until)
    certifying.withdrawn(certificate, stella, dora)
    assert [item for item in due_items(today) if item.key.startswith("suspension:")] == []
    assert not is_suspended(rest, certificate.suspended_until)


def test_two_people_suspending_at_once(certificate, stella):
    late = Certificate.objects.get(pk=certificate.pk)
    certifying.suspended(certificate, by=stella, reason="Uno.")
    with pytest.raises(IllegalMove):
        certifying.suspended(late, by=stella, reason="Dos.")
    assert RegisterEntry.objects.filter(act="suspended").count() == 1


def test_the_licence_is_granted_when_its_conditions_are_met(as_, deserved, stella):
    response = as_(stella).post(page(deserved, "_licence"), {"uses": ["institutional", "event"]})
    assert response.status_code == 302
    licence, today = MarkLicence.objects.get(), timezone.localdate()
    assert licence.number == f"LM-{today.year}-0001"
    assert (licence.valid_from, licence.valid_until) == (today, deserved.valid_until)
    assert (licence.uses, licence.granted_by) == (["institutional", "event"], stella)
    assert len(licence.conditions) == 3
    again = as_(stella).post(page(deserved, "_licence"), {"uses": ["product"]})
    assert (again.status_code, MarkLicence.objects.count()) == (409, 1)


def test_without_attendance_or_measures_the_licence_is_refused_with_figures(as_, certificate, stella, alice, acme):
    certifying.trained(certificate.decision.participation, modules=7)
    certifying.saved(acme, "water", "water", "energy", by=alice)
    refused = as_(stella).post(page(certificate, "_licence"), {"uses": ["product"]})
    text = refused.content.decode()
    assert refused.status_code == 409
    assert "Asistencia a los talleres de 80 % o más Alcanzó 70 %." in text
    assert "Medidas implementadas en 3 recursos distintos o más Tiene medidas implementadas en 2." in text
    company = as_(alice).get(reverse("empresa:certificate", args=[acme.pk])).content.decode()
    assert "Alcanzó 70 %." in company and "todavía no puede usar la marca" in company
    assert MarkLicence.objects.count() == 0


def test_a_suspended_certificate_gets_no_licence(deserved, stella):
    today = timezone.localdate()
    certifying.suspended(deserved, by=stella)
    with pytest.raises(IllegalMove, match="Certificado en vigor"):
        deserved.grant_licence(by=stella, uses=["product"], on=today)


def test_measures_not_implemented_do_not_count(deserved, stella):
    Measure.objects.filter(resource="water").update(state="in_progress")
    with pytest.raises(IllegalMove, match="implementadas en 2"):
        deserved.grant_licence(by=stella, uses=["product"], on=timezone.localdate())


def test_the_company_sees_its_certificate_and_others_do_not(as_, certificate, alice, reader, bob, acme, nadia):
    url = reverse("empresa:certificate", args=[acme.pk])
    text = as_(alice).get(url).content.decode()
    assert certificate.number in text and "Estamos preparando el PDF." in text and certificate.code in text
    assert as_(reader).get(url).status_code == 200
    for user in (bob, nadia):
        assert as_(user).get(url).status_code == 404


def test_the_pdf_is_made_by_the_worker_and_served_to_its_company(as_, certificate, alice, bob, stella, settings):
    from audits.tasks import print_certificate

    own, staff = reverse("empresa:certificate_pdf", args=[certificate.pk]), page(certificate, "_pdf")
    assert as_(alice).get(own).status_code == 404
    print_certificate(certificate=certificate.pk)
    certificate.refresh_from_db()
    first = certificate.pdf
    print_certificate(certificate=certificate.pk)
    certificate.refresh_from_db()
    assert certificate.pdf == first
    for user, url in ((alice, own), (stella, staff)):
        response = as_(user).get(url)
        assert b"".join(response.streaming_content)[:5] == b"%PDF-"
    assert as_(bob).get(own).status_code == 404
    assert as_(alice).get(staff).status_code == 404


def test_a_company_without_certificate_reads_why(as_, alice, acme, participation):
    text = as_(alice).get(reverse("empresa:certificate", args=[acme.pk])).content.decode()
    assert "Su empresa aún no tiene certificado." in text


def test_the_register_is_whole_until_a_line_is_touched(certificate, stella):
    certifying.suspended(certificate, by=stella)
    out = StringIO()
    call_command("verify_register", stdout=out)
    assert out.getvalue() == "Registro íntegro: 2 asientos.\n"
    install.take_down(connection)  # somebody who may do anything with the database
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audits_registerentry SET act = 'withdrawn' WHERE sequence = 1")
    with pytest.raises(CommandError, match=f"Asiento 1 .{certificate.number}.: su contenido no corresponde"):
        call_command("verify_register")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM audits_registerentry WHERE sequence = 1", "falta el asiento 1"),
        ("UPDATE audits_registerentry SET previous = 'x' WHERE sequence = 2", "no enlaza con el asiento anterior"),
        ("""UPDATE audits_registerentry SET payload = '{"number": "X"}' WHERE sequence = 2""", "no corresponde"),
    ],
)
def test_each_way_of_rewriting_history_is_named(certificate, stella, sql, said):
    certifying.suspended(certificate, by=stella)
    install.take_down(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(CommandError, match=said):
        call_command("verify_register")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE audits_certificate SET valid_from = '2020-01-01'", "no dice lo mismo que su asiento 1"),
        ("UPDATE audits_certificate SET valid_until = '2099-01-01'", "no dice lo mismo que su asiento 1"),
        ("UPDATE audits_certificate SET number = 'BPE-2026-7777'", "no dice lo mismo que su asiento 1"),
        ("""UPDATE audits_certificate SET printed = '{"company_name": "Otra S.A."}'""", "no dice lo mismo que su"),
        ("UPDATE audits_certificate SET state = 'issued'", "no está en el estado que dice el registro"),
        ("UPDATE audits_marklicence SET state = 'issued'", "su licencia de marca no está en el estado"),
        ("DELETE FROM audits_registerentry", "no está en el registro"),
    ],
)
def test_a_certificate_inserted_or_back_dated_is_named(certificate, stella, sql, said):
    """By somebody who may do anything with the database and leaves the lines of the register as they are, or none."""
    MarkLicence.objects.create(
        certificate=certificate, number="LM-1", valid_from=certificate.valid_from,
        valid_until=certificate.valid_until, granted_by=stella,
    )  # fmt: skip
    with transaction.atomic():
        certificate.enter("licence_granted", on=timezone.localdate())
    certifying.suspended(certificate, by=stella)
    call_command("verify_register", stdout=StringIO())
    install.take_down(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(CommandError, match=f"Certificado .*: {said}"):
        call_command("verify_register")


def test_the_register_refuses_to_change_or_forget(certificate):
    entry = RegisterEntry.objects.get()
    for attempt in (entry.save, entry.delete, RegisterEntry.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        RegisterEntry.objects.update(act="withdrawn")


def test_the_register_holds_no_person(certificate, stella):
    certifying.suspended(certificate, by=stella, reason="Acción sin cerrar.")
    text = " ".join(str(entry.payload) for entry in RegisterEntry.objects.all())
    assert "Stella" not in text and str(certificate.decision.decided_by) not in text
    assert "@" not in text


def test_the_staff_list_filters_and_asks_the_same_for_many(as_, stella, certificate):
    client, counts = as_(stella), []
    edition = f.EditionFactory()
    for wanted in (3, 20):
        while Certificate.objects.count() < wanted:
            f.CertificateFactory(decision__audit__participation__edition=edition)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("panel:certificates")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    found = client.get(reverse("panel:certificates"), {"q": "acme"}).content.decode()
    assert certificate.number in found
    none = client.get(reverse("panel:certificates"), {"q": "acme", "estado": "withdrawn"}).content.decode()
    assert "Ningún certificado coincide." in none


def test_strangers_find_no_certificates_in_the_panel(as_, certificate, alice, ernesto, nadia):
    for user in (alice, ernesto, nadia):
        assert as_(user).get(reverse("panel:certificates")).status_code == 404
        assert as_(user).get(page(certificate)).status_code == 404


@pytest.mark.parametrize(("left", "told"), [(181, 0), (180, 1), (90, 1), (7, 1), (0, 1), (-30, 1), (-31, 0)])
def test_the_company_is_reminded_of_the_end_of_its_certificate(certificate, alice, left, told):
    from programs.reminders import send

    day = certificate.valid_until - timedelta(left)
    for _time in range(2):
        send(day)
    title = f"Termina su certificado {certificate.number}"
    assert Notice.objects.filter(user=alice, title=title).count() == told


def test_a_suspended_or_withdrawn_certificate_is_not_reminded(certificate, alice, stella):
    from programs.reminders import send

    certifying.suspended(certificate, by=stella)
    send(certificate.valid_until)
    assert Notice.objects.filter(user=alice, title__startswith="Termina").count() == 0
