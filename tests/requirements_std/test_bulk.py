"""Several rows at once: the company hands them in or attaches one file to them; the monitor accepts them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Event, Notice
from requirements_std.models import Evidence, Fulfilment
from requirements_std.selection import Selection
from tests import factories as f

from .conftest import pdf, upload
from .test_pages import grow, many_rows

State = Fulfilment.State
ACCEPT = "/monitor/por-revisar/aceptar/"


def say(response):
    return response.content.decode()


def row_of(assessment, code):
    return assessment.fulfilments.get(requirement__code=code)


def answered(assessment, alice, *codes):
    """Those rows explained and with a proof, not handed in."""
    company = assessment.company
    for row in assessment.fulfilments.filter(requirement__code__in=codes):
        proof = company.evidences.create(title="Acta", filename="a.pdf", uploaded_by=alice, blob=f.BlobFactory())
        row.add_evidence(existing=[proof], by=alice)
        row.save_work(work=3, statement="Se aplica desde marzo.", by=alice)


def handed_over(assessment, alice, *codes):
    answered(assessment, alice, *codes)
    for row in assessment.fulfilments.filter(requirement__code__in=codes):
        row.submit(by=alice)


def submit_address(company):
    return reverse("empresa:board_submit", args=[company.pk])


def attach_address(company):
    return reverse("empresa:board_attach", args=[company.pk])


def sent(page, which="ready"):
    """What the confirming button of a preview sends."""
    return [choice.sent for choice in getattr(page.context["selection"], which)]


def states(assessment):
    return dict(assessment.fulfilments.values_list("requirement__code", "state"))


# What is asked for


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        (["12"], {12: None}),
        (["12-3", "4-0"], {12: 3, 4: 0}),
        (["x", "", "1.5", "-1", "٣", "12-", "1" * 40, "7\0"], {}),
    ],
)
def test_what_is_not_a_row_is_ignored(asked, versions):
    assert Selection(Fulfilment.objects.none(), asked).versions == versions


# Where rows are chosen


def test_the_lists_let_choose_only_what_may_be_acted_on(assessment, acme, alice, mia, stella, reader, as_):
    handed_over(assessment, alice, "GE-01")
    row_of(assessment, "AG-01").claim_na("No hay agua.", by=alice)
    one, two, three = (row_of(assessment, code).pk for code in ("GE-01", "GE-02", "AG-01"))

    def boxes(user, page):
        text = say(as_(user).get(page))
        return [pk for pk in (one, two, three) if f'name="pk" value="{pk}"' in text]

    assert boxes(alice, reverse("empresa:board", args=[acme.pk])) == [two]
    assert boxes(mia, reverse("monitor:board", args=[acme.pk])) == [one]
    assert boxes(mia, reverse("monitor:review")) == [one]
    assert boxes(stella, reverse("panel:board", args=[acme.pk])) == []
    assert boxes(reader, reverse("empresa:board", args=[acme.pk])) == []
    board = say(as_(alice).get(reverse("empresa:board", args=[acme.pk])))
    assert submit_address(acme) in board
    assert attach_address(acme) in board


# The company hands in


def test_the_preview_says_which_are_ready_and_what_the_others_miss(assessment, acme, alice, as_):
    answered(assessment, alice, "GE-01")
    rows = [row_of(assessment, code) for code in ("GE-01", "GE-02")]
    page = as_(alice).get(submit_address(acme), {"pk": [row.pk for row in rows]})
    assert page.status_code == 200
    assert sent(page) == [f"{rows[0].pk}-{rows[0].version}"]
    assert "Falta al menos una evidencia. Falta explicar cómo cumple el requisito." in say(page)
    assert reverse("empresa:fulfilment", args=[rows[1].pk]) in say(page)
    assert "Presentar 1 requisito" in say(page)
    assert states(assessment)["GE-01"] == State.OPEN


def test_the_company_hands_in_several_and_the_monitor_is_told_once(assessment, acme, alice, mia, as_):
    answered(assessment, alice, "GE-01", "GE-02", "AG-01")
    client = as_(alice)
    rows = [row.pk for row in assessment.fulfilments.all()]
    page = client.get(submit_address(acme), {"pk": rows, "desde": "estado=open"})
    response = client.post(submit_address(acme), {"pk": sent(page), "desde": "estado=open"}, follow=True)
    assert response.redirect_chain == [(reverse("empresa:board", args=[acme.pk]) + "?estado=open", 302)]
    assert "Presentó 3 requisitos: GE-01, GE-02, AG-01 · Planta Ica." in say(response)
    assert set(states(assessment).values()) == {State.SUBMITTED}
    assert [notice.kind for notice in Notice.objects.filter(user=mia)] == ["submitted"]
    assert Event.objects.about(row_of(assessment, "GE-02")).filter(verb="move").count() == 1
    assessment.refresh_from_db()
    assert assessment.submitted == 3


def test_what_cannot_be_handed_in_is_told_and_the_rest_is_handed_in(assessment, acme, alice, as_):
    answered(assessment, alice, "GE-01", "GE-02")
    client = as_(alice)
    rows = assessment.fulfilments.all()
    seen = [f"{row.pk}-{row.version}" for row in rows]
    row_of(assessment, "GE-02").save_work(work=2, statement="Otra redacción.", by=f.UserFactory())
    response = client.post(submit_address(acme), {"pk": seen})
    assert response.status_code == 409
    assert "Presentó 1; 2 sin presentar." in say(response)
    assert "Otra persona cambió «GE-02» antes que usted." in say(response)
    assert "Falta al menos una evidencia." in say(response)
    assert states(assessment) == {"GE-01": State.SUBMITTED, "GE-02": State.OPEN, "AG-01": State.OPEN}
    again = client.post(submit_address(acme), {"pk": seen[:1]})
    assert (again.status_code, "Está en «En revisión»: no se puede presentar." in say(again)) == (409, True)


# One file for several


def test_one_file_is_kept_once_and_proves_each_chosen_row(assessment, acme, alice, as_):
    handed_over(assessment, alice, "GE-01")
    client, before = as_(alice), Evidence.objects.count()
    page = client.get(attach_address(acme), {"pk": [row.pk for row in assessment.fulfilments.all()]})
    assert "Está en «En revisión»: lo presentado ya no se cambia." in say(page)
    response = client.post(attach_address(acme), {"pk": sent(page), "file": upload("Recibo.pdf", pdf())}, follow=True)
    assert "Adjuntó «Recibo» a GE-02, AG-01 · Planta Ica." in say(response)
    proof = Evidence.objects.get(title="Recibo")
    assert Evidence.objects.count() == before + 1
    assert sorted(link.fulfilment.requirement.code for link in proof.links.all()) == ["AG-01", "GE-02"]


def test_a_file_stays_in_the_library_though_a_row_refused_it(assessment, acme, alice, as_):
    handed_over(assessment, alice, "GE-01")
    rows = [row_of(assessment, code).pk for code in ("GE-01", "GE-02")]
    response = as_(alice).post(attach_address(acme), {"pk": rows, "file": upload("Recibo.pdf", pdf())})
    assert response.status_code == 409
    assert "Adjuntado a 1; 1 sin cambio." in say(response)
    assert "lo presentado ya no se cambia" in say(response)
    assert reverse("empresa:evidence", args=[Evidence.objects.get(title="Recibo").pk]) in say(response)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "Elija el archivo que va a adjuntar."),
        ({"file": ("vacio.pdf", b"")}, "«vacio.pdf» está vacío (0 bytes)"),
        ({"file": ("falso.pdf", b"MZ" + b"\0" * 99)}, "«falso.pdf» no es un archivo admitido"),
    ],
)
def test_a_bad_file_is_refused_and_the_choice_is_kept(files, sentence, assessment, acme, alice, as_):
    rows = [str(row.pk) for row in assessment.fulfilments.all()]
    data = {"pk": rows} | {name: upload(*file) for name, file in files.items()}
    response = as_(alice).post(attach_address(acme), data)
    assert response.status_code == 422
    assert sentence in say(response)
    assert [value.split("-")[0] for value in sent(response)] == rows
    assert Evidence.objects.count() == 0


# The monitor accepts


def test_the_monitor_accepts_several_and_each_person_is_told_once(assessment, acme, alice, reader, mia, as_):
    many_rows(assessment, 20)
    handed_over(assessment, alice, "GE-01", "GE-02", "AG-01", "AG-02")
    client = as_(mia)
    page = client.get(ACCEPT, {"pk": [r.pk for r in assessment.fulfilments.all()], "tablero": acme.pk, "desde": "q=a"})
    assert page.status_code == 200
    assert "Aceptar 23 requisitos" in say(page)
    assert [choice.row.files for choice in page.context["selection"].choices] == [1] * 23
    response = client.post(ACCEPT, {"pk": sent(page), "tablero": acme.pk, "desde": "q=a"})
    assert (response.status_code, response.url) == (302, reverse("monitor:board", args=[acme.pk]) + "?q=a")
    assert set(assessment.fulfilments.values_list("state", flat=True)) == {State.ACCEPTED}
    told = Notice.objects.filter(kind="accepted")
    assert sorted(notice.user.first_name for notice in told) == ["Alice", "Leo"]
    assert Event.objects.about(row_of(assessment, "GE-01")).filter(new=State.ACCEPTED).get().actor == mia
    assessment.refresh_from_db()
    assert (assessment.accepted, assessment.submitted) == (23, 0)


def test_the_preview_says_which_will_be_refused_and_why(assessment, acme, alice, mia, as_):
    handed_over(assessment, alice, "GE-01")
    row_of(assessment, "AG-01").claim_na("No hay agua.", by=alice)
    page = as_(mia).get(ACCEPT, {"pk": [row.pk for row in assessment.fulfilments.all()]})
    assert len(sent(page)) == 1
    assert "Está en «Sin presentar»: ya no espera su revisión." in say(page)
    assert "La empresa dice que no aplica. Decídalo en su página." in say(page)
    assert states(assessment)["GE-01"] == State.SUBMITTED


def test_what_changed_since_the_preview_is_not_accepted_unseen(assessment, acme, alice, mia, as_):
    handed_over(assessment, alice, "GE-01", "GE-02", "AG-01")
    client = as_(mia)
    seen = sent(client.get(ACCEPT, {"pk": [row.pk for row in assessment.fulfilments.all()]}))
    row_of(assessment, "GE-01").withdraw_submission(by=alice)
    changed = row_of(assessment, "GE-02")
    changed.withdraw_submission(by=alice)
    changed.submit(by=alice)
    response = client.post(ACCEPT, {"pk": seen})
    assert response.status_code == 409
    assert "Aceptó 1; 2 sin aceptar." in say(response)
    assert "Está en «Sin presentar»: ya no espera su revisión." in say(response)
    assert "Otra persona cambió «GE-02» antes que usted." in say(response)
    assert states(assessment) == {"GE-01": State.OPEN, "GE-02": State.SUBMITTED, "AG-01": State.ACCEPTED}


# Who, how, and at which cost


def test_rows_of_others_are_counted_and_never_named(assessment, acme, alice, mia, as_):
    handed_over(assessment, alice, "GE-01")
    foreign = f.FulfilmentFactory(state=State.SUBMITTED)
    company = foreign.assessment.company.legal_name
    mine = row_of(assessment, "GE-01")
    page = as_(mia).get(ACCEPT, {"pk": [mine.pk, foreign.pk]})
    assert "1 de los elegidos no existe o ya no le corresponde." in say(page)
    assert company not in say(page)
    response = as_(mia).post(ACCEPT, {"pk": [mine.pk, foreign.pk]})
    assert (response.status_code, company in say(response)) == (409, False)
    foreign.refresh_from_db()
    assert (foreign.state, states(assessment)["GE-01"]) == (State.SUBMITTED, State.ACCEPTED)


def test_strangers_find_nothing(assessment, acme, alice, bob, reader, mia, stella, as_):
    handed_over(assessment, alice, "GE-01")
    data = {"pk": row_of(assessment, "GE-01").pk}
    for user in (bob, reader, mia, stella):
        for page in (submit_address(acme), attach_address(acme)):
            assert as_(user).get(page, data).status_code == 404, (user, page)
            assert as_(user).post(page, data).status_code == 404, (user, page)
    foreign = f.MonitorAssignmentFactory()
    f.AppointmentFactory(user=foreign.monitor, duty="monitor")
    for user in (alice, bob, stella, foreign.monitor):
        assert as_(user).get(ACCEPT, data).status_code == 404, user
        assert as_(user).post(ACCEPT, data).status_code == 404, user
    assert states(assessment)["GE-01"] == State.SUBMITTED


def test_rows_of_another_company_are_not_handed_in_from_here(assessment, acme, alice, as_):
    foreign = f.FulfilmentFactory()
    assert as_(alice).get(submit_address(acme), {"pk": foreign.pk}).status_code == 404
    assert as_(alice).post(submit_address(acme), {"pk": foreign.pk}).status_code == 404


def test_choosing_nothing_leads_back_with_a_sentence(assessment, acme, alice, mia, as_):
    board = reverse("empresa:board", args=[acme.pk])
    for user, page, back in (
        (alice, submit_address(acme), board),
        (alice, attach_address(acme), board),
        (mia, ACCEPT, reverse("monitor:review")),
        (mia, ACCEPT + f"?tablero={acme.pk}&desde=q%3Da", f"/monitor/empresas/{acme.pk}/requisitos/?q=a"),
        (mia, ACCEPT + "?tablero=//malo.example&desde=%0D%0AX: 1", "/monitor/por-revisar/?%0D%0AX%3A+1="),
    ):  # fmt: skip
        response = as_(user).get(page, follow=True)
        assert response.redirect_chain == [(back, 302)]
        assert "Seleccione al menos un requisito." in say(response)


def test_only_reading_and_sending_are_answered(assessment, acme, alice, mia, as_):
    assert as_(mia).delete(ACCEPT).status_code == 405
    for page in (submit_address(acme), attach_address(acme)):
        assert as_(alice).put(page).status_code == 405


def test_previews_cost_the_same_at_few_and_many_rows(assessment, acme, alice, mia, as_):
    def cost(user, page):
        rows = list(assessment.fulfilments.values_list("pk", flat=True))
        client = as_(user)
        client.get(page, {"pk": rows})
        with CaptureQueriesContext(connection) as seen:
            assert len(client.get(page, {"pk": rows}).context["selection"].choices) == len(rows)
        return len(seen)

    pages = [(alice, submit_address(acme)), (alice, attach_address(acme)), (mia, ACCEPT)]
    many_rows(assessment, 3)
    grow(assessment, acme, alice, 2)
    few = [cost(*page) for page in pages]
    many_rows(assessment, 27)
    grow(assessment, acme, alice, 20)
    assert [cost(*page) for page in pages] == few
