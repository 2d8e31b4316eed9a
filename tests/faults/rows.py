"""The faults, one function a row of the list in docs/reliability.md.

Each takes `make(off="", **env)`, which yields a Stack, and `rounds`; asserts what must hold, and returns a Result.
ROWS says what is switched off for the same function to fail, and how it must then fail. What decides is a condition
waited for, never a pause: a machine that is busy with other things makes a row last longer, not fail.
"""

import threading
from dataclasses import dataclass

from django.core.management import call_command
from django.utils import timezone

from .servers import until

# Seconds in which everything must be well again; __main__ sets fewer for controls, which wait for what does not come.
PATIENCE = 300
BEFORE = "before the test"  # why a mail of the demonstration was never sent
# Seconds in which what makes the fault must come about, in a control too.
READY = 300
# Longer than the lease of tests/faults/apps.py: until then nobody else takes the job of a killed worker.
AFTER_THE_LEASE = 30


@dataclass
class Result:
    rounds: int
    acknowledged: int
    lost: int
    duplicates: int
    recovery: float
    note: str = ""


def sound():
    """`manage.py verify_all` agrees."""
    call_command("verify_all", late=1, stdout=open("/dev/null", "w"))  # noqa: SIM115


def outcome(s, rounds, recovery, note="", duplicates=0):
    lost = s.lost()
    assert lost == [], f"{len(lost)} of {len(s.ledger.told)} acknowledged requests lost: {lost[:3]}"
    assert s.half_done() == [], "a request had half its effect"
    assert recovery < PATIENCE, f"not well again after {recovery:.0f} s"
    assert s.duplicates() <= duplicates, f"{s.duplicates()} mails twice"
    sound()
    return Result(rounds, len(s.ledger.told), 0, s.duplicates(), recovery, note)


def redis_down_at_submit(make, rounds):
    with make() as s:
        s.warm_up()
        s.redis.kill()
        s.invite_many(rounds)
        assert s.ledger.statuses() == {302}, s.ledger.statuses()
        assert s.extra() < 1, f"a request took {s.extra():.1f} s longer than before"
        s.redis.start()
        recovery = s.settle(s.ledger.told, PATIENCE)
        return outcome(s, rounds, recovery, f"slowest request {s.ledger.slowest():.2f} s")


def redis_killed_and_emptied(make, rounds):
    with make(start={"worker": False}) as s:
        s.invite_many(rounds)
        s.redis.kill()
        s.redis.start(empty=True)
        s.worker.start()
        recovery = s.settle(s.ledger.told, PATIENCE)
        return outcome(s, rounds, recovery)


def redis_hangs(make, rounds):
    with make() as s:
        s.warm_up()
        s.redis.freeze()
        s.invite_many(rounds)
        s.redis.thaw()
        assert s.ledger.statuses() == {302}, s.ledger.statuses()
        assert s.extra() < 1, f"a request took {s.extra():.1f} s longer than before"
        recovery = s.settle(s.ledger.told, PATIENCE)
        return outcome(s, rounds, recovery, f"slowest request {s.ledger.slowest():.2f} s", duplicates=1)


def _certificates(make, rounds, whole):
    from audits.models import Certificate
    from ecoeficiencia.jobs import Job

    with make(start={"web": False}, FAULTS_PAUSE="pdf") as s:
        Certificate.objects.update(pdf=None)
        rows = list(Certificate.objects.order_by("pk"))
        for n in range(max(rounds, len(rows))):
            row = rows[n % len(rows)]
            Job.enqueue("audits.certificate", f"faults:{n}", {"certificate": row.pk})
        s.published(READY)
        killed = s.kill_victims(rounds, whole)
        recovery = s.settle([], PATIENCE)
        left = Certificate.objects.filter(pdf=None).count()
        jobs = list(Job.objects.exclude(state="done").values_list("key", "state", "attempts", "error"))
        assert left == 0, f"{left} certificates without their PDF after {killed} kills; jobs not done: {jobs}"
        assert Job.objects.exclude(state="done").count() == 0
        assert recovery < PATIENCE
        assert killed == rounds, f"only {killed} kills"
        sound()
        return Result(killed, len(rows), 0, 0, recovery)


def worker_child_killed_in_a_pdf(make, rounds):
    return _certificates(make, rounds, whole=False)


def whole_worker_killed_in_a_pdf(make, rounds):
    return _certificates(make, rounds, whole=True)


def worker_killed_after_the_mail_left(make, rounds):
    with make(start={"web": False}, FAULTS_PAUSE="mail") as s:
        addresses = s.notices(rounds * 3)
        killed = s.kill_victims(rounds)
        recovery = s.settle(addresses, max(PATIENCE, AFTER_THE_LEASE))
        for address in addresses:
            assert s.mails_to(address), f"no mail to {address}"
            assert len({mail[1] for mail in s.mails_to(address)}) == 1, f"two Message-IDs to {address}"
        assert s.duplicates() <= killed + 1
        sound()
        return Result(killed, len(addresses), 0, s.duplicates(), recovery, "same Message-ID")


def poison_job(make, rounds):
    from ecoeficiencia.jobs import Job

    with make() as s:
        Job.enqueue("faults.poison", "poison", {})
        Job.objects.create(key="unknown", kind="nobody.knows", run_at=timezone.now())
        Job.objects.create(key="old payload", kind="audits.certificate", payload={"id_of_v0": 1}, run_at=timezone.now())
        s.invite_many(rounds)
        recovery = s.settle(s.ledger.told, PATIENCE)
        dead = dict(Job.objects.filter(state="dead").values_list("key", "error"))
        assert dead.keys() == {"poison", "unknown", "old payload"}, dead
        assert all(dead.values())
        return outcome(s, rounds, recovery, "3 dead jobs, each with its reason")


def two_beats(make, rounds):
    with make(start={"web": False}, FAULTS_REMINDERS="1") as s:
        s.beat2.start()
        s.runs(4 * rounds, READY)
        s.beat2.kill()
        s.beat.kill()
        s.beat.start()
        s.runs(2, READY)
        recovery = s.settle([], PATIENCE)
        return _each_once(rounds, recovery)


def _each_once(rounds, recovery):
    from companies.models import Notice

    told = Notice.objects.filter(kind="reminder", held=False).exclude(delivery__error=BEFORE)
    rows = told.values_list("user", "title", "body", "url", "key")
    facts = [(*words, key.rpartition(":")[2]) for *words, key in rows]  # a later rung may be told in the same words
    again = len(facts) - len(set(facts))
    assert again == 0, f"{again} reminders told again"
    assert facts, "no reminder was told at all"
    assert set(told.values_list("delivery__state", flat=True)) <= {"sent", "skipped"}
    assert recovery < PATIENCE
    return Result(rounds, len(facts), 0, again, recovery)


def beat_away_for_three_days(make, rounds):
    from companies.models import Notice

    with make(start={"web": False}, FAULTS_REMINDERS="1") as s:
        until(lambda: Notice.objects.filter(delivery__state="sent").exists(), READY)
        s.runs(2, READY)
        s.settle([], PATIENCE)
        s.beat.kill()
        s.worker.kill()
        before = Notice.objects.count()
        s.worker.start(FAULTS_DAYS="3")
        s.beat.start(FAULTS_DAYS="3")
        until(lambda: Notice.objects.count() > before, READY)
        s.runs(2, READY)
        recovery = s.settle([], PATIENCE)
        late = Notice.objects.count() - before
        result = _each_once(rounds, recovery)
        result.note = f"{late} told after the gap"
        assert late, "nothing was caught up"
        return result


def postgres_restarts_under_load(make, rounds):
    with make() as s:
        s.warm_up()
        away = []
        with s.inviting():
            for _round in range(rounds):
                s.acknowledges(6, READY)
                away.append(s.database.crash())
            s.acknowledges(6, READY)
        waits = [int(retry or 999) for status, _seconds, retry in s.ledger.answers if status == 503]
        strange = s.ledger.statuses() - {302, 503, 0}
        assert strange == set(), f"answers {strange}"
        assert waits, "the crashes were not felt: nothing was tested"
        assert max(waits) <= 30
        before = len(s.ledger.answers)
        s.invite_many(5, first=100_000)
        assert [status for status, *_rest in s.ledger.answers[before:]] == [302] * 5
        recovery = s.settle(s.ledger.told, PATIENCE)
        return outcome(s, rounds, recovery, f"{len(waits)} answers 503, away {max(away):.1f} s", duplicates=rounds)


def mail_server_down(make, rounds):
    from companies.models import Delivery

    with make() as s:
        s.warm_up()
        addresses = []
        for mode in ("refuse", "421", "451", "hang"):
            s.sink.stop()
            s.sink.mode = mode
            if mode != "refuse":
                s.sink.start()
            addresses += s.notices(rounds, who=f"caido{mode}")
            s.invite_many(rounds, first=len(s.ledger.asked))
            s.tried(READY)
            assert not Delivery.objects.filter(notice__user__email__startswith="caido", state="sent").exists()
        assert s.ledger.statuses() == {302}
        assert s.extra() < 1, f"a request took {s.extra():.1f} s longer than before"
        s.sink.stop()
        s.sink.mode = "ok"
        s.sink.start()
        recovery = s.settle([*addresses, *s.ledger.told], PATIENCE)
        missing = [address for address in addresses if not s.mails_to(address)]
        assert missing == [], f"{len(missing)} notices never arrived"
        return outcome(s, rounds * 4, recovery, "refused, 421, 451, silent")


def mail_server_takes_some(make, rounds):
    from companies.models import Delivery

    with make(start={"web": False}) as s:
        good, bad, cut = (s.notices(rounds, who=who) for who in ("bueno", "nadie", "corta"))
        recovery = s.settle([*good, *cut], PATIENCE)
        states = dict(Delivery.objects.values_list("notice__user__email", "state"))
        assert {states[a] for a in good + cut} == {"sent"}
        assert {states[a] for a in bad} == {"failed"}, {states[a] for a in bad}
        assert all("550" in d.error for d in Delivery.objects.filter(notice__user__email__startswith="nadie"))
        assert {len(s.mails_to(a)) for a in good} == {1}
        assert all(len({m[1] for m in s.mails_to(a)}) == 1 and s.mails_to(a) for a in cut)
        assert recovery < PATIENCE
        sound()
        again = sum(len(s.mails_to(a)) - 1 for a in cut)
        assert again <= len(cut), f"{again} mails again"
        return Result(rounds, len(good + bad + cut), 0, again, recovery, "cut lines again, same Message-ID")


def double_click(make, rounds):
    from companies.models import Event
    from requirements_std.models import Fulfilment

    with make(start={"worker": False, "beat": False}, FAULTS_PAUSE="move") as s:
        rows = Fulfilment.objects.filter(assessment__company=s.company, state="open").order_by("pk")[:rounds]
        answers = []

        def click(row):
            answers.append((row.pk, s.post(f"/empresa/requisito/{row.pk}/no-aplica/", "na-reason=No+hay+caldera.")[0]))

        for row in rows:
            clicks = [threading.Thread(target=click, args=(row,)) for _ in range(3)]
            for one in clicks:
                one.start()
            for one in clicks:
                one.join()
        for row in rows_again(rows):
            got = sorted(status for pk, status in answers if pk == row.pk)
            moves = Event.objects.filter(verb="move", new="claimed_na", object_id=row.pk).count()
            assert row.state == "claimed_na"
            assert moves == 1 and got.count(302) == 1, f"{moves} moves, answers {got}"
            assert set(got) <= {302, 404, 409}
        sound()
        return Result(len(rows), len(rows), 0, 0, 0.0, "3 clicks at once: one 302, the others 409")


def rows_again(rows):
    from requirements_std.models import Fulfilment

    return Fulfilment.objects.filter(pk__in=[row.pk for row in rows])


# The function, its rounds, what its control switches off, and what must then go wrong.
ROWS = {
    1: (redis_down_at_submit, 20, "relay", r"acknowledged requests lost"),
    2: (redis_killed_and_emptied, 20, "relay", r"acknowledged requests lost"),
    3: (redis_hangs, 10, "timeout", r"^\{0"),
    7: (worker_child_killed_in_a_pdf, 8, "relay", r"without their PDF after [1-9]"),
    8: (whole_worker_killed_in_a_pdf, 4, "relay", r"without their PDF after [1-9]"),
    9: (worker_killed_after_the_mail_left, 6, "message_id", r"two Message-IDs"),
    12: (poison_job, 10, "limit", r"^\{\}$"),
    13: (two_beats, 4, "key", r"told again"),
    14: (beat_away_for_three_days, 1, "key", r"told again"),
    16: (postgres_restarts_under_load, 5, "away", r"answers .*500"),
    29: (mail_server_down, 3, "retry", r"never arrived"),
    30: (mail_server_takes_some, 5, "receipt", r"sent"),
    32: (double_click, 5, "cas", r"[02-9] moves"),
}
