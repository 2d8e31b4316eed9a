"""Who accompanies a company, when its implementation starts, when it leaves; the staff's page of all that."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Duty, Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Participation, Waiver
from requirements_std.models import StandardVersion
from tests import factories as f
from tests.conftest import appointed


@pytest.fixture
def admitted(acme, alice, plant, edition):
    """Acme, its letter verified, still without a monitor."""
    letter = f.CommitmentLetterFactory(
        participation__company=acme,
        participation__edition=edition,
        participation__state="letter_signed",
        state="verified",
    )
    return letter.participation


@pytest.fixture
def max_(db):
    return appointed("Max", Duty.MONITOR)


@pytest.fixture
def sheet(participation):
    """Acme in implementation, with its letter."""
    f.CommitmentLetterFactory(participation=participation, state="verified")
    return reverse("panel:participation", args=[participation.pk])


def post(client, view, participation, **data):
    return client.post(reverse(f"panel:participation_{view}", args=[participation.pk]), data)


def text(response):
    return response.content.decode()


# The monitor


def test_the_last_condition_starts_the_implementation(admitted, max_, stella, alice):
    assert [m.key for m in admitted.missing_to_start(timezone.localdate()) if not m.done] == ["monitor"]
    admitted.assign_monitor(monitor=max_, by=stella)
    admitted = Participation.objects.get(pk=admitted.pk)
    assert admitted.state == "implementing"
    assert admitted.assessment.fulfilments.count() > 0
    assert Notice.objects.filter(user=alice, key__contains="started").count() == 1
    assert Notice.objects.filter(user=max_, key__endswith=":monitor").count() == 1
    assert Company.objects.monitored_by(max_).count() == 1


def test_without_a_verified_letter_the_monitor_waits(acme, alice, plant, edition, max_, stella):
    participation = f.CommitmentLetterFactory(participation__company=acme, participation__edition=edition).participation
    participation.assign_monitor(monitor=max_, by=stella)
    assert participation.state == "letter_issued"
    with pytest.raises(IllegalMove, match="Aún falta"):
        participation.start(by=stella)


def test_an_unpublished_version_does_not_start(admitted, max_, stella):
    draft = StandardVersion.objects.create(standard=admitted.edition.standard_version.standard, edition="borrador")
    type(admitted.edition).objects.filter(pk=admitted.edition.pk).update(standard_version=draft)
    admitted = Participation.objects.get(pk=admitted.pk)
    admitted.assign_monitor(monitor=max_, by=stella)
    assert admitted.state == "letter_signed"


def test_a_change_of_monitor_keeps_the_history(participation, mia, max_, stella, alice):
    participation.assign_monitor(monitor=max_, by=stella, reason="Equilibrio de carga")
    former, current = participation.assignments.order_by("pk")
    assert (former.monitor, former.ends_on) == (mia, timezone.localdate() - timedelta(days=1))
    assert (current.monitor, current.ends_on, current.reason) == (max_, None, "Equilibrio de carga")
    assert Company.objects.monitored_by(mia).count() == 0
    assert Notice.objects.filter(user=mia, key__endswith="released").count() == 1
    assert Notice.objects.filter(user=alice, key__endswith="assigned").count() == 1
    assert Event.objects.about(participation).filter(verb="assign", actor=stella).count() == 1


def test_a_change_of_monitor_needs_a_reason(participation, sheet, mia, max_, stella, as_):
    answer = post(as_(stella), "assign", participation, **{"monitor-monitor": max_.pk, "monitor-reason": ""})
    assert answer.status_code == 409
    assert "Indique el motivo" in text(answer)
    assert participation.assignments.get().monitor == mia


def test_the_same_monitor_again_is_refused(participation, mia, stella):
    with pytest.raises(IllegalMove, match="ya es quien acompaña"):
        participation.assign_monitor(monitor=mia, by=stella, reason="Otra vez")


def test_a_member_of_the_company_is_not_its_monitor(participation, sheet, alice, stella, as_):
    f.AppointmentFactory(user=alice, duty=Duty.MONITOR)
    answer = post(as_(stella), "assign", participation, **{"monitor-monitor": alice.pk, "monitor-reason": "?"})
    assert answer.status_code == 409
    assert "no puede ser su monitor" in text(answer)


def test_a_member_of_old_may_be_the_monitor(participation, acme, stella, max_):
    f.MembershipFactory(user=max_, company=acme, ends_on=date(2024, 1, 2), starts_on=date(2023, 1, 1))
    assert participation.assign_monitor(monitor=max_, by=stella, on=date(2026, 11, 24)).pk


def test_a_member_of_last_year_may_not(participation, acme, stella, max_):
    f.MembershipFactory(user=max_, company=acme, ends_on=date(2025, 12, 31), starts_on=date(2023, 1, 1))
    with pytest.raises(IllegalMove, match="integra o integró"):
        participation.assign_monitor(monitor=max_, by=stella, on=date(2026, 11, 24))


def test_who_audits_the_company_is_not_its_monitor(participation, stella, max_):
    f.AuditFactory(participation=participation).team.create(user=max_)
    with pytest.raises(IllegalMove, match="audita o auditó"):
        participation.assign_monitor(monitor=max_, by=stella)


def test_somebody_without_the_duty_is_not_offered(participation, sheet, rita, stella, as_):
    assert post(as_(stella), "assign", participation, **{"monitor-monitor": rita.pk}).status_code == 422
    with pytest.raises(IllegalMove, match="no tiene la función"):
        participation.assign_monitor(monitor=rita, by=stella)


def test_the_list_says_how_many_companies_each_has(participation, sheet, mia, stella, max_, as_):
    shown = text(as_(stella).get(sheet))
    assert "Mia Número" in shown
    assert "· 1 empresa" in shown
    assert "· 0 empresas" in shown


def test_two_who_assign_at_once_leave_one_monitor(participation, mia, max_, stella):
    late = participation.assignments.get()
    participation.assign_monitor(monitor=max_, by=stella, reason="Uno")
    with pytest.raises(IllegalMove, match="Otra persona cambió el monitor"):
        late.end(timezone.localdate(), "Dos")
    assert participation.assignments.filter(ends_on=None).count() == 1


# Leaving


@pytest.mark.parametrize(("exit", "state"), [("withdraw", "withdrawn"), ("exclude", "excluded")])
def test_a_company_leaves_with_a_reason_and_its_monitor_lets_go(
    participation, sheet, mia, alice, stella, as_, exit, state
):
    answer = post(as_(stella), "leave", participation, **{"salida-exit": exit, "salida-reason": "Cierre de planta"})
    assert answer.status_code == 302
    participation.refresh_from_db()
    assert (participation.state, participation.exit_reason) == (state, "Cierre de planta")
    assert Company.objects.monitored_by(mia).count() == 0
    assert Notice.objects.get(user=alice, key__contains=":left").body == "Cierre de planta"


def test_nobody_leaves_without_a_reason(participation, sheet, stella, as_):
    answer = post(as_(stella), "leave", participation, **{"salida-exit": "exclude", "salida-reason": ""})
    assert answer.status_code == 422
    participation.refresh_from_db()
    assert participation.state == "implementing"


def test_a_certified_company_does_not_leave(participation, sheet, stella, as_):
    Participation.objects.filter(pk=participation.pk).update(state="certified")
    answer = post(as_(stella), "leave", participation, **{"salida-exit": "exclude", "salida-reason": "?"})
    assert answer.status_code == 409


# Waivers of the gate to the pre-audit


def test_attendance_may_be_waived_and_an_open_nonconformity_not(participation, sheet, stella, alice, as_):
    today = timezone.localdate()
    assert ("attendance", "Asistencia mínima a los talleres") in participation.waivable_conditions(today)
    data = {
        "dispensa-condition": "attendance",
        "dispensa-reason": "Licencia médica",
        "dispensa-expires_on": today.isoformat(),
    }
    assert post(as_(stella), "waive", participation, **data).status_code == 302
    assert participation.waivers.get().approved_by == stella
    assert Notice.objects.filter(user=alice, kind="waiver").count() == 1
    never = data | {"dispensa-condition": "open_nonconformities"}
    assert post(as_(stella), "waive", participation, **never).status_code == 422
    assert Waiver.objects.count() == 1


# The page


def test_the_page_gathers_the_file_of_the_company(participation, sheet, mia, stella, as_):
    shown = text(as_(stella).get(sheet))
    for words in ("¿Por qué no avanza?", "Mia Número", "0 de 10 módulos", "Carta verificada", "Historia"):
        assert words in shown


def test_other_staff_read_and_only_the_coordinator_acts(participation, sheet, dora, rita, ada, max_, as_):
    for person in (dora, rita, ada):
        answer = as_(person).get(sheet)
        assert answer.status_code == 200
        assert "Registrar salida" not in text(answer)
        for view in ("assign", "leave", "waive"):
            assert post(as_(person), view, participation).status_code == 404


def test_outside_the_panel_nobody_finds_it(participation, sheet, alice, bob, mia, otto, as_):
    for person in (alice, bob, mia, otto):
        assert as_(person).get(sheet).status_code == 404
        assert post(as_(person), "assign", participation).status_code == 404


def test_acts_answer_only_to_post(participation, stella, as_):
    for view in ("assign", "leave", "waive"):
        assert as_(stella).get(reverse(f"panel:participation_{view}", args=[participation.pk])).status_code == 405
