"""A rejection looked at again: the company asks in time and once, who took no part resolves it, it reads the answer."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from companies.models import Delivery, Notice
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.workdays import add_workdays
from programs.models import Appeal, Application
from tests import factories as f
from tests.conftest import appointed
from tests.files import corpus

from .test_review import decide, ready

pytestmark = pytest.mark.django_db
GROUNDS = "Cumple los requisitos de la convocatoria."


@pytest.fixture
def rejected(filed, stella, rita):
    decide(filed, rita, "rejected", "No exporta.", only="exports")
    decide(filed, rita)
    filed.reject(by=stella, grounds="No acredita exportaciones directas.")
    return Application.objects.get(pk=filed.pk)


@pytest.fixture
def told(rejected, stella):
    """The same, with its mail sent: the days to appeal run."""
    for mail in Delivery.objects.about(rejected).filter(state="held"):
        mail.release(by=stella)
    return rejected


@pytest.fixture
def judge(db):
    return appointed("Julia", "reviewer")


def appeal(client, application, grounds="No vieron la DAM de marzo.", **more):
    address = reverse("empresa:application_appeal", args=[application.pk])
    return client.post(address, {"grounds": grounds} | more)


def appeal_page(client, application):
    return client.get(reverse("empresa:application_appeal", args=[application.pk])).text


def resolve(client, outcome, words="La DAM es de la empresa."):
    data = {"resolver-outcome": outcome, "resolver-resolution": words}
    return client.post(reverse("panel:appeal_resolve", args=[Appeal.objects.get().pk]), data)


def give(client, person):
    data = {"asignar-reviewer": person.pk}
    return client.post(reverse("panel:appeal_assign", args=[Appeal.objects.get().pk]), data)


@pytest.mark.parametrize(
    ("outcome", "state", "heading"),
    [
        ("upheld", "submitted", "PROMPERÚ le dio la razón"),
        ("dismissed", "rejected", "PROMPERÚ mantuvo su decisión"),
    ],
)
def test_the_whole_way_of_an_appeal(told, alice, stella, judge, as_, today, outcome, state, heading):
    client, until = as_(alice), add_workdays(today, 15)
    application_page = client.get(reverse("empresa:application", args=[told.pk])).text
    assert f"que se reconsidere hasta el <b>{until:%d/%m/%Y}</b>: quedan 15 días hábiles" in application_page
    page = appeal_page(client, told)
    assert "No acredita exportaciones directas." in page and "No exporta." in page

    file = SimpleUploadedFile("dam-de-marzo.pdf", corpus.pdf(), "application/pdf")
    assert appeal(client, told, file=file).status_code == 302
    row = Appeal.objects.get()
    assert (row.state, row.due_from, row.due_on, row.filed_by) == ("filed", today, add_workdays(today, 15), alice)
    assert Notice.objects.filter(user=stella, key__contains=":filed").count() == 1
    assert "La verá una persona que no revisó ni decidió su postulación." in appeal_page(client, told)
    home = client.get(reverse("empresa:company", args=[told.company_id])).text
    assert "PROMPERÚ ve su pedido de reconsideración." in home

    assert give(as_(judge), judge).status_code == 302
    assert "Ya la tiene una persona que no revisó ni decidió su postulación." in appeal_page(client, told)
    file = as_(judge).get(reverse("public:appeal_file", args=[row.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert resolve(as_(judge), outcome).status_code == 302

    told.refresh_from_db()
    assert (told.state, Appeal.objects.get().state) == (state, outcome)
    page = appeal_page(client, told)
    assert heading in page and "La DAM es de la empresa." in page and "dam-de-marzo.pdf" in page
    assert Notice.objects.filter(user=alice, key__contains=":resolved").count() == 1
    history = as_(judge).get(reverse("panel:appeal", args=[row.pk])).context["events"]
    assert [event.verb for event in history] == ["move", "assign", "appeal"]
    assert "Version" not in page


def test_the_days_to_appeal_run_from_the_notice_not_from_the_decision(rejected, alice, stella, as_, today):
    assert rejected.appeal_until() is None
    assert "empieza cuando PROMPERÚ le envíe el aviso" in appeal_page(as_(alice), rejected)
    assert rejected.missing_to_appeal(today + timedelta(days=90)) == ""
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        Delivery.objects.about(rejected).get(state="held", notice__user=alice).release(by=stella)
    assert rejected.appeal_until() == add_workdays(today + timedelta(days=10), 15)


def test_where_no_notice_is_to_come_the_decision_tells_the_day(rejected, stella, today):
    Delivery.objects.about(rejected).get(state="held").discard(by=stella)
    assert rejected.appeal_until() == add_workdays(today, 15)


def test_a_colleague_who_asks_second_reads_what_was_asked(told, alice, acme, as_):
    bea = f.UserFactory(first_name="Bea")
    f.MembershipFactory(user=bea, company=acme)
    assert appeal(as_(alice), told).status_code == 302
    again = appeal(as_(bea), told, "Yo también lo pido.")
    assert again.status_code == 409
    for words in ("Se pide una sola vez", "No vieron la DAM de marzo.", "Yo también lo pido."):
        assert words in again.text
    assert Appeal.objects.count() == 1


def test_after_the_last_day_the_page_says_so_and_loses_nothing(told, alice, as_):
    until = told.appeal_until()
    with time_machine.travel(timezone.now() + timedelta(days=(until - timezone.localdate()).days + 1)):
        client = as_(alice)
        assert f"El plazo para pedir que se reconsidere venció el {until:%d/%m/%Y}." in appeal_page(client, told)
        late = appeal(client, told, "Se nos pasó la fecha.")
    assert late.status_code == 409
    assert "Se nos pasó la fecha." in late.text and "venció el" in late.text
    assert Appeal.objects.count() == 0


def test_on_the_last_day_one_is_in_time(told, alice):
    with pytest.raises(IllegalMove, match="venció el"):
        Appeal.file(told, grounds="x", by=alice, on=told.appeal_until() + timedelta(days=1))
    assert Appeal.file(told, grounds="x", by=alice, on=told.appeal_until()).state == "filed"


def test_only_a_rejection_is_appealed(filed, alice, as_):
    answer = appeal(as_(alice), filed)
    assert answer.status_code == 409
    assert "Solo se pide que se reconsidere una postulación no admitida." in answer.text


def test_whoever_took_part_neither_judges_nor_is_offered(told, alice, stella, rita, judge, as_):
    appeal(as_(alice), told)
    address = reverse("panel:appeal", args=[Appeal.objects.get().pk])
    for person in (stella, rita):
        answer = resolve(as_(person), "upheld", "Sí.")
        assert answer.status_code == 409
        assert "la reconsideración la ve otra persona" in answer.text
        assert "La veo yo" not in as_(person).get(address).text
    page = as_(stella).get(address)
    assert list(page.context["assign_form"].fields["reviewer"].queryset) == [judge]
    barred = {str(person) for person in page.context["barred"]}
    assert barred == {str(stella), str(rita)} and "No se ofrece a quien participó" in page.text
    refused = give(as_(stella), rita)
    assert (refused.status_code, "Esa persona no puede verla" in refused.text) == (422, True)
    with pytest.raises(IllegalMove, match=r"Rita .* participó"):
        Appeal.objects.get().assign(rita, by=stella)
    assert "La veo yo" in as_(judge).get(address).text
    assert Appeal.objects.get().state == "filed"


def test_who_decided_a_point_that_another_decided_again_took_part_too(filed, alice, stella, rita, judge):
    item = filed.items.get(key="exports")
    filed.decide_item(item, verdict="rejected", reason="No exporta.", by=judge, seen=item.version)
    filed.decide_item(item, verdict="rejected", reason="No exporta.", by=rita, seen=item.version)
    decide(filed, rita)
    filed.reject(by=stella, grounds="No exporta.")
    row = Appeal.file(filed, grounds="Sí exporta.", by=alice, on=timezone.localdate())
    assert list(row.judges()) == []


def test_when_nobody_is_left_the_page_says_what_to_do(told, alice, stella, as_):
    appeal(as_(alice), told)
    page = as_(stella).get(reverse("panel:appeal", args=[Appeal.objects.get().pk])).text
    assert "No queda quien pueda verla" in page and reverse("panel:people") in page
    assert "Asignar a…" not in page


def test_the_pages_of_an_appeal_say_its_texts_once(told, alice, judge, as_):
    appeal(as_(alice), told, grounds="Sí transformamos el cacao en barras.")
    resolve(as_(judge), "dismissed", words="No se halló línea de proceso.")
    staff = as_(judge).get(reverse("panel:appeal", args=[Appeal.objects.get().pk])).text
    for page in (staff, appeal_page(as_(alice), told)):
        for words in ("Sí transformamos el cacao en barras.", "No se halló línea de proceso."):
            assert (words, page.count(words)) == (words, 1)


def test_an_appeal_upheld_sends_the_file_back_for_somebody_else(told, alice, stella, as_, today):
    appeal(as_(alice), told)
    other = appointed("Sofía", "coordinator")
    assert resolve(as_(other), "upheld").status_code == 302
    application = Application.objects.get(pk=told.pk)
    page = "PROMPERÚ le dio la razón en la reconsideración"
    assert page in as_(alice).get(reverse("empresa:application", args=[told.pk])).text
    for item in application.items.all():
        application.decide_item(item, verdict="accepted", reason="", by=other, seen=item.version)
    ready(application, other, today)
    for act in ("admit", "wait", "reject"):
        with pytest.raises(IllegalMove, match="ahora decide otra persona"):
            getattr(Application.objects.get(pk=told.pk), act)(by=stella, grounds=GROUNDS)
    address = reverse("panel:application", args=[told.pk])
    assert "ahora decide otra persona" in as_(stella).get(address).text
    assert reverse("panel:application_admit", args=[told.pk]) not in as_(stella).get(address).text
    assert reverse("panel:application_admit", args=[told.pk]) in as_(other).get(address).text
    Application.objects.get(pk=told.pk).admit(by=other, grounds=GROUNDS)
    again = resolve(as_(other), "upheld")
    assert again.status_code == 409


def test_a_reader_reads_how_and_neither_they_nor_a_stranger_ask(told, reader, bob, as_):
    page = appeal_page(as_(reader), told)
    assert "Su acceso es de solo lectura. Pídalo a quien representa o coordina." in page
    assert "<textarea" not in page
    assert appeal(as_(reader), told).status_code == 404
    assert appeal(as_(bob), told).status_code == 404
    assert Appeal.objects.count() == 0
