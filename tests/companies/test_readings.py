"""Somebody from outside who opens a company's file leaves a trace that the company reads."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies import standing_in
from companies.models import Event, SiteDocumentFile, StandIn
from ecoeficiencia.models import Blob
from requirements_std.models import Evidence
from tests import factories as f

PDF = b"%PDF-1.7 prueba"


@pytest.fixture
def paper(plant):
    SiteDocumentFile.objects.update(blob=Blob.store(PDF, "application/pdf"))
    return SiteDocumentFile.objects.get(document__kind="licence")


@pytest.fixture
def proof(acme, alice):
    blob = Blob.store(PDF, "application/pdf")
    return Evidence.objects.create(company=acme, title="Recibo", blob=blob, filename="recibo.pdf", uploaded_by=alice)


def address(record):
    return reverse(
        "public:site_document" if isinstance(record, SiteDocumentFile) else "public:evidence_file", args=[record.pk]
    )


@pytest.mark.parametrize("kind", ["paper", "proof"])
@pytest.mark.parametrize("how", ["", "?descargar=1", "?ver=1"])
def test_staff_who_open_a_file_are_named_to_the_company(request, as_, stella, alice, acme, kind, how):
    record = request.getfixturevalue(kind)
    assert as_(stella).get(address(record) + how).status_code == 200
    event = Event.objects.readings().get()
    assert (event.actor, event.company, event.note) == (stella, acme, record.filename)
    page = as_(alice).get(reverse("empresa:history", args=[acme.pk]), {"ver": "lecturas"}).text
    assert record.filename in page
    assert "Stella" in page


def test_the_monitor_leaves_a_trace_too(as_, mia, paper):
    as_(mia).get(address(paper))
    assert Event.objects.readings().get().actor == mia


def test_the_company_s_own_people_leave_none(as_, alice, reader, paper):
    as_(alice).get(address(paper))
    as_(reader).get(address(paper))
    assert not Event.objects.readings().exists()


def test_a_refused_reading_leaves_none(as_, bob, paper):
    assert as_(bob).get(address(paper)).status_code == 404
    assert not Event.objects.readings().exists()


def test_an_hour_is_told_once(as_, stella, paper, time_machine):
    client = as_(stella)
    for _time in range(3):
        client.get(address(paper))
    assert Event.objects.readings().count() == 1
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    as_(stella).get(address(paper))
    assert Event.objects.readings().count() == 2


def test_readings_do_not_crowd_the_history(as_, stella, alice, acme, paper):
    as_(stella).get(address(paper))
    assert "Archivo abierto" not in as_(alice).get(reverse("empresa:history", args=[acme.pk])).text
    assert "Archivo abierto" not in as_(stella).get(reverse("panel:company", args=[acme.pk])).text


def test_another_company_does_not_see_who_read(as_, stella, bob, other, paper):
    as_(stella).get(address(paper))
    page = as_(bob).get(reverse("empresa:history", args=[other.pk]), {"ver": "lecturas"}).text
    assert "licencia.pdf" not in page


def test_administrators_read_them_all_or_of_one_person(as_, stella, mia, ada, paper):
    as_(stella).get(address(paper))
    as_(mia).get(address(paper))
    page = reverse("panel:readings")
    assert [row.actor for row in as_(ada).get(page).context["page"]] == [mia, stella]
    assert [row.actor for row in as_(ada).get(page, {"persona": stella.pk}).context["page"]] == [stella]
    assert as_(ada).get(page, {"persona": "x"}).status_code == 404
    assert as_(stella).get(page).status_code == 404


def test_the_list_asks_as_often_for_thirty_as_for_three(
    as_, ada, acme, stella, paper, django_assert_num_queries, django_assert_max_num_queries
):
    client, page = as_(ada), reverse("panel:readings")

    def read(times):
        for n in range(times):
            Event.record(paper, by=stella, verb="read", note=f"{n}.pdf")

    read(3)
    with django_assert_max_num_queries(25) as few:
        client.get(page)
    read(27)
    with django_assert_num_queries(len(few)):
        client.get(page)


def test_staff_who_read_as_somebody_of_the_company_are_named_themselves(as_, stella, alice, paper):
    client = as_(stella)
    client.post(reverse("panel:stand_in", args=[alice.pk]), {"kind": "see", "reason": "Llamó, no encuentra su ITSE."})
    assert client.get(address(paper)).status_code == 200
    event = Event.objects.readings().get()
    assert (event.actor, event.data["on_behalf_of"]) == (stella, alice.pk)


def test_the_printed_papers_of_an_application_leave_a_trace_as_well(as_, stella, alice, acme, edition):
    application = f.ApplicationFactory(company=acme, edition=edition, created_by=alice, number="EXP-2026-00007")
    blob = Blob.store(PDF, "application/pdf")
    letter = application.decision_letters.create(kind="admission", issued_on=timezone.localdate(), text="Sí", pdf=blob)
    for person in (alice, stella):
        assert as_(person).get(reverse("public:decision_letter_file", args=[letter.pk])).status_code == 200
    opened = Event.objects.readings().values_list("actor", "company", "note")
    assert list(opened) == [(stella.pk, acme.pk, "EXP-2026-00007-admission.pdf")]


def test_staff_who_see_as_somebody_leave_a_trace_at_the_company_s_own_papers(as_, stella, alice, acme, edition):
    application = f.ApplicationFactory(company=acme, edition=edition, created_by=alice, number="EXP-2026-00007")
    record = Blob.store(PDF, "application/pdf")
    revision = application.revisions.create(number=1, data={}, submitted_by=alice, record=record)
    client, page = as_(stella), reverse("empresa:application_record", args=[revision.pk])
    session = client.session
    session[standing_in.SESSION_KEY] = StandIn.start(kind="see", person=alice, by=stella, reason="Llamó.").pk
    session.save()
    assert client.get(page).status_code == 200
    assert as_(alice).get(page).status_code == 200
    assert list(Event.objects.readings().values_list("actor", "note")) == [(stella.pk, "EXP-2026-00007-v1.pdf")]
