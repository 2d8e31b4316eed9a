"""Jobs: written with the change, done once however often they are delivered, never lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads, prepare_accept_content
from structlog.contextvars import bound_contextvars, get_contextvars

from ecoeficiencia import jobs, tasks
from ecoeficiencia.celery import app
from ecoeficiencia.jobs import MAX_ATTEMPTS, Away, Job, JobQuerySet, Urgency, pause_after
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def broker_not_resting(monkeypatch):
    monkeypatch.setattr(jobs, "_rest_until", 0.0)


@pytest.fixture
def done(monkeypatch):
    """The effects of a handler of kind `note`, which fails on request; and the messages the broker took."""
    effects = []

    def note(text, fails=False):
        effects.append(text)
        if fails:
            raise ValueError("the printer is on fire")

    monkeypatch.setitem(jobs._handlers, "note", note)
    return effects


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(tasks.run_job, "delay", messages.append)
    return messages


@pytest.fixture
def broken_broker(monkeypatch):
    def refuse(pk):
        raise ConnectionError("no broker here")

    monkeypatch.setattr(tasks.run_job, "delay", refuse)


def enqueue(key="note:1", run_at=None, text="hola", **payload):
    return Job.enqueue("note", key, {"text": text, **payload}, run_at=run_at)


def make_due(job):
    Job.objects.filter(pk=job.pk).update(run_at=timezone.now(), lease_until=None)


def test_a_job_is_sent_when_the_change_is_saved(done, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue()
        assert sent == []
    assert sent == [job.pk]
    job.refresh_from_db()
    assert job.sent_at is not None


def test_a_change_that_is_undone_takes_its_job_along(done, sent):
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue()
        raise RuntimeError
    assert Job.objects.count() == 0


def test_a_message_that_is_not_json_is_refused():
    kind, encoding, body = dumps({"job": 1}, serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(body, kind, encoding, accept=prepare_accept_content(app.conf.accept_content))


def test_the_same_key_is_one_job(done, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert enqueue() == enqueue()
    assert Job.objects.count() == 1
    assert len(sent) == 1


def test_a_kind_nobody_handles_is_refused_at_once():
    with pytest.raises(LookupError, match="No handler for jobs of kind 'juggle'"):
        Job.enqueue("juggle", "juggle:1")


def test_two_handlers_of_one_kind_are_refused(done):
    with pytest.raises(RuntimeError, match="Two handlers"):
        jobs.handles("note")(print)


def test_a_message_that_comes_twice_has_one_effect(done):
    job = enqueue()
    tasks.run_job(job.pk)
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert done == ["hola"]
    assert (job.state, job.attempts, job.lease_until) == (Job.State.DONE, 1, None)
    assert job.done_at is not None


def test_a_message_for_a_row_that_is_gone_does_nothing(done):
    tasks.run_job(404)
    assert done == []


def test_of_two_workers_one_does_it(done):
    job = enqueue()
    other = Job.objects.get(pk=job.pk)
    assert job.claim() is True
    assert other.run() is False
    assert done == []


def test_a_job_whose_worker_died_is_taken_over_when_the_lease_ends(done):
    job = enqueue()
    job.claim()
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert Job.objects.get(pk=job.pk).run() is True
    assert done == ["hola"]


def test_a_worker_that_lost_its_lease_leaves_no_mark(done, monkeypatch):
    job = enqueue()

    def slow(text):
        Job.objects.filter(pk=job.pk).update(error="written by the late worker", lease_until=timezone.now())

    monkeypatch.setitem(jobs._handlers, "note", slow)
    assert job.run() is False
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.PENDING, "")


def test_a_job_rests_after_a_failure(done):
    job = enqueue(fails=True)
    before = timezone.now()
    assert job.run() is False
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == (Job.State.PENDING, 1, None)
    assert job.error == "ValueError: the printer is on fire"
    assert timedelta(seconds=59) < job.run_at - before < timedelta(seconds=70)
    assert Job.objects.get(pk=job.pk).run() is False
    assert done == ["hola"]


def test_a_failing_handler_leaves_nothing_behind(done, monkeypatch):
    job = enqueue()

    def half(text):
        Job.objects.create(key="left behind", kind="note", run_at=timezone.now())
        raise ValueError

    monkeypatch.setitem(jobs._handlers, "note", half)
    job.run()
    assert list(Job.objects.values_list("key", flat=True)) == ["note:1"]


def test_a_job_that_always_fails_is_given_up_and_can_be_revived(done, sent, django_capture_on_commit_callbacks):
    job = enqueue(fails=True)
    for _ in range(MAX_ATTEMPTS + 2):
        make_due(job)
        Job.objects.get(pk=job.pk).run()
    job.refresh_from_db()
    assert (job.state, job.attempts, len(done)) == (Job.State.DEAD, MAX_ATTEMPTS, MAX_ATTEMPTS)
    with django_capture_on_commit_callbacks(execute=True):
        job.revive()
    job.refresh_from_db()
    assert (job.state, job.attempts, sent) == (Job.State.PENDING, 0, [job.pk])


def test_a_job_that_kills_its_workers_is_given_up_too(done):
    job = enqueue()
    Job.objects.update(attempts=MAX_ATTEMPTS, lease_until=timezone.now() - timedelta(minutes=1))
    assert Job.objects.get(pk=job.pk).run() is False
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.DEAD, "No worker came back from it.")
    assert done == []


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60)])
def test_pauses_double_up_to_an_hour(attempts, minutes):
    assert pause_after(attempts) == timedelta(minutes=minutes)


def test_without_a_broker_the_change_is_saved_and_the_job_waits(
    done, broken_broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue()
    job.refresh_from_db()
    assert (job.state, job.sent_at) == (Job.State.PENDING, None)
    assert Job.objects.relay() == 0


def test_the_relay_sends_what_was_never_sent_or_lost(done, sent):
    now = timezone.now()
    never, lost, fresh, later = (enqueue(f"note:{n}") for n in range(4))
    Job.objects.filter(pk=lost.pk).update(sent_at=now - timedelta(minutes=2))
    Job.objects.filter(pk=fresh.pk).update(sent_at=now)
    Job.objects.filter(pk=later.pk).update(run_at=now + timedelta(hours=1))
    tasks.relay_jobs()
    assert sent == [never.pk, lost.pk]
    tasks.relay_jobs()
    assert len(sent) == 2


def test_a_job_for_later_is_not_sent_before_its_time(done, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(run_at=timezone.now() + timedelta(days=1))
    assert sent == []
    assert job.run() is False
    make_due(job)
    assert Job.objects.relay() == 1


def test_the_database_refuses_a_done_job_without_its_moment(done):
    job = enqueue()
    with pytest.raises(Exception, match="job_done_has_its_moment"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)


def test_every_job_of_the_schedule_exists():
    from django.conf import settings

    from ecoeficiencia.celery import app

    jobs._import_handlers()
    assert {line["task"] for line in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_do_each_job_once(done):
    import threading

    pks = [enqueue(f"note:{n}").pk for n in range(8)]
    start = threading.Barrier(4)

    def work():
        start.wait()
        for pk in pks:
            tasks.run_job(pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(done) == 8
    assert Job.objects.filter(state=Job.State.DONE, attempts=1).count() == 8


def test_a_broker_that_did_not_answer_is_left_alone_for_a_moment(
    done, broken_broker, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    with django_capture_on_commit_callbacks(execute=True):
        enqueue()
    monkeypatch.setattr(tasks.run_job, "delay", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("note:2")
    assert asked == []
    assert Job.objects.relay() == 2


def run_out(job):
    for _ in range(MAX_ATTEMPTS):
        make_due(job)
        assert Job.objects.get(pk=job.pk).run() is False
    job.refresh_from_db()
    return job


def test_a_kind_of_another_release_waits_for_it_and_is_given_up_with_the_reason():
    """During an upgrade an old worker may meet a new kind: it rests like a failure, the new worker does it."""
    job = Job.objects.create(key="juggle:1", kind="juggle", run_at=timezone.now())
    assert job.run() is False
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.PENDING, 1)
    job = run_out(job)
    assert (job.state, job.error) == (Job.State.DEAD, "LookupError: No handler for jobs of kind 'juggle'.")


def test_data_of_another_release_is_given_up_with_the_reason(done):
    job = run_out(enqueue(colour="red"))
    assert job.state == Job.State.DEAD
    assert "unexpected keyword argument 'colour'" in job.error
    assert done == []


# In order of urgency


def test_the_more_urgent_goes_first_and_its_message_does_the_other(done):
    usual, first = enqueue("note:usual", text="usual"), enqueue("note:first", text="first")
    Job.objects.filter(pk=first.pk).update(urgency=Urgency.FIRST)
    tasks.run_job(usual.pk)
    assert done == ["first"]
    tasks.run_job(first.pk)
    assert done == ["first", "usual"]


def test_among_equals_a_message_does_what_it_asks_for(done):
    enqueue("note:1", text="1")
    tasks.run_job(enqueue("note:2", text="2").pk)
    assert done == ["2"]


def test_who_loses_the_race_for_the_most_urgent_does_the_next(done, monkeypatch):
    taken, left = enqueue("note:1", text="1"), enqueue("note:2", text="2")
    seen = JobQuerySet.most_urgent

    def a_moment_later(self, now, asked):
        job = seen(self, now, asked)
        Job.objects.get(pk=taken.pk).claim()
        return job

    monkeypatch.setattr(JobQuerySet, "most_urgent", a_moment_later)
    tasks.run_job(taken.pk)
    assert done == ["2"]
    left.refresh_from_db()
    assert left.state == Job.State.DONE


def test_the_relay_sends_the_urgent_ones_first(done, sent):
    usual = enqueue("note:1")
    first = Job.enqueue("note", "note:2", {"text": "x"}, run_at=timezone.now(), urgency=Urgency.FIRST)
    Job.objects.relay()
    assert sent == [first.pk, usual.pk]


# What is away


@pytest.fixture
def away(monkeypatch):
    def wait(text):
        raise Away("SMTPServerDisconnected: gone")

    monkeypatch.setitem(jobs._handlers, "note", wait)


def test_what_waits_for_something_outside_is_not_given_up(away):
    job = enqueue()
    for _ in range(3 * MAX_ATTEMPTS):
        make_due(job)
        assert Job.objects.get(pk=job.pk).run() is False
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.PENDING, "SMTPServerDisconnected: gone")
    assert job.run_at - timezone.now() <= timedelta(minutes=15)


def test_after_five_days_it_is(away):
    job = enqueue()
    Job.objects.update(created_at=timezone.now() - timedelta(days=5, seconds=1))
    assert run_out(job).state == Job.State.DEAD


def test_what_failed_and_is_not_done_after_an_hour_is_shown(away):
    now = timezone.now()
    failed, young, untried = (enqueue(f"note:{n}") for n in range(3))
    Job.objects.filter(pk__in=[failed.pk, young.pk]).update(error="gone")
    Job.objects.exclude(pk=young.pk).update(created_at=now - timedelta(hours=2))
    assert list(Job.objects.retrying(now)) == [failed]
    assert untried.state == Job.State.PENDING


# What depends on a job that is given up


@pytest.fixture
def told(monkeypatch):
    heard = []
    monkeypatch.setitem(jobs._given_up, "note", lambda error, **payload: heard.append((error, payload)))
    return heard


def test_what_depends_on_a_job_hears_once_that_it_was_given_up(done, told):
    run_out(enqueue(fails=True))
    assert told == [("ValueError: the printer is on fire", {"text": "hola", "fails": True})]


def test_a_job_that_killed_its_workers_is_told_too(done, told):
    enqueue()
    Job.objects.update(attempts=MAX_ATTEMPTS)
    Job.objects.get().run()
    assert [error for error, _payload in told] == ["No worker came back from it."]


def test_who_cannot_hear_it_leaves_the_job_dead_all_the_same(done, monkeypatch):
    monkeypatch.setitem(jobs._given_up, "note", lambda error: None)  # takes no payload
    assert run_out(enqueue(fails=True)).state == Job.State.DEAD


# Whose work it is


def test_a_job_keeps_the_id_of_the_request_and_logs_with_it(monkeypatch):
    seen = []
    monkeypatch.setitem(jobs._handlers, "note", lambda text: seen.append(get_contextvars()["request_id"]))
    with bound_contextvars(request_id="0123456789abcdef0123456789abcdef"):
        job = enqueue()
    assert job.run() is True
    assert seen == ["0123456789abcdef0123456789abcdef"]
    assert get_contextvars() == {}


def test_what_a_job_asks_for_bears_the_id_too(monkeypatch, done):
    monkeypatch.setitem(jobs._handlers, "parent", lambda: enqueue())
    with bound_contextvars(request_id="f" * 32):
        parent = Job.enqueue("parent", "parent:1")
    parent.run()
    assert set(Job.objects.values_list("request_id", flat=True)) == {"f" * 32}


def test_a_secret_is_forgotten_when_the_job_is_done(monkeypatch, done, as_):
    monkeypatch.setattr(jobs, "_secret", {"note"})
    job = enqueue(text="the code is 1234")
    client = as_(UserFactory(is_staff=True, is_superuser=True))
    assert "1234" not in client.get(f"/admin/ecoeficiencia/job/{job.pk}/change/").text
    job.run()
    job.refresh_from_db()
    assert (done, job.payload) == (["the code is 1234"], {})


# A clock set back


def test_a_clock_set_back_delays_a_job_and_loses_none(done, time_machine):
    now = timezone.now()
    time_machine.move_to(now + timedelta(hours=1))
    job = enqueue()
    time_machine.move_to(now)
    tasks.run_job(job.pk)
    assert done == []
    time_machine.move_to(now + timedelta(hours=1, seconds=1))
    Job.objects.relay()
    tasks.run_job(job.pk)
    tasks.run_job(job.pk)
    assert done == ["hola"]


def test_a_clock_set_forward_and_back_keeps_a_lease_no_longer_than_that(done, time_machine):
    now, job = timezone.now(), enqueue()
    time_machine.move_to(now + timedelta(hours=1))
    assert job.claim() is True  # and its worker dies
    time_machine.move_to(now)
    assert Job.objects.get(pk=job.pk).run() is False
    time_machine.move_to(now + timedelta(hours=1) + jobs.LEASE)
    assert Job.objects.get(pk=job.pk).run() is True
