"""The demonstration, loaded once for the tests of this module, and what makes one loading like another."""

from collections import Counter
from contextlib import redirect_stdout
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from audits.demo.stages import STAGES
from audits.models import Certificate, RegisterEntry
from companies.models import Claim, Company, Event, ExportRecord, RucHistory, User
from ecoeficiencia.demo import ACCOUNTS, PASSWORD
from ecoeficiencia.workdays import add_workdays
from programs.comparison import about, compare
from programs.models import Appeal, Application, CommitmentLetter, DecisionLetter, Edition, Participation
from requirements_std.models import AspectProgress, Assessment

pytestmark = pytest.mark.django_db
TODAY, ALL = date(2026, 11, 24), len(STAGES)


def load(count=ALL):
    """Load it; return what it said."""
    with redirect_stdout(StringIO()) as said:
        call_command("load_demo", companies=count, today=TODAY, verbosity=0)
    return said.getvalue()


def facts():
    """What makes one loading like another: no primary keys, codes or password hashes."""
    return {
        "companies": list(Company.objects.order_by("ruc").values_list("ruc", "legal_name", "phone", "products")),
        "applications": list(Application.objects.order_by("company__ruc").values_list("number", "state", "created_at")),
        "rows": sorted(
            Assessment.objects.values_list("company__ruc", "applicable", "accepted", "submitted", "returned")
        ),
        "certificates": sorted(Certificate.objects.values_list("number", "company__ruc", "state", "printed__sites")),
    }


@pytest.fixture(scope="module", autouse=True)
def media(tmp_path_factory):
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("demonstration")):
        yield


@pytest.fixture(scope="module")
def larger(media, django_db_setup, django_db_blocker):
    """The facts of a loading with six companies more, undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(ALL + 6)
        found = facts()
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module", autouse=True)
def said(larger, django_db_blocker):
    """The demonstration is there while the tests of this module run; what loading it said."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load()
        transaction.set_rollback(True)


def test_every_stage_is_there_and_every_published_account_signs_in(client, said):
    assert said == ""
    assert Company.objects.count() == ALL
    applications = Counter(Application.objects.values_list("state", flat=True))
    assert applications == Counter(s.application for s in STAGES)
    participations = Counter(Participation.objects.values_list("state", flat=True))
    assert participations == Counter(s.participation for s in STAGES if s.participation)
    assert Certificate.objects.count() == sum(bool(s.certificate) for s in STAGES)
    assert Claim.objects.get(state="filed").claimed_by.email == "reclamante@demo.example"
    assert sorted(RucHistory.objects.values_list("kind", flat=True)) == ["change", "change", "merger"]
    assert RucHistory.objects.exclude(undone_at=None).count() == 1
    assert ExportRecord.objects.filter(declaration__contains="-40-7001").count() == 2
    emails = {email for email, _ in ACCOUNTS}
    assert set(User.objects.filter(email__in=emails).values_list("email", flat=True)) == emails
    for email in sorted(emails):
        answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert (email, answer.status_code, answer.url) == (email, 302, reverse("public:doors"))
        client.logout()


def test_the_appeal_of_the_demonstration_tells_its_story_and_somebody_can_take_it():
    appeal = Appeal.objects.get()
    application, told = appeal.application, appeal.application.told_of_rejection_on()
    assert (TODAY - timezone.localdate(application.decided_at)).days < 31
    assert told < appeal.due_from < TODAY < appeal.due_on
    assert appeal.due_from <= application.appeal_until()
    assert appeal.due_on == add_workdays(appeal.due_from, 15)
    assert (bool(appeal.grounds), appeal.filename) == (True, "plano-del-proceso.pdf")
    assert [(e.verb, timezone.localdate(e.at)) for e in appeal.history()] == [("appeal", appeal.due_from)]
    assert "revision@demo.example" in {person.email for person in appeal.judges()}
    assert "coordinacion@demo.example" in {person.email for person in appeal.barred()}
    assert application.decision_letters.get().kind == "rejection"
    letters = CommitmentLetter.objects.filter(state="issued")
    assert letters and all(Event.objects.about(letter).exists() for letter in letters)


def test_the_corrected_file_has_two_versions_that_differ_in_what_was_observed():
    application = Application.objects.get(state="mended")
    second, first = application.revisions.all().order_by("-number")
    changed = compare(first.data, second.data)
    observed = [item for item in application.items.exclude(answer="") if about(changed, item)]
    assert {item.key for item in observed} == {"licence", "doc-poder", "exports"}
    assert first.submitted_at < observed[0].decided_at < second.submitted_at == application.state_since
    assert {change.section for change in changed} == {"sedes", "exportaciones", "documentos"}


def test_files_are_shared_out_and_one_call_is_full_with_three_that_wait():
    reviewers = Counter(Application.objects.exclude(submitted_at=None).values_list("reviewer__email", flat=True))
    assert len(reviewers) == 3 and min(reviewers.values()) > 4
    waiting = Application.objects.filter(state="waiting")
    edition = waiting.first().edition
    assert (waiting.count(), edition.places_taken(), edition.quota) == (3, 2, 2)
    assert not edition.is_open_on(TODAY) and edition != Edition.objects.begun_on(TODAY)[0]


def test_no_letter_is_older_than_its_decision_or_younger_than_the_demonstration():
    for letter in CommitmentLetter.objects.select_related("participation__application"):
        decided = letter.participation.application.decided_at
        times = [decided, *filter(None, [letter.signed_at, letter.verified_at])]
        assert (times, letter.issued_on) == (sorted(times), timezone.localdate(decided))
        assert timezone.localdate(letter.state_since) <= TODAY and letter.state_since == times[-1]
        assert letter.participation.state_since >= decided
    for letter in DecisionLetter.objects.select_related("application"):
        assert timezone.localdate(letter.application.decided_at) == letter.issued_on <= TODAY


def test_counters_equal_a_recount_and_the_register_verifies(capsys):
    totals = ("company__ruc", "applicable", "accepted", "submitted", "returned")
    aspects = ("assessment", "aspect", "applicable", "accepted", "submitted", "returned", "started")
    kept = set(Assessment.objects.values_list(*totals)), set(AspectProgress.objects.values_list(*aspects))
    Assessment.objects.recount()
    assert kept == (set(Assessment.objects.values_list(*totals)), set(AspectProgress.objects.values_list(*aspects)))
    call_command("verify_register")
    assert f"{RegisterEntry.objects.count()} asientos" in capsys.readouterr().out


def test_the_rows_are_those_the_product_itself_would_open():
    for assessment in Assessment.objects.exclude(company__certificates__licence__state="issued").select_related(
        "company"
    ):
        assert assessment.sync(by=None, on=TODAY) == (0, 0)


def test_two_loadings_are_alike_whatever_the_count(larger):
    seen = [facts(), larger]
    assert seen[0]["companies"] == seen[1]["companies"][:ALL]
    assert seen[0]["applications"] == seen[1]["applications"][:ALL]
    assert set(seen[0]["rows"]) <= set(seen[1]["rows"])
    numbers = {row[1]: row for row in map(str_sites, seen[1]["certificates"])}
    assert [numbers[row[1]] for row in map(str_sites, seen[0]["certificates"])] == list(
        map(str_sites, seen[0]["certificates"])
    )


def str_sites(row):
    return (*row[:3], str(row[3]))
