"""One row: the company shows, the monitor decides, and what happened stays."""

import pytest
from django.utils import timezone

from audits.models import AuditMember
from companies.models import Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.models import Assessment, Comment, Evidence, Fulfilment
from tests import factories as f

State = Fulfilment.State


def verbs(row):
    return [(event.verb, event.new) for event in Event.objects.about(row)]


def told(user):
    return list(user.notices.order_by("pk").values_list("kind", flat=True))


def test_a_row_travels_from_the_company_to_the_monitor_and_back(handed_in, alice, mia):
    handed_in.review(State.RETURNED, by=mia, note="Falta el acta.")
    handed_in.submit(by=alice)
    handed_in.review(State.ACCEPTED, by=mia)
    assert handed_in.review_note == ""
    assert verbs(handed_in) == [
        ("edit", ""), ("evidence", ""), ("move", "submitted"), ("move", "returned"), ("move", "submitted"),
        ("move", "accepted"),
    ]  # fmt: skip
    assert told(alice) == ["returned", "accepted"]
    assert Assessment.objects.get(pk=handed_in.assessment_id).accepted == 1


def test_a_monitor_is_told_once_a_day_however_many_rows(handed_in, assessment, proof, alice, mia):
    second = assessment.fulfilments.get(requirement__code="GE-02")
    second.add_evidence(existing=[proof], by=alice)
    second.save_work(work=1, statement="Así.", by=alice)
    second.submit(by=alice)
    second.withdraw_submission(by=alice)
    second.submit(by=alice)
    handed_in.withdraw_submission(by=alice)
    handed_in.submit(by=alice)
    assert told(mia) == ["submitted"]


def test_what_is_missing_is_said_and_stops_the_submission(row, proof, alice):
    assert [str(m) for m in row.missing_to_submit()] == [
        "Falta al menos una evidencia.",
        "Falta explicar cómo cumple el requisito.",
    ]
    row.add_evidence(existing=[proof], by=alice)
    with pytest.raises(IllegalMove, match="Falta explicar"):
        row.submit(by=alice)
    row.refresh_from_db()
    assert row.state == State.OPEN


def test_what_was_handed_in_does_not_change(handed_in, proof, alice):
    for change in (
        lambda: handed_in.save_work(work=1, statement="Otra cosa", by=alice),
        lambda: handed_in.add_evidence(existing=[proof], by=alice),
        lambda: handed_in.unlink_evidence(proof, by=alice),
    ):
        with pytest.raises(IllegalMove, match="lo presentado ya no se cambia"):
            change()
    with pytest.raises(IllegalMove, match="no puede pasar"):
        handed_in.submit(by=alice)
    handed_in.refresh_from_db()
    assert (handed_in.statement, handed_in.links.count()) == ("Se aplica desde marzo.", 1)


def test_a_row_taken_back_is_as_it_was_before(handed_in, alice, mia):
    handed_in.withdraw_submission(by=alice)
    assert handed_in.state == State.OPEN
    handed_in.submit(by=alice)
    handed_in.review(State.RETURNED, by=mia, note="Falta el acta.")
    handed_in.submit(by=alice)
    handed_in.withdraw_submission(by=alice)
    assert (handed_in.state, handed_in.review_note) == (State.RETURNED, "Falta el acta.")


def test_two_monitors_pressing_at_once_decide_once(handed_in, mia):
    late = Fulfilment.objects.get(pk=handed_in.pk)
    handed_in.review(State.ACCEPTED, by=mia)
    with pytest.raises(IllegalMove, match="Otra persona cambió"):
        late.review(State.RETURNED, by=mia, note="Falta.")
    kept = Assessment.objects.get(pk=handed_in.assessment_id)
    assert (kept.accepted, kept.returned, kept.submitted) == (1, 0, 0)
    assert verbs(handed_in)[-1] == ("move", "accepted")


def test_two_colleagues_saving_at_once_lose_nothing(row, alice):
    late = Fulfilment.objects.get(pk=row.pk)
    row.save_work(work=1, statement="De Alice", by=alice)
    with pytest.raises(IllegalMove, match="Otra persona guardó"):
        late.save_work(work=3, statement="De Leo", by=alice)
    row.refresh_from_db()
    assert (row.statement, row.work) == ("De Alice", 1)


def test_returning_needs_a_reason(handed_in, mia):
    with pytest.raises(IllegalMove, match="Escriba qué debe corregir"):
        handed_in.review(State.RETURNED, by=mia, note="  ")


def test_not_applicable_needs_a_reason_and_the_monitors_agreement(row, alice, mia):
    with pytest.raises(IllegalMove, match="Explique por qué no aplica"):
        row.claim_na(" ", by=alice)
    row.claim_na("No hay planta.", by=alice)
    assert Assessment.objects.get(pk=row.assessment_id).applicable == 3
    with pytest.raises(IllegalMove):
        row.review(State.ACCEPTED, by=mia)
    row.review(State.NOT_APPLICABLE, by=mia)
    assert Assessment.objects.get(pk=row.assessment_id).applicable == 2
    assert (told(mia), told(alice)) == (["submitted"], ["accepted"])


def test_a_row_that_left_the_scope_does_not_move(row, alice):
    Fulfilment.objects.filter(pk=row.pk).update(closed_on=timezone.localdate())
    row.refresh_from_db()
    assert row.can_move(State.SUBMITTED) is False
    with pytest.raises(IllegalMove, match="ya no aplica"):
        row.save_work(work=1, statement="x", by=alice)


def test_evidence_of_another_company_is_never_linked(row, alice, other, bob):
    theirs = other.evidences.create(title="Ajena", filename="a.pdf", uploaded_by=bob, blob=f.BlobFactory())
    with pytest.raises(ValueError, match="another company"):
        row.add_evidence(existing=[theirs], by=alice)


def test_evidence_taken_off_a_row_stays_in_the_library(row, proof, alice):
    row.add_evidence(existing=[proof], by=alice)
    row.add_evidence(existing=[proof], by=alice)
    assert row.links.count() == 1
    row.unlink_evidence(proof, by=alice)
    assert (row.links.count(), Evidence.objects.count()) == (0, 1)
    assert verbs(row)[-1] == ("unlink", "")


def test_a_comment_goes_to_the_narrowest_audience_of_its_author(row, alice, mia, stella, reader):
    row.comment("De la empresa", by=alice)
    row.comment("Interno", by=mia)
    row.comment("De PROMPERÚ", by=stella)
    assert list(Comment.objects.visible_to(alice).values_list("text", flat=True)) == ["De la empresa"]
    assert list(Comment.objects.visible_to(reader).values_list("text", flat=True)) == ["De la empresa"]
    assert Comment.objects.visible_to(mia).count() == Comment.objects.visible_to(stella).count() == 3
    assert (told(mia), told(alice)) == (["comment"], [])
    assert not Notice.objects.filter(body="Interno").exists()


@pytest.fixture
def audit(participation, assessment, plant, otto):
    audit = f.AuditFactory(participation=participation, scope=assessment.scopes.get(), state="started")
    AuditMember.objects.create(audit=audit, user=otto, declared_at=timezone.now())
    return audit


def test_an_auditor_reads_the_evidence_in_the_scope_and_no_other(audit, assessment, acme, row, proof, alice, otto):
    loose = acme.evidences.create(title="Suelta", filename="b.pdf", uploaded_by=alice, blob=f.BlobFactory())
    row.add_evidence(existing=[proof], by=alice)
    outside = f.SiteFactory(company=acme)
    unsampled = assessment.fulfilments.create(
        requirement=assessment.standard_version.requirements.get(code="AG-01"), site=outside
    )
    far = acme.evidences.create(title="De otra sede", filename="c.pdf", uploaded_by=alice, blob=f.BlobFactory())
    unsampled.add_evidence(existing=[far], by=alice)
    assert list(Evidence.objects.readable_by(otto)) == [proof]
    assert {loose, far} < set(Evidence.objects.readable_by(alice))


def test_an_auditor_who_has_not_declared_or_has_left_reads_nothing(audit, row, proof, alice, otto):
    row.add_evidence(existing=[proof], by=alice)
    audit.team.update(declared_at=None)
    assert not Evidence.objects.readable_by(otto).exists()
    audit.team.update(declared_at=timezone.now(), left_on=timezone.localdate())
    assert not Evidence.objects.readable_by(otto).exists()
