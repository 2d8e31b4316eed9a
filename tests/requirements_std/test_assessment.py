"""What applies to a company, and the counters that everybody reads."""

from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companies.models import Event
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.models import (
    AspectProgress,
    Assessment,
    Condition,
    Fulfilment,
    Requirement,
    SiteFlag,
    StandardVersion,
)
from tests import factories as f

State = Fulfilment.State


def codes(assessment):
    rows = assessment.fulfilments.filter(closed_on=None).order_by("requirement__number", "site")
    return [
        (row.requirement.code, row.site.name if row.site else "") for row in rows.select_related("requirement", "site")
    ]


def counters(assessment):
    whole = Assessment.objects.values("applicable", "accepted", "submitted", "returned").get(pk=assessment.pk)
    parts = AspectProgress.objects.filter(assessment=assessment).order_by("aspect")
    return whole, list(parts.values("aspect", "applicable", "accepted", "submitted", "returned", "started"))


def test_rows_open_once_for_the_organisation_and_once_a_site(assessment, plant):
    assert codes(assessment) == [("GE-01", ""), ("GE-02", ""), ("AG-01", "Planta Ica")]
    assert (assessment.applicable, assessment.progress) == (3, 0)
    assert list(assessment.scopes.get(number=1).sites.all()) == [plant]
    assert Event.objects.about(assessment).get().data == {"rows": 3}


def test_a_conditional_row_opens_where_the_site_meets_its_condition(acme, plant, edition, stella):
    dry = f.SiteFactory(company=acme, name="Almacén")
    SiteFlag.objects.create(site=plant, key="tiene_ptar")
    opened = Assessment.objects.open(
        company=acme, standard_version=edition.standard_version, sites=[plant, dry], by=stella
    )
    assert codes(opened)[2:] == [("AG-01", "Planta Ica"), ("AG-01", "Almacén"), ("AG-02", "Planta Ica")]


def version_with(key, level):
    version = StandardVersion.objects.create(standard=f.StandardFactory(), edition=f"con {key}")
    condition = Condition.objects.create(version=version, key=key, description=key)
    aspect = version.aspects.create(code="ZZ", name="Z", position=1)
    Requirement.objects.create(
        version=version, aspect=aspect, code="ZZ-01", number=1, title="t", text="t", criticality="mayor", level=level,
        condition=condition,
    )  # fmt: skip
    return version


def test_an_organisation_row_applies_when_any_site_meets_its_condition(acme, plant, stella):
    version = version_with("tiene_ptar", "organizacion")
    other = f.SiteFactory(company=acme)
    closed = Assessment.objects.open(company=acme, standard_version=version, sites=[plant, other], by=stella)
    SiteFlag.objects.create(site=other, key="tiene_ptar")
    opened = Assessment.objects.open(company=acme, standard_version=version, sites=[plant, other], by=stella)
    assert (codes(closed), codes(opened)) == ([], [("ZZ-01", "")])


def test_the_right_to_use_the_mark_is_never_taken_from_a_tick(acme, plant, stella):
    version = version_with(Condition.LICENSED, "organizacion")
    SiteFlag.objects.create(site=plant, key=Condition.LICENSED)
    opened = Assessment.objects.open(company=acme, standard_version=version, sites=[plant], by=stella)
    assert codes(opened) == []


def test_opening_costs_the_same_however_many_rows(acme, plant, edition, stella, django_assert_max_num_queries):
    sites = [plant, *(f.SiteFactory(company=acme) for _n in range(2))]
    version = edition.standard_version
    with django_assert_max_num_queries(10):
        Assessment.objects.open(company=acme, standard_version=version, sites=sites, by=stella)


def test_a_new_condition_opens_rows_and_a_lost_one_closes_them(assessment, plant, alice):
    today = timezone.localdate()
    assert SiteFlag.objects.replace({plant: ["tiene_ptar"]}, by=alice, on=today) == (1, 0)
    gained = assessment.fulfilments.get(requirement__code="AG-02")
    gained.save_work(work=2, statement="Opera desde 2020.", by=alice)
    assert SiteFlag.objects.replace({plant: []}, by=alice, on=today) == (0, 1)
    gained.refresh_from_db()
    assert (gained.closed_on, gained.statement) == (today, "Opera desde 2020.")
    assert counters(assessment)[0]["applicable"] == 3
    assert SiteFlag.objects.replace({plant: ["tiene_ptar"]}, by=alice, on=today) == (1, 0)
    gained.refresh_from_db()
    assert (gained.closed_on, counters(assessment)[0]["applicable"]) == (None, 4)
    assert assessment.scopes.count() == 1


def test_a_site_that_leaves_closes_its_rows_and_the_scope_has_a_new_version(assessment, acme, plant, alice):
    f.SiteFactory(company=acme, name="Nueva")
    plant.in_scope = False
    assert SiteFlag.objects.replace({plant: []}, by=alice, on=timezone.localdate()) == (1, 1)
    assert codes(assessment)[2:] == [("AG-01", "Nueva")]
    assert [scope.number for scope in assessment.scopes.all()] == [2, 1]
    assert list(assessment.scopes.get(number=1).sites.all()) == [plant]
    assert assessment.fulfilments.count() == 4


def test_the_worker_brings_rows_in_line_when_asked_twice(assessment, acme, run_jobs):
    f.SiteFactory(company=acme)
    for n in range(2):
        Job.enqueue("requirements_std.sync", key=f"sync:{n}", payload={"company": acme.pk})
    assert run_jobs() == ["sync:0", "sync:1"]
    assert counters(assessment)[0]["applicable"] == 4


def test_a_site_closed_in_the_company_data_closes_its_rows(assessment, plant, alice, run_jobs):
    plant.close(by=alice, on=timezone.localdate())
    assert run_jobs() == [f"requirements_std.sync:{plant.pk}:{plant.version}"]
    assert codes(assessment) == [("GE-01", ""), ("GE-02", "")]


def test_a_new_site_in_the_scope_opens_its_rows(assessment, acme, alice, as_, run_jobs):
    district = f.DistrictFactory()
    data = {"name": "Planta Pisco", "district": str(district), "street_type": "av", "street": "Grau", "in_scope": "on"}
    answer = as_(alice).post(reverse("empresa:site_new", args=[acme.pk]), {**data, "version": 0})
    assert answer.status_code == 302
    run_jobs()
    assert codes(assessment)[-1] == ("AG-01", "Planta Pisco")


def act(row, name, by):
    """Try one act; what the life cycle refuses changes nothing."""
    acts = {
        "work": lambda: row.save_work(work=(row.work + 1) % 4, statement=f"v{row.version}", by=by),
        "submit": lambda: row.submit(by=by),
        "withdraw": lambda: row.withdraw_submission(by=by),
        "accept": lambda: row.review(State.ACCEPTED, by=by),
        "return": lambda: row.review(State.RETURNED, by=by, note="Corrija."),
        "claim": lambda: row.claim_na("No hay.", by=by),
        "agree": lambda: row.review(State.NOT_APPLICABLE, by=by),
    }
    try:
        acts[name]()
    except IllegalMove:
        row.refresh_from_db()


ACTS = ["work", "submit", "withdraw", "accept", "return", "claim", "agree"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(ACTS)), max_size=14))
def test_progress_is_accepted_over_applicable_whatever_happens(assessment, plant, alice, proof, moves):
    fresh = Assessment.objects.open(
        company=assessment.company, standard_version=assessment.standard_version, sites=[plant], by=alice
    )
    rows = list(fresh.fulfilments.select_related("requirement", "assessment__company"))
    for row in rows:
        row.add_evidence(existing=[proof], by=alice)
    for index, name in moves:
        act(rows[index], name, alice)
    kept = counters(fresh)
    states = list(fresh.fulfilments.values_list("state", flat=True))
    applicable = [state for state in states if state != State.NOT_APPLICABLE]
    fresh.refresh_from_db()
    assert fresh.progress == (applicable.count(State.ACCEPTED) / len(applicable) if applicable else 0)
    fresh.recount()
    assert counters(fresh) == kept


def test_a_stranger_sees_no_assessment(assessment, bob, mia, stella, alice):
    for user, seen in ((bob, 0), (mia, 1), (stella, 1), (alice, 1)):
        assert Assessment.objects.visible_to(user).count() == seen
        assert AspectProgress.objects.visible_to(user).count() == 2 * seen
