"""Loaded into the servers of a fault test: shorter clocks, places to be killed at, and what a control switches off."""

import os
import re
import time
import uuid
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.db import connection
from django.utils import timezone

from . import places


class FaultsConfig(AppConfig):
    name = "tests.faults"
    label = "faults"

    def ready(self):
        from ecoeficiencia import jobs

        jobs.LEASE = timedelta(seconds=12)  # longer than the longest task, here too: see EMAIL_TIMEOUT
        jobs.RESEND_AFTER = timedelta(seconds=3)
        jobs.pause_after = lambda attempts: timedelta(seconds=min(0.5 * attempts, 2))
        self.impatient_antivirus()
        self.another_day()
        self.count_the_runs()
        for name in settings.OFF:
            getattr(self, f"without_{name}", lambda: None)()
        self.places_to_die()  # around what is switched off: all come to the place before it matters

    def places_to_die(self):
        """FAULTS_PAUSE names where a worker writes its pid and waits, once per job, to be killed there."""
        from companies import tasks as mails
        from ecoeficiencia import lifecycle, pdf

        where = os.environ.get("FAULTS_PAUSE", "")
        if where == "pdf":
            _around(pdf, "render", before=_wait_to_be_killed)
            _around(pdf, "keep", after=_wait_to_be_killed)
        if where == "mail":
            build = mails.mail_of

            def mail_of(delivery):
                message = build(delivery)
                _around(message, "send", after=lambda: _wait_to_be_killed(f"mail-{delivery.pk}"))
                return message

            mails.mail_of = mail_of
        if where == "move":
            _around(lifecycle.Stateful, "move", before=_wait_for_the_other_clicks)
        if where == "edit":
            from requirements_std.models import Fulfilment

            _around(Fulfilment, "save_work", before=_wait_when_together)
        if where == "file":
            places.stop_at(places.PLACES, _around, _wait_to_be_killed)

    def impatient_antivirus(self):
        from ecoeficiencia.files import scanning

        if os.environ.get("FAULTS_SCAN"):
            scanning.TIMEOUT = 2

    def another_day(self):
        """FAULTS_DAYS: the reminders believe that so many days have passed."""
        from programs import tasks

        days = int(os.environ.get("FAULTS_DAYS", 0))
        if days:

            class Later:
                @staticmethod
                def localdate():
                    return timezone.localdate() + timedelta(days=days)

            tasks.timezone = Later

    def count_the_runs(self):
        """With FAULTS_REMINDERS, each finished run of the reminders leaves a file for the test to count."""
        from programs import reminders

        if os.environ.get("FAULTS_REMINDERS"):
            folder = Path(os.environ["FAULTS_VICTIMS"])
            _around(reminders, "send", after=lambda: (folder / f"{uuid.uuid4().hex}.run").touch())

    def without_relay(self):
        from ecoeficiencia import jobs

        jobs.JobQuerySet.relay = lambda self, limit=0: 0

    def without_limit(self):
        from ecoeficiencia import jobs

        jobs.MAX_ATTEMPTS = 10**4

    def without_key(self):
        """A notice arrives as often as it is told."""
        from companies.models import Notice

        tell_all = Notice.tell_all.__func__

        def anew(cls, notices, *, kind):
            for notice in notices:
                notice.key = f"{uuid.uuid4().hex}+{notice.key}"
            return tell_all(cls, notices, kind=kind)

        Notice.tell_all = classmethod(anew)

    def without_message_id(self):
        from companies import tasks as mails

        build = mails.mail_of

        def mail_of(delivery):
            delivery.message_id = uuid.uuid4()
            return build(delivery)

        mails.mail_of = mail_of

    def without_receipt(self):
        """A mail counts as sent before the server took it."""
        from companies import tasks as mails
        from companies.models import Delivery
        from ecoeficiencia import jobs

        def careless(delivery):
            row = Delivery.objects.get(pk=delivery)
            row.state, row.sent_at = Delivery.State.SENT, timezone.now()
            row.save()
            with suppress(OSError):
                mails.mail_of(row).send()

        jobs._import_handlers()
        jobs._handlers["companies.deliver"] = careless

    def without_retry(self):
        """A job whose handler fails counts as done."""
        from ecoeficiencia import jobs

        jobs.Job._fail = lambda self, error, away=False: self._finish()

    def without_away(self):
        from ecoeficiencia import errors

        errors._database_is_away = lambda error: False

    def without_cas(self):
        """Moves no longer ask whether the record is still as it was read."""
        from ecoeficiencia import lifecycle

        move = lifecycle.Stateful.move

        def blind(self, to, **rest):
            seen = self.state
            type(self)._base_manager.filter(pk=self.pk).update(state=seen)
            self.version = type(self)._base_manager.get(pk=self.pk).version
            return move(self, to, **rest)

        lifecycle.Stateful.move = blind

    def without_version(self):
        """Whoever saves last writes over what was saved since they opened the page."""
        from companies import merging
        from ecoeficiencia import lifecycle

        save_edit = lifecycle.Stateful.save_edit

        def blind(self, **rest):
            self.version = type(self)._base_manager.get(pk=self.pk).version
            return save_edit(self, **rest)

        lifecycle.Stateful.save_edit = blind
        merging._version_of = lambda form: "nobody asked"

    def without_once(self):
        """A form has no key of its own."""
        from ecoeficiencia import once

        once.KEY = re.compile("(?!)")

    def without_space(self):
        """A disk without room is an error like another."""
        from ecoeficiencia import errors
        from ecoeficiencia.files import receiving

        receiving.NO_SPACE = set()
        errors._disk_is_full = lambda error: False

    def without_hash(self):
        """Nobody compares a file with what was kept before it is handed out."""
        from ecoeficiencia.models import Blob

        Blob.is_whole = lambda self: True

    def without_order(self):
        """The row of a file is written before the file."""
        from django.core.files.storage import default_storage
        from django.db import transaction

        from ecoeficiencia.files import blob

        class Later:
            def __getattr__(self, name):
                return getattr(default_storage, name)

            def save(self, path, file):
                transaction.on_commit(lambda: default_storage.save(path, file))

        blob.default_storage = Later()

    def without_dump_first(self):
        """A copy lists its files before the database is copied; more come between."""
        from ecoeficiencia.backup import copies, databases

        dump = databases.PostgreSQLCopy.dump

        @contextmanager
        def later(self, path):
            listed = files()
            _wait_while(lambda: files() == listed, 60)
            copies.blobs = lambda cursor: listed
            with dump(self, path) as cursor:
                yield cursor

        def files():
            with connection.cursor() as cursor:
                return databases.blobs(cursor)

        databases.PostgreSQLCopy.dump = later

    def without_scanner(self):
        """What the antivirus could not look at counts as clean."""
        from ecoeficiencia.files import scanning

        scan = scanning.scan

        def trusting(file):
            with suppress(scanning.ScannerAway):
                return scan(file)
            return ""

        scanning.scan = trusting
        scanning.signatures_from = timezone.now


def _around(owner, name, before=None, after=None):
    inner = getattr(owner, name)

    def outer(*args, **kwargs):
        if before:
            before()
        result = inner(*args, **kwargs)
        if after:
            after()
        return result

    setattr(owner, name, outer)


def _wait_to_be_killed(name=""):
    """Leave the pid where the test looks, and wait for it as long as the test still wants a victim."""
    folder = Path(os.environ["FAULTS_VICTIMS"])
    wanted = folder / "wanted"
    if wanted.exists():
        (folder / f"{os.getpid()}.tmp").write_text(name)
        (folder / f"{os.getpid()}.tmp").rename(folder / f"{os.getpid()}.pid")
        _wait_while(wanted.exists, 8)


CLICKS = int(os.environ.get("FAULTS_CLICKS", 3))


def _wait_for_the_other_clicks():
    """All have read the same state before the first one writes."""
    folder = Path(os.environ["FAULTS_VICTIMS"])
    (folder / f"{uuid.uuid4().hex}.click").touch()
    _wait_while(lambda: len(list(folder.glob("*.click"))) % CLICKS, 20)


def _wait_when_together():
    if (Path(os.environ["FAULTS_VICTIMS"]) / "together").exists():
        _wait_for_the_other_clicks()


def _wait_while(question, seconds):
    end = time.monotonic() + seconds
    while question() and time.monotonic() < end:
        time.sleep(0.02)
