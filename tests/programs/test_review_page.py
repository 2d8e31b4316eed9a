"""What the review page and the queue ask of the database, in every state of an application, and what they then tell."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Delivery, Event
from programs import eligibility
from programs.eligibility import Look, kept_check
from programs.models import Waiver
from tests import counting
from tests import factories as f

from .test_review import ready

pytestmark = pytest.mark.django_db
GROUNDS = "Cumple los requisitos de la convocatoria."


@pytest.mark.parametrize("many", [3, 300])
def test_the_review_page_and_the_queue_ask_no_more_than_twelve_times(
    filed,
    rita,
    as_,
    many,
    edition,
):
    for n in range(many):
        f.SubmittedApplicationFactory(edition=edition, number=f"EXP-2025-{n:05d}")
    client = as_(rita)
    item = filed.items.get(key="itse")
    client.get(reverse("panel:applications"))
    address = reverse("panel:application", args=[filed.pk])
    for page in (reverse("panel:applications"), f"{address}?punto={item.pk}"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert counting.asked(queries) <= 12


def refused(filed, rita, verdict, today):
    row = ready(filed, rita, today)
    item = row.items.get(key="exports")
    row.decide_item(item, verdict=verdict, reason="No se lee.", by=rita, seen=item.version)
    return row


def brought_to(state, filed, rita, stella, today):
    if state == "submitted":
        return filed
    if state in {"with one rejected", "observed"}:
        row = refused(filed, rita, "rejected" if state == "with one rejected" else "observed", today)
        if state == "observed":
            row.observe(by=rita, on=today)
        return row
    row = ready(filed, rita, today)
    if "waiting" in state:
        row.edition.quota = 0
        row.edition.save()
        row.wait(by=stella, grounds=GROUNDS)
    if "changed" in state:
        row.company.exports.first().keep(by=rita)
    if state == "admitted":
        row.admit(by=stella, grounds=GROUNDS)
    return row


@pytest.mark.parametrize("many", [3, 60])
@pytest.mark.parametrize(
    ("state", "most"),
    [
        ("submitted", 12),
        ("with one rejected", 12),
        ("observed", 12),
        ("admitted", 12),
        ("all accepted", 12),
        ("waiting", 12),
        # Something in the company's papers changed since: they are read as they are today.
        ("changed while waiting", 18),
    ],
)
def test_the_review_page_asks_as_seldom_in_every_state(filed, rita, stella, as_, today, edition, state, most, many):
    for n in range(many):
        f.SubmittedApplicationFactory(edition=edition, number=f"EXP-2025-{n:05d}")
    row = brought_to(state, filed, rita, stella, today)
    address = reverse("panel:application", args=[row.pk])
    for person in (rita, stella):
        client = as_(person)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert counting.asked(queries) <= most


def test_what_changed_since_it_was_handed_in_is_told_before_admitting(filed, rita, stella, alice, acme, as_, today):
    row = ready(filed, rita, today)
    address = reverse("panel:application", args=[row.pk])
    assert as_(stella).get(address).context["to_admit"] == []
    acme.exports.get().remove(by=alice)
    assert "No registró ninguna exportación directa." in as_(stella).get(address).text


@pytest.mark.parametrize("change", ["the company", "the edition", "a paper of a site", "the representation"])
def test_whatever_changed_is_read_again_before_admitting(filed, rita, stella, alice, acme, as_, today, change):
    row = ready(filed, rita, today)
    if change == "the company":
        acme.website = ""
        Event.save_and_record(acme, by=alice)
        told = "No registró página web."
    if change == "the edition":
        row.edition.set_parameter("minimum_operation_years", 90, note="Prueba", by=stella)
        told = "completa 90 años el"
    if change == "a paper of a site":
        plant = acme.sites.get()
        plant.document("itse").files.get().remove(reason="Es de otra sede.", by=alice)
        told = "Planta Ica: no adjuntó el archivo de «Certificado ITSE»."
    if change == "the representation":
        mandate = acme.mandates.get()
        mandate.ends_on = today - timedelta(days=1)
        Event.save_and_record(mandate, by=alice)
        told = "No registró a su representante legal."
    assert told in as_(stella).get(reverse("panel:application", args=[row.pk])).text


def test_the_reviewer_reads_what_was_found_and_not_what_the_company_has_to_do(filed, rita, acme, as_, today):
    acme.sites.get().documents.filter(kind="itse").update(valid_until=today)
    acme.ruc_source = f"Padrón reducido de SUNAT {today:%d/%m/%Y}"
    acme.save()
    look = Look(acme, filed.edition, today, filed)
    site = next(item for item in look.checklist(set()) if item.key.startswith("itse"))
    kept = filed.revisions.get()
    kept.data["checks"] = [kept_check(item) for item in look.checklist(set())]
    kept.save()
    client, address = as_(rita), reverse("panel:application", args=[filed.pk])
    page = client.get(f"{address}?punto={filed.items.get(key='itse').pk}").text
    assert "No cumple" in page and "antes del cierre de la convocatoria" in page
    assert "Suba el documento renovado." not in page and site.detail == "Suba el documento renovado."
    assert f"Con lo que la empresa registró, leído el {today:%d/%m/%Y}." in page
    page = client.get(f"{address}?punto={filed.items.get(key='ruc_active').pk}").text
    assert f"ACTIVO, HABIDO. Verificado el 15/01/2026 · Padrón reducido de SUNAT {today:%d/%m/%Y}" in page


def test_no_sentence_for_the_reviewer_speaks_to_the_company():
    source = (Path(eligibility.__file__)).read_text(encoding="utf-8")
    inside = re.findall(r'inside=?\s*=?\s*_\(\s*"([^"]+)"', source)
    assert len(inside) > 20
    orders = re.compile(r"\b(su empresa|Suba|Complete|Póngase|avise|Revísela)\b")
    assert [words for words in inside if orders.search(words)] == []


def test_whoever_decides_reads_that_the_mail_waits_and_finds_it(filed, rita, stella, as_, today):
    row = ready(filed, rita, today)
    address = reverse("panel:application", args=[row.pk])
    page = as_(stella).get(address).text
    waits = "El aviso queda en borrador en «Correos» hasta que alguien lo envíe."
    assert page.count(waits) == 2  # to admit, and not to
    assert "La empresa todavía no recibió el aviso" not in page
    row.admit(by=stella, grounds=GROUNDS)
    page = as_(stella).get(address).text
    assert "La empresa todavía no recibió el aviso" in page and "?estado=held&amp;q=Acme" in page
    for mail in Delivery.objects.about(row).filter(state="held"):
        mail.release(by=stella)
    assert "La empresa todavía no recibió el aviso" not in as_(stella).get(address).text


def test_whoever_decides_is_not_asked_to_propose_to_herself(filed, rita, stella, as_, today):
    row = ready(filed, rita, today)
    address, propose = reverse("panel:application", args=[row.pk]), reverse("panel:application_propose", args=[row.pk])
    assert (propose in as_(rita).get(address).text, propose in as_(stella).get(address).text) == (True, False)


def test_a_refused_item_that_was_lifted_is_no_bar_on_the_page(filed, rita, stella, as_, today):
    row = refused(filed, rita, "rejected", today)
    address = reverse("panel:application", args=[row.pk])
    assert "Exportaciones directas: rechazado" in as_(stella).get(address).text
    Waiver.grant(
        application=row, condition="exports", reason="Exporta por encargo.", by=stella,
        expires_on=today + timedelta(days=30), on=today,
    )  # fmt: skip
    answer = as_(stella).get(address)
    assert answer.context["to_admit"] == []
