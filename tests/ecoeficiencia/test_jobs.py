"""Jobs: written with the change, done once however often they are delivered, never lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ecoeficiencia import jobs, tasks
from ecoeficiencia.jobs import MAX_ATTEMPTS, Job, pause_after

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


def enqueue(key="note:1", run_at=None, **payload):
    return Job.enqueue("note", key, {"text": "hola", **payload}, run_at=run_at)


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
