"""The panel's home and lists: what waits for whom, filters in the address, the same questions at 3 and 30 rows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.models import Withdrawal
from companies.models import Duty
from ecoeficiencia.workdays import workdays_between
from programs.cockpit import Cockpit
from tests import factories as f
from tests.conftest import appointed


def text(response):
    return response.content.decode()


def names(response):
    return [str(row) for row in response.context["page"]]


def companies(n, edition):
    """n companies in implementation, each with a site, a letter, a monitor and an audit."""
    for _n in range(n):
        participation = f.ParticipationFactory(edition=edition)
        f.SiteFactory(company=participation.company)
        f.CommitmentLetterFactory(participation=participation, state="verified")
        f.MonitorAssignmentFactory(
            participation=participation, monitor=appointed("Monitor" + str(participation.pk), Duty.MONITOR)
        )


def applications(n, edition):
    for _n in range(n):
        application = f.SubmittedApplicationFactory(edition=edition)
        f.SiteFactory(company=application.company)


@pytest.mark.parametrize(
    ("view", "most"), [("home", 12), ("applications", 10), ("companies", 8), ("editions", 8)], ids=lambda value: value
)
@pytest.mark.urls("tests.bench.urls")
def test_lists_ask_the_same_at_3_and_30_rows(edition, stella, as_, django_assert_max_num_queries, view, most):
    """`most`: statements beyond those of an empty page, as in docs/bench."""
    counts = []
    for more in (3, 27):
        companies(more, edition)
        for _n in range(more):
            f.AppealFactory(application__edition=edition)
            f.ClaimFactory()
        applications(more, edition)
        client = as_(stella)
        client.get("/_/hola")
        with django_assert_max_num_queries(60) as empty:
            assert client.get("/_/hola").content == stella.email.encode()
        with django_assert_max_num_queries(60) as queries:
            assert client.get(reverse(f"panel:{view}")).status_code == 200
        counts.append(len(queries) - len(empty))
    assert counts[0] == counts[1] <= most


@pytest.mark.parametrize("view", ["home", "applications", "companies", "editions", "letters", "parameters"])
def test_the_panel_is_not_found_by_those_who_are_not_staff(
    edition, alice, mia, otto, cora, ernesto, nadia, as_, client, view
):
    for person in (alice, mia, otto, cora, ernesto, nadia):
        assert as_(person).get(reverse(f"panel:{view}")).status_code == 404
    assert client.get(reverse(f"panel:{view}")).status_code == 302


# Home


def test_each_duty_sees_its_own_queues(edition, stella, rita, dora, ada):
    cockpit = Cockpit(edition)
    labels = {person.first_name: {q.label for q in cockpit.queues(person)} for person in (stella, rita, dora, ada)}
    assert labels["Rita"] == {"Postulaciones por revisar", "Cartas por verificar", "Reconsideraciones por resolver"}
    assert labels["Dora"] == {"Decisiones por tomar", "Retiros de certificado por confirmar"}
    assert labels["Ada"] == set()
    assert {"Empresas sin monitor", "Reconsideraciones por resolver", "Reclamos por un RUC"} <= labels["Stella"]


def test_a_queue_says_how_many_and_since_when(edition, rita):
    old = timezone.now() - timedelta(days=9)
    f.SubmittedApplicationFactory(edition=edition, state_since=old)
    f.SubmittedApplicationFactory(edition=edition)
    f.SubmittedApplicationFactory()  # of another edition
    queue = next(q for q in Cockpit(edition).queues(rita) if q.label == "Postulaciones por revisar")
    assert (queue.n, queue.oldest) == (2, timezone.localdate(old))


def test_a_proposal_leaves_the_reviewers_queue_for_the_coordinators(edition, rita, stella):
    f.SubmittedApplicationFactory(edition=edition, proposal="admit")
    assert next(q for q in Cockpit(edition).queues(rita) if "revisar" in q.label).n == 0
    assert next(q for q in Cockpit(edition).queues(stella) if "Propuestas" in q.label).n == 1


def waiting(user, edition, label):
    return next(queue for queue in Cockpit(edition).queues(user) if queue.label == label)


def test_appeals_and_claims_wait_with_their_age_and_what_is_out_of_term(edition, stella, rita, nadia, as_):
    today, label = timezone.localdate(), "Reconsideraciones por resolver"
    old = timezone.now() - timedelta(days=40)
    late = f.AppealFactory(filed_at=old, due_on=today - timedelta(days=9))
    f.AppealFactory(due_on=today)
    f.AppealFactory(state="dismissed", due_on=today - timedelta(days=60))
    found = waiting(stella, edition, label)
    assert (found.n, found.late, found.oldest) == (2, 1, timezone.localdate(old))
    f.ClaimFactory(claimed_at=old)
    f.ClaimFactory(state="refused")
    claims = waiting(stella, edition, "Reclamos por un RUC")
    assert (claims.n, claims.oldest) == (1, timezone.localdate(old))
    page = text(as_(stella).get(reverse("panel:home")))
    assert "1 fuera de plazo" in page and reverse("panel:claims") in page and reverse("panel:appeals") in page
    late.assign(stella, by=stella)
    assert (waiting(rita, edition, label).n, waiting(stella, edition, label).n) == (1, 2)


def shown(answer):
    """How many rows a list shows."""
    context = answer.context
    if "page" in context:
        return context["page"].paginator.count
    return len(context["rows"] if "rows" in context else context["waiting"])


def test_each_queue_opens_what_it_counts_and_nothing_else(edition, stella, rita, dora, as_):
    for where in (edition, f.EditionFactory()):
        for state, proposal in [
            ("submitted", ""),
            ("mended", ""),
            ("mended", "admit"),
            ("observed", ""),
            ("waiting", ""),
            ("admitted", ""),
        ]:
            f.SubmittedApplicationFactory(edition=where, state=state, proposal=proposal)
        f.SubmittedApplicationFactory(edition=where, state="observed", due_on="2026-11-20")
        for state in ("letter_issued", "implementing", "ready", "preaudit", "withdrawn"):
            alone = f.ParticipationFactory(
                edition=where, state=state, exit_reason="Cerró" if state == "withdrawn" else ""
            )
            f.SubmittedApplicationFactory(edition=where, company=alone.company, state="withdrawn")
        for state in ("signed", "verified"):
            f.CommitmentLetterFactory(participation=f.ParticipationFactory(edition=where), state=state)
        for state in ("closed", "confirmed"):
            f.AuditFactory(participation=f.ParticipationFactory(edition=where), state=state)
        for state in ("pending", "proposed", "decided"):
            f.DecisionFactory(state=state, audit__participation__edition=where)
        f.AppealFactory(application__edition=where, application__reviewer=rita)
        f.AppealFactory(application__edition=where)
        f.AppealFactory(application__edition=where, state="dismissed")
        certificate = f.CertificateFactory(decision__audit__participation__edition=where)
        Withdrawal.objects.create(certificate=certificate, reason="Uso indebido.", proposed_by=stella)
        f.ClaimFactory()
        f.ClaimFactory(state="refused")
    counted = {}
    for person in (stella, rita, dora):
        client = as_(person)
        for queue in Cockpit(edition).queues(person):
            counted[queue.label] = queue.n
            assert (queue.label, shown(client.get(queue.url))) == (queue.label, queue.n)
    counted.pop("Correos en borrador por enviar")
    assert 0 not in counted.values() and len(counted) == 13


def test_nothing_waiting_is_nothing(edition, stella):
    assert {queue.n for queue in Cockpit(edition).queues(stella)} == {0}


def test_companies_without_a_monitor_and_audits_to_confirm_are_counted(edition, stella):
    companies(2, edition)
    alone = f.ParticipationFactory(edition=edition)
    f.AuditFactory(participation=alone, state="closed")
    found = {q.label: q.n for q in Cockpit(edition).queues(stella)}
    assert (found["Empresas sin monitor"], found["Auditorías por confirmar"]) == (1, 1)


def test_the_funnel_counts_how_far_companies_came(edition):
    applications(1, edition)
    companies(2, edition)
    f.ParticipationFactory(edition=edition, state="certified")
    f.ParticipationFactory(edition=edition, state="withdrawn", exit_reason="Cerró")
    found = [step["n"] for step in Cockpit(edition).funnel()]
    assert found == [5, 4, 2, 3, 1, 1, 1]


def test_a_queue_and_a_page_count_what_the_filters_leave(edition, stella, as_):
    applications(2, edition)
    observed = f.SubmittedApplicationFactory(edition=edition, state="observed")
    answer = as_(stella).get(reverse("panel:applications") + "?estado=observed")
    page = answer.context["page"]
    assert (names(answer), page.paginator.count, answer.context["total"]) == ([str(observed)], 1, 3)
    companies(2, edition)
    answer = as_(stella).get(reverse("panel:companies") + f"?q={observed.company.ruc}")
    page = answer.context["page"]
    assert (names(answer), page.paginator.count, answer.context["total"]) == ([str(observed.company)], 1, 5)


def test_the_median_stay_is_that_of_all_companies_of_a_stage(edition):
    on = timezone.localdate()
    for days in (28, 28, 28, 7, 0):
        f.ParticipationFactory(edition=edition, state_since=timezone.now() - timedelta(days=days))
    row = next(r for r in Cockpit(edition).ageing(on) if r["stage"] == "En implementación")
    assert (row["n"], row["median"]) == (5, row["longest"])
    assert row["longest"] == workdays_between(on - timedelta(days=28), on)


def test_stages_age_in_business_days(edition):
    on = timezone.localdate()
    f.ParticipationFactory(edition=edition, state_since=timezone.now() - timedelta(days=14))
    row = next(r for r in Cockpit(edition).ageing(on) if r["stage"] == "En implementación")
    assert (row["n"], row["median"], row["turn"]) == (1, row["longest"], "company")


def test_the_home_without_editions_says_so(stella, as_):
    assert "Todavía no hay ediciones" in text(as_(stella).get(reverse("panel:home")))


def test_the_home_of_each_duty_opens(edition, stella, rita, dora, ada, as_):
    for person in (stella, rita, dora, ada):
        assert as_(person).get(reverse("panel:home")).status_code == 200


def test_the_home_is_of_the_edition_that_opened_last_and_leads_to_those_under_way(edition, stella, as_):
    today, client = timezone.localdate(), as_(stella)
    f.EditionFactory(opens_on=today - timedelta(days=5), published=False)
    f.EditionFactory(opens_on=today + timedelta(days=5), closes_on=today + timedelta(days=50))
    over = f.EditionFactory(opens_on=today - timedelta(days=900))
    f.ParticipationFactory(edition=over, state="certified")
    before = f.EditionFactory(opens_on=edition.opens_on - timedelta(days=300))
    f.SubmittedApplicationFactory(edition=before)
    home = client.get(reverse("panel:home"))
    assert (home.context["edition"], home.context["others"]) == (edition, [before])
    page = reverse("panel:edition", args=[before.pk])
    assert f'href="{page}"' in home.text
    queue = next(q for q in client.get(page).context["queues"] if q.label == "Postulaciones por revisar")
    assert (queue.n, "Qué me toca ahora" in text(client.get(page))) == (1, True)


# Applications


def test_those_that_wait_longest_for_staff_come_first(edition, stella, as_):
    now = timezone.now()
    admitted = f.SubmittedApplicationFactory(edition=edition, state="admitted", state_since=now - timedelta(days=90))
    young = f.SubmittedApplicationFactory(edition=edition, state_since=now - timedelta(days=1))
    old = f.SubmittedApplicationFactory(edition=edition, state="mended", state_since=now - timedelta(days=8))
    observed = f.SubmittedApplicationFactory(edition=edition, state="observed", state_since=now - timedelta(days=30))
    answer = as_(stella).get(reverse("panel:applications"))
    assert names(answer) == [str(a) for a in (old, young, observed, admitted)]


def test_drafts_are_not_listed(edition, stella, as_):
    f.ApplicationFactory(edition=edition)
    assert names(as_(stella).get(reverse("panel:applications"))) == []


def test_applications_are_filtered_in_the_address(edition, stella, rita, as_):
    company = f.CompanyFactory(legal_name="Conservas Ñusta del Perú S.A.C.")
    f.SiteFactory(company=company)
    mine = f.SubmittedApplicationFactory(edition=edition, company=company, reviewer=rita, state="observed")
    other = f.SubmittedApplicationFactory()
    client, address = as_(stella), reverse("panel:applications")
    filters = (
        "q=nusta",
        f"q={mine.number}",
        f"q={company.ruc}",
        "estado=observed",
        f"edicion={edition.pk}",
        "region=Ica",
        f"revisor={rita.pk}",
    )
    for query in filters:
        assert names(client.get(f"{address}?{query}")) == [str(mine)], query
    assert names(client.get(f"{address}?revisor=null")) == [str(other)]
    page = text(client.get(f"{address}?estado=observed&q=nusta"))
    assert "Quitar todos" in page
    assert "Ninguna postulación coincide" in text(client.get(f"{address}?q=zzz"))


@pytest.mark.parametrize(
    "query", ["estado=nada", "edicion=x", "revisor=999999", "orden=nada", "page=x", "page=999", "q=%00", "q=%27"]
)
def test_strange_addresses_are_no_error(edition, stella, as_, query):
    f.SubmittedApplicationFactory(edition=edition)
    for view in ("applications", "companies", "letters"):
        assert as_(stella).get(f"{reverse(f'panel:{view}')}?{query}").status_code == 200


def test_pages_hold_25(edition, stella, as_):
    applications(26, edition)
    client, address = as_(stella), reverse("panel:applications")
    assert (len(names(client.get(address))), len(names(client.get(f"{address}?page=2")))) == (25, 1)


def test_the_list_is_sorted_by_name_on_request(edition, stella, as_):
    for name in ("Beta S.A.", "Alfa S.A."):
        f.SubmittedApplicationFactory(edition=edition, company__legal_name=name)
    found = as_(stella).get(reverse("panel:applications") + "?orden=empresa").context["page"]
    assert [row.company.legal_name for row in found] == ["Alfa S.A.", "Beta S.A."]


# Companies


def test_companies_are_found_without_accents_and_by_state_region_and_monitor(participation, mia, plant, stella, as_):
    other = f.ParticipationFactory(
        edition=participation.edition, company__legal_name="Bananos Único S.A.", state="ready"
    )
    client, address = as_(stella), reverse("panel:companies")
    for query in ("q=acme", "estado=implementing", "region=Ica", f"monitor={mia.pk}", f"q={participation.company.ruc}"):
        assert names(client.get(f"{address}?{query}")) == [str(participation.company)], query
    for query in ("q=unico", "estado=ready", "monitor=null"):
        assert names(client.get(f"{address}?{query}")) == [str(other.company)], query


def test_a_company_with_only_a_draft_is_its_own_business(edition, stella, as_):
    draft = f.ApplicationFactory(edition=edition)
    client = as_(stella)
    assert names(client.get(reverse("panel:companies"))) == []
    assert client.get(reverse("panel:company", args=[draft.company_id])).status_code == 404


def test_the_page_of_a_company_gathers_people_sites_and_editions(participation, alice, plant, stella, as_):
    page = text(as_(stella).get(reverse("panel:company", args=[participation.company_id])))
    for words in (alice.email, "Planta Ica", str(participation.edition), "Representación legal"):
        assert words in page


def test_others_do_not_find_the_page_of_a_company(participation, alice, bob, mia, otto, as_):
    for person in (alice, bob, mia, otto):
        assert as_(person).get(reverse("panel:company", args=[participation.company_id])).status_code == 404


# Papers of a site


def test_a_paper_is_shown_to_those_who_work_with_the_company(
    participation, plant, alice, mia, stella, bob, otto, as_, tmp_path
):
    from ecoeficiencia.models import Blob

    paper = plant.documents.first().files.get()
    paper.blob = Blob.store(b"%PDF-1.4 licencia", "application/pdf")
    paper.save()
    address = reverse("public:site_document", args=[paper.pk])
    for person in (alice, mia, stella):
        answer = as_(person).get(address)
        assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"%PDF-1.4 licencia")
    for person in (bob, otto):
        assert as_(person).get(address).status_code == 404


def test_a_paper_whose_file_was_taken_away_is_not_found(plant, alice, as_):
    paper = plant.documents.first().files.get()
    paper.remove(reason="Es de otra sede.", by=alice)
    assert as_(alice).get(reverse("public:site_document", args=[paper.pk])).status_code == 404


def test_a_paper_asks_for_an_account(plant, client):
    paper = plant.documents.first().files.get()
    assert client.get(reverse("public:site_document", args=[paper.pk])).status_code == 302


# People


def test_staff_see_who_holds_which_duty(stella, dora, rita, alice, as_, django_assert_max_num_queries):
    page = text(as_(dora).get(reverse("panel:people")))
    assert stella.email in page
    assert "Revisión de postulaciones" in page
    assert as_(alice).get(reverse("panel:people")).status_code == 404
    counts = []
    for more in (3, 20):
        for _n in range(more):
            f.AppointmentFactory(duty="monitor")
        client = as_(stella)
        client.get(reverse("panel:people"))
        with django_assert_max_num_queries(30) as queries:
            client.get(reverse("panel:people"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_name_taken_for_another_companys_is_told_to_staff(as_, stella, acme, edition):
    application = f.SubmittedApplicationFactory(company=acme, edition=edition)
    pages = [reverse("panel:application", args=[application.pk]), reverse("panel:company", args=[acme.pk])]
    client = as_(stella)
    assert ["se confunde" in client.get(page).text for page in pages] == [False, False]
    for name in ("ACME Exportaciones S.A.", "Acme Esportaciones S.A.C."):
        twin = f.CompanyFactory(legal_name=name)
        for page in pages:
            text = client.get(page).text
            assert "se confunde" in text and f"{reverse('panel:companies')}?q={twin.ruc}" in text
