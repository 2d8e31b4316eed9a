"""PROMPERÚ's half of an application: item by item, observe, propose, admit, reject, extend, waive."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Event, Notice
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.models import NonWorkingDay
from programs.models import Application, CommitmentLetter, Participation, Waiver
from tests import factories as f

CLEAN = {"ruc_state": "ACTIVO", "ruc_condition": "HABIDO", "economic_debt": False, "documentary_debt": False}


def decide(application, by, verdict="accepted", reason="", only=None):
    for item in application.items.filter(verdict="pending"):
        if only is None or item.key == only:
            application.decide_item(item, verdict=verdict, reason=reason, by=by, seen=item.version)


def ready(application, by, today):
    """Every item accepted, RUC and debts looked up again."""
    decide(application, by)
    application.record_checks(by=by, checked_on=today, **CLEAN)
    return Application.objects.get(pk=application.pk)


def post(client, view, pk, *more, **data):
    return client.post(reverse(f"panel:{view}", args=[pk, *more]), data)


def text(response):
    return response.content.decode()


# Items


def test_an_item_is_accepted_with_who_and_when(filed, rita):
    item = filed.items.first()
    filed.decide_item(item, verdict="accepted", reason="", by=rita, seen=0)
    assert (item.verdict, item.decided_by, item.version) == ("accepted", rita, 1)
    event = Event.objects.about(filed).last()
    assert (event.verb, event.new, event.actor) == ("review", "accepted", rita)


def test_two_reviewers_who_decide_one_item_at_once_conflict_visibly(filed, rita, stella, as_):
    item = filed.items.first()
    filed.decide_item(item, verdict="accepted", reason="", by=rita, seen=0)
    answer = post(
        as_(stella), "application_item", filed.pk, item.pk, verdict="observed", reason="Falta la vigencia", seen=0
    )
    assert answer.status_code == 409
    assert "Falta la vigencia" in text(answer)  # nothing typed is lost
    assert "Otra persona guardó antes que usted" in text(answer)
    item.refresh_from_db()
    assert (item.verdict, item.decided_by) == ("accepted", rita)
    again = post(
        as_(stella), "application_item", filed.pk, item.pk, verdict="observed", reason="Falta la vigencia", seen=1
    )
    assert again.status_code == 302


def test_a_reason_for_a_file_that_left_the_review_is_shown_beside_what_was_done(filed, rita, stella, as_):
    item = filed.items.first()
    decide(filed, rita, "observed", "Ilegible", only="itse")
    decide(filed, rita)
    filed.observe(by=rita)
    late = post(as_(stella), "application_item", filed.pk, item.pk, verdict="observed", reason="Falta el sello", seen=0)
    assert late.status_code == 409
    assert ("Falta el sello" in text(late), "Postulación: Observada" in text(late)) == (True, True)


def test_two_colleagues_who_answer_one_observation_get_both_texts(filed, rita, alice, as_, acme):
    bea = f.UserFactory(first_name="Bea")
    f.MembershipFactory(user=bea, company=acme)
    decide(filed, rita, "observed", "Ilegible", only="itse")
    decide(filed, rita)
    filed.observe(by=rita)
    item = filed.items.get(key="itse")
    page, name = reverse("empresa:application_item", args=[item.pk]), f"i{item.pk}"
    words = {f"{name}-answer": "Lo de Bea", f"{name}-seen": item.version}
    assert as_(bea).post(page, words).status_code == 302
    late = as_(alice).post(page, words | {f"{name}-answer": "Lo de Alice"})
    assert late.status_code == 409
    assert ("Lo de Bea" in late.text, "Lo de Alice" in late.text, "guardó Bea" in late.text) == (True, True, True)
    chosen = {f"{name}-answer": "Lo de Alice", f"{name}-seen": item.version + 1}
    assert as_(alice).post(page, chosen).status_code == 302
    item.refresh_from_db()
    assert item.answer == "Lo de Alice"


def test_a_company_that_comes_late_reads_no_act_kept_inside(filed, rita, stella, alice, as_):
    decide(filed, rita, "observed", "Ilegible", only="itse")
    decide(filed, rita)
    filed.observe(by=rita)
    item = filed.items.get(key="itse")
    filed.reject(by=stella, grounds="No respondió.", on=filed.due_on + timedelta(days=1))
    Event.record(filed, by=stella, verb="propose", note="Una propuesta de puertas adentro")
    sent = {f"i{item.pk}-answer": "Ya lo corregimos", f"i{item.pk}-seen": item.version}
    late = as_(alice).post(reverse("empresa:application_item", args=[item.pk]), sent)
    assert late.status_code == 409
    found = [words in text(late) for words in ("Ya lo corregimos", "No respondió.", "puertas adentro")]
    assert found == [True, True, False]


@pytest.mark.parametrize("verdict", ["observed", "rejected"])
def test_an_item_is_not_refused_without_a_reason(filed, rita, as_, verdict):
    item = filed.items.first()
    answer = post(as_(rita), "application_item", filed.pk, item.pk, verdict=verdict, reason=" ", seen=0)
    assert answer.status_code == 422
    assert "Escriba el motivo" in text(answer)
    item.refresh_from_db()
    assert item.verdict == "pending"


def test_saving_an_item_leads_to_the_next_pending_one(filed, rita, as_):
    first, second = filed.items.all()[:2]
    answer = post(as_(rita), "application_item", filed.pk, first.pk, verdict="accepted", reason="", seen=0)
    assert answer.url == reverse("panel:application", args=[filed.pk]) + f"?punto={second.pk}"


def test_items_are_not_decided_while_the_company_mends(filed, rita):
    decide(filed, rita, "observed", "Ilegible")
    filed.observe(by=rita)
    with pytest.raises(IllegalMove, match="ya no se deciden"):
        filed.decide_item(filed.items.first(), verdict="accepted", reason="", by=rita, seen=1)


def test_an_item_of_another_application_is_not_found(filed, rita, as_):
    other = f.ApplicationItemFactory()
    assert post(as_(rita), "application_item", filed.pk, other.pk, verdict="accepted", seen=0).status_code == 404


# Observing


def test_observations_wait_until_every_item_is_decided(filed, rita, as_):
    decide(filed, rita, "observed", "Ilegible", only="itse")
    answer = post(as_(rita), "application_observe", filed.pk)
    assert answer.status_code == 409
    assert "puntos por decidir" in text(answer)
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_a_review_without_observations_is_not_sent(filed, rita):
    decide(filed, rita)
    with pytest.raises(IllegalMove, match="Ningún punto está observado"):
        filed.observe(by=rita)


def test_the_company_gets_business_days_decreed_ones_not_counted(filed, rita, alice):
    NonWorkingDay.objects.create(on="2026-11-30", reason="Decretado")
    decide(filed, rita, "observed", "Ilegible", only="itse")
    decide(filed, rita)
    filed.observe(by=rita, on=date(2026, 11, 24))
    # 25, 26, 27 Nov; 1, 2, 3, 4, 7 Dec (8 and 9 are holidays); 10, 11.
    assert (filed.state, filed.due_on) == ("observed", date(2026, 12, 11))
    notice = Notice.objects.get(user=alice, key__contains="observed")
    assert "hasta el 11/12/2026" in notice.body
    assert notice.url == f"/empresa/postulacion/{filed.pk}/"


def test_only_the_observed_item_comes_back_to_the_reviewer(filed, rita, alice, today):
    decide(filed, rita, "observed", "Ilegible", only="itse")
    decide(filed, rita)
    filed.observe(by=rita)
    filed.mark_mended(filed.items.get(key="itse"), by=alice, answer="Subí otro")
    filed.mend(by=alice, on=today)
    assert list(filed.items.filter(verdict="pending").values_list("key", flat=True)) == ["itse"]
    assert filed.in_review


def test_a_new_observation_clears_the_former_answer(filed, rita, alice, today):
    decide(filed, rita, "observed", "Ilegible")
    filed.observe(by=rita)
    item = filed.items.get(key="itse")
    filed.items.update(verdict="pending", answer="Subí otro", mended_at=timezone.now())
    filed.state = "mended"
    Application.objects.filter(pk=filed.pk).update(state="mended")
    filed.decide_item(item, verdict="observed", reason="Sigue ilegible", by=rita, seen=item.version)
    assert (item.answer, item.mended_at) == ("", None)


# Extension


def test_a_coordinator_gives_more_time_and_the_company_is_told(filed, stella, alice, as_):
    decide(filed, stella, "observed", "Ilegible")
    filed.observe(by=stella)
    later = filed.due_on + timedelta(days=7)
    answer = post(
        as_(stella), "application_extend", filed.pk, **{"plazo-due_on": later.isoformat(), "plazo-reason": "Feriado"}
    )
    assert answer.status_code == 302
    filed.refresh_from_db()
    assert filed.due_on == later
    assert Notice.objects.filter(user=alice, key__contains="extended").count() == 1


def test_time_is_not_given_backwards(filed, stella, as_):
    decide(filed, stella, "observed", "Ilegible")
    filed.observe(by=stella)
    same = filed.due_on.isoformat()
    answer = post(as_(stella), "application_extend", filed.pk, **{"plazo-due_on": same, "plazo-reason": "Feriado"})
    sunday = {"plazo-due_on": "2027-01-03", "plazo-reason": "Feriado"}
    assert "El 03/01/2027 no es día hábil" in text(post(as_(stella), "application_extend", filed.pk, **sunday))
    assert answer.status_code == 409
    assert "debe ser posterior" in text(answer)


# Proposing and deciding: separate duties


def test_a_reviewer_proposes_and_the_coordinator_is_told(filed, rita, stella, today):
    application = ready(filed, rita, today)
    application.propose(by=rita, outcome="admit", grounds="Cumple todo")
    assert (application.proposal, application.proposed_by, application.state) == ("admit", rita, "submitted")
    assert Notice.objects.filter(user=stella, key__contains="proposed").count() == 1


def test_to_propose_admission_everything_must_be_in_order(filed, rita, as_):
    decide(filed, rita)
    answer = post(
        as_(rita), "application_propose", filed.pk, **{"propuesta-outcome": "admit", "propuesta-grounds": "Cumple"}
    )
    # RUC and debts of the factory are older than the application.
    assert answer.status_code == 409
    assert "verificar otra vez el RUC" in text(answer)


def test_the_company_does_not_read_the_review_before_it_is_sent(filed, rita, alice, as_, today):
    decide(filed, rita, "observed", "Falta el sello.", only="legal")
    decide(filed, rita)
    filed.assign_reviewer(rita, by=rita)
    filed.propose(by=rita, outcome="reject", grounds="No convence.")
    page = text(as_(alice).get(reverse("empresa:application", args=[filed.pk])))
    assert [words for words in ("Punto decidido", "Falta el sello", "No convence", "Rita") if words in page] == []


def test_only_a_coordinator_decides(filed, rita, dora, ada, otto, alice, as_, today):
    ready(filed, rita, today)
    for person in (rita, dora, ada, otto, alice):
        for view in ("application_admit", "application_reject", "application_extend", "application_waive"):
            assert post(as_(person), view, filed.pk).status_code == 404, (person, view)
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_those_without_the_duty_do_not_review(filed, dora, ada, otto, alice, as_):
    for person in (dora, ada, otto, alice):
        for view in ("application_observe", "application_propose", "application_checks", "application_reviewer"):
            assert post(as_(person), view, filed.pk).status_code == 404, (person, view)


def test_admission_opens_the_participation_with_its_letter(filed, stella, alice, today, as_):
    ready(filed, stella, today)
    answer = post(as_(stella), "application_admit", filed.pk, **{"admitir-grounds": "Cumple los requisitos"})
    assert answer.status_code == 302
    filed.refresh_from_db()
    participation = filed.participation
    assert (filed.state, filed.decided_by, filed.decision_grounds) == ("admitted", stella, "Cumple los requisitos")
    assert participation.state == Participation.State.LETTER_ISSUED
    assert participation.letter.representative["full_name"] == "Alice Paredes Soto"
    assert Job.objects.filter(kind="programs.letter", payload={"letter": participation.letter.pk}).count() == 1
    notice = Notice.objects.get(user=alice, key__contains=":admitted")
    assert notice.url == f"/empresa/carta/{participation.letter.pk}/"


def test_admitting_twice_opens_one_participation(filed, stella, today):
    application = ready(filed, stella, today)
    late = Application.objects.get(pk=filed.pk)
    application.admit(by=stella, grounds="Cumple")
    with pytest.raises(IllegalMove):
        late.admit(by=stella, grounds="Cumple")
    assert (Participation.objects.count(), CommitmentLetter.objects.count()) == (1, 1)


def test_the_motivation_is_required(filed, stella, today, as_):
    ready(filed, stella, today)
    assert post(as_(stella), "application_admit", filed.pk, **{"admitir-grounds": ""}).status_code == 422
    assert post(as_(stella), "application_reject", filed.pk, **{"rechazar-grounds": ""}).status_code == 422


def test_nobody_is_admitted_with_an_observed_or_rejected_item(filed, stella, today):
    decide(filed, stella, "rejected", "No es la sede", only="itse")
    application = ready(filed, stella, today)
    with pytest.raises(IllegalMove, match="Certificado ITSE: rechazado"):
        application.admit(by=stella, grounds="Cumple")


def test_a_paper_that_runs_out_before_the_closing_day_keeps_the_company_out(filed, plant, stella, today):
    application = ready(filed, stella, today)
    plant.documents.filter(kind="itse").update(valid_until=today)
    with pytest.raises(IllegalMove, match="antes del cierre"):
        application.admit(by=stella, grounds="Cumple")


def test_a_full_quota_says_so(filed, stella, today, edition):
    application = ready(filed, stella, today)
    f.ParticipationFactory(edition=edition)
    application.edition.quota = 1
    application.edition.save()
    with pytest.raises(IllegalMove, match="El cupo de la edición está completo: 1 de 1"):
        application.admit(by=stella, grounds="Cumple")


def test_a_company_that_left_frees_its_place(filed, stella, today, edition):
    application = ready(filed, stella, today)
    f.ParticipationFactory(edition=edition, state="withdrawn", exit_reason="Cerró")
    type(edition).objects.filter(pk=edition.pk).update(quota=1)
    application.edition.refresh_from_db()
    assert application.admit(by=stella, grounds="Cumple").pk


def test_rejection_tells_the_company_why(filed, stella, alice, as_):
    decide(filed, stella, "rejected", "Es intermediaria")
    answer = post(as_(stella), "application_reject", filed.pk, **{"rechazar-grounds": "No transforma"})
    assert answer.status_code == 302
    filed.refresh_from_db()
    assert (filed.state, filed.decision_grounds) == ("rejected", "No transforma")
    told = Notice.objects.get(user=alice, key__contains=":rejected").body
    assert told.splitlines()[0] == "No transforma"
    assert "una sola vez, dentro de los 15 días hábiles siguientes a este aviso" in told
    assert not Participation.objects.exists()


def test_a_rejection_waits_for_every_item(filed, stella):
    with pytest.raises(IllegalMove, match="por decidir"):
        filed.reject(by=stella, grounds="No")


@pytest.mark.parametrize("state", ["withdrawn", "rejected"])
def test_a_finished_application_is_read_only(filed, stella, as_, state):
    Application.objects.filter(pk=filed.pk).update(state=state)
    page = as_(stella).get(reverse("panel:application", args=[filed.pk]))
    assert page.status_code == 200
    assert "Guardar y seguir" not in text(page)
    assert post(as_(stella), "application_observe", filed.pk).status_code == 409


# RUC and debts


def test_checks_are_recorded_on_the_company(filed, rita, as_, today):
    data = {"consulta-ruc_state": "ACTIVO", "consulta-ruc_condition": "NO HABIDO", "consulta-economic_debt": "on",
            "consulta-checked_on": today.isoformat()}  # fmt: skip
    assert post(as_(rita), "application_checks", filed.pk, **data).status_code == 302
    company = Company.objects.get(pk=filed.company_id)
    assert (company.ruc_condition, company.economic_debt, company.documentary_debt) == ("NO HABIDO", True, False)
    assert (company.ruc_checked_on, company.debts_checked_on) == (today, today)
    assert Event.objects.about(filed).filter(verb="check", actor=rita).count() == 1


def test_a_check_in_the_future_is_refused(filed, rita, as_, today):
    data = {"consulta-ruc_state": "ACTIVO", "consulta-ruc_condition": "HABIDO",
            "consulta-checked_on": (today + timedelta(days=1)).isoformat()}  # fmt: skip
    answer = post(as_(rita), "application_checks", filed.pk, **data)
    assert answer.status_code == 422
    assert "no puede ser futura" in text(answer)


def test_a_debt_keeps_the_company_out_until_it_is_waived(filed, stella, today):
    decide(filed, stella)
    filed.record_checks(by=stella, checked_on=today, **(CLEAN | {"economic_debt": True}))
    application = Application.objects.get(pk=filed.pk)
    with pytest.raises(IllegalMove, match="cuentas pendientes"):
        application.admit(by=stella, grounds="Cumple")
    Waiver.grant(application=application, condition="debts", reason="Convenio de pago", expires_on=today, by=stella)
    assert application.admit(by=stella, grounds="Cumple").pk


# Waivers


def test_a_waiver_lifts_one_item_and_the_company_sees_it(filed, plant, stella, alice, today, as_):
    decide(filed, stella, "observed", "Renovación en trámite", only="itse")
    ready(filed, stella, today)
    data = {"dispensa-condition": f"itse:{plant.pk}", "dispensa-reason": "Renovación en trámite",
            "dispensa-expires_on": (today + timedelta(days=30)).isoformat()}  # fmt: skip
    assert post(as_(stella), "application_waive", filed.pk, **data).status_code == 302
    waiver = filed.waivers.get()
    assert (waiver.approved_by, waiver.label) == (stella, "Certificado ITSE · Planta Ica")
    assert "dispensó" in Notice.objects.get(user=alice, kind="waiver").title
    assert Application.objects.get(pk=filed.pk).missing_to_admit(today) == []
    late = post(as_(stella), "application_waive", filed.pk, **data)
    assert late.status_code == 422
    assert "Ya no se puede dispensar" in text(late)
    assert "Renovación en trámite</textarea>" in text(late)


def test_a_revoked_waiver_counts_no_more_and_the_company_reads_why(filed, plant, stella, alice, today, as_):
    decide(filed, stella, "observed", "Vencido", only="itse")
    application = ready(filed, stella, today)
    waiver = Waiver.grant(
        application=application, condition=f"itse:{plant.pk}", reason="Trámite", expires_on=today, by=stella
    )
    assert "No se le exige hasta el" in text(as_(alice).get(reverse("empresa:application", args=[filed.pk])))
    assert post(as_(stella), "waiver_revoke", waiver.pk, **{"revocar-reason": "No renovó"}).status_code == 302
    assert "Motivo: No renovó" in Notice.objects.get(user=alice, title__contains="sin efecto").body
    assert "No se le exige hasta el" not in text(as_(alice).get(reverse("empresa:application", args=[filed.pk])))
    assert [m.key for m in application.missing_to_admit(today)] == [f"itse:{plant.pk}"]
    assert post(as_(stella), "waiver_revoke", waiver.pk, **{"revocar-reason": "Otra vez"}).status_code == 409


def test_a_waiver_in_the_past_is_refused(filed, stella, today, as_, plant):
    decide(filed, stella, "observed", "Vencido", only="itse")
    data = {"dispensa-condition": f"itse:{plant.pk}", "dispensa-reason": "Trámite",
            "dispensa-expires_on": (today - timedelta(days=1)).isoformat()}  # fmt: skip
    answer = post(as_(stella), "application_waive", filed.pk, **data)
    assert answer.status_code == 422
    assert "debe vencer hoy o después" in text(answer)


@pytest.mark.parametrize("condition", sorted(Waiver.NEVER))
def test_some_conditions_are_never_waived(filed, stella, today, condition):
    with pytest.raises(IllegalMove, match="no se dispensa nunca"):
        Waiver.grant(application=filed, condition=condition, reason="No", expires_on=today, by=stella)


def test_the_sworn_statement_is_not_offered_for_a_waiver(filed, stella, today):
    decide(filed, stella, "observed", "No")
    offered = {key.partition(":")[0] for key, _label in filed.waivable_conditions(today)}
    assert offered.isdisjoint({"sworn_statement", "representation", "sites"})
    assert "debts" in offered


# Reviewer


def test_a_reviewer_takes_a_file_or_gives_it(filed, rita, stella, as_):
    assert post(as_(rita), "application_reviewer", filed.pk, **{"revisor-reviewer": rita.pk}).status_code == 302
    filed.refresh_from_db()
    assert filed.reviewer == rita
    post(as_(rita), "application_reviewer", filed.pk, **{"revisor-reviewer": stella.pk})
    assert Notice.objects.filter(user=stella, key__contains="reviewer").count() == 1


def test_a_file_is_not_given_to_somebody_without_the_duty(filed, rita, dora, as_):
    assert post(as_(rita), "application_reviewer", filed.pk, **{"revisor-reviewer": dora.pk}).status_code == 422


# The page


def test_the_page_says_what_changed_between_two_versions(filed, rita, alice, today, acme, as_):
    decide(filed, rita, "observed", "Revise el teléfono")
    filed.observe(by=rita)
    Company.objects.filter(pk=acme.pk).update(email="nuevo@acme.example")
    filed = Application.objects.get(pk=filed.pk)
    for item in filed.items.all():
        filed.mark_mended(item, by=alice, answer="Corregido.")
    filed.mend(by=alice, on=today)
    page = text(as_(rita).get(reverse("panel:application_revisions", args=[filed.pk])))
    assert "nuevo@acme.example" in page
    item = filed.items.get(key="contact")
    assert "nuevo@acme.example" in text(
        as_(rita).get(reverse("panel:application", args=[filed.pk]) + f"?punto={item.pk}")
    )


def test_staff_without_the_duty_read_and_do_not_write(filed, dora, ada, as_):
    for person in (dora, ada):
        page = as_(person).get(reverse("panel:application", args=[filed.pk]))
        assert page.status_code == 200
        assert "Guardar y seguir" not in text(page)


def test_strangers_and_drafts_are_not_found(filed, alice, bob, otto, nadia, stella, edition, as_):
    for person in (alice, bob, otto, nadia):
        assert as_(person).get(reverse("panel:application", args=[filed.pk])).status_code == 404
        assert as_(person).get(reverse("panel:applications")).status_code == 404
    draft = f.ApplicationFactory(edition=edition)
    assert as_(stella).get(reverse("panel:application", args=[draft.pk])).status_code == 404


def test_acts_answer_only_to_post(filed, stella, as_):
    for view in ("observe", "propose", "admit", "reject", "extend", "waive", "checks", "reviewer"):
        assert as_(stella).get(reverse(f"panel:application_{view}", args=[filed.pk])).status_code == 405
