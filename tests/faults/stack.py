"""One set of servers with a database of its own, and the client that keeps a ledger of what was acknowledged."""

import http.client
import os
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from django.db import connections
from kombu import pools

from ecoeficiencia import jobs
from ecoeficiencia.celery import app

from .servers import Broken, Process, Redis, Sink, Web, beat, free_port, until, worker

TOKEN = "f" * 32
COMPANY_USER = "empresa@demo.example"


class Database:
    """A PostgreSQL server, and a database copied from a template for each round."""

    def __init__(self, server):
        self.server, self.copies = server, 0

    def address(self, name):
        return self.server.get_uri(database=name)

    def copy(self):
        self.copies += 1
        name = f"copy{self.copies}"
        self.server.psql(f"CREATE DATABASE {name} TEMPLATE base;")
        # Else a crash takes the sequences of the copy back to where those of the template stood.
        self.server.psql("CHECKPOINT;")
        return name

    def drop(self, name):
        self.server.psql(f"DROP DATABASE {name} WITH (FORCE);")

    def answers(self):
        with suppress(subprocess.CalledProcessError, AssertionError):
            return "1" in self.server.psql("SELECT 1;")
        return False

    def crash(self):
        """Stop at once, as `pg_ctl stop -m immediate` does, and start again; return the seconds it was away."""
        began, pid = time.monotonic(), int((self.server.pgdata / "postmaster.pid").read_text().split()[0])
        psutil.Process(pid).send_signal(3)  # SIGQUIT
        until(lambda: not psutil.pid_exists(pid), 10, 0.02)
        time.sleep(0.5)
        with suppress(subprocess.TimeoutExpired):  # it waits ten seconds, a recovery may take longer
            self.server.ensure_postgres_running()
        if not until(self.answers, 60):
            raise Broken("PostgreSQL did not come back")
        connections.close_all()
        return time.monotonic() - began


class Ledger:
    """What the client was told is done, one line each, on disk before the next request is made."""

    def __init__(self, path):
        self.file, self.told, self.asked, self.answers = open(path, "a"), [], [], []  # noqa: SIM115
        self.lock = threading.Lock()

    def note(self, what, status, seconds, retry_after):
        with self.lock:
            self.asked.append(what)
            self.answers.append((status, seconds, retry_after))
            if status and 200 <= status < 400:
                self.file.write(f"{what}\n")
                self.file.flush()
                os.fsync(self.file.fileno())
                self.told.append(what)

    def slowest(self):
        return max((seconds for _status, seconds, _retry in self.answers), default=0)

    def usual(self):
        """The median: one answer that a busy machine delayed says nothing, what protects a request shows in all."""
        return statistics.median(seconds for _status, seconds, _retry in self.answers)

    def statuses(self):
        return {status for status, _seconds, _retry in self.answers}


class Stack:
    """Web, worker, beat, Redis and mail server over a fresh copy of the database."""

    def __init__(self, database, folder, off="", **env):
        self.database, self.folder = database, Path(tempfile.mkdtemp(dir=folder))
        self.name = database.copy()
        ports = [free_port_of(n) for n in range(3)]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("ECO_", "FAULTS_", "DJANGO_"))} | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "ECO_DEMO": "1",
            "ECO_VAR": os.environ["ECO_VAR"],
            "ECO_DATABASE_URL": database.address(self.name),
            "ECO_BROKER_URL": f"redis://127.0.0.1:{ports[1]}/0",
            "ECO_CACHE_URL": f"redis://127.0.0.1:{ports[1]}/1",
            "ECO_EMAIL_URL": f"smtp://127.0.0.1:{ports[2]}",
            "ECO_LOG_LEVEL": "WARNING",
            "FAULTS_OFF": off,
            "FAULTS_VICTIMS": str(self.folder),
        }
        self.env |= env
        self.redis = Redis(ports[1], self.folder, self.env)
        self.sink = Sink(ports[2])
        self.web = Web(ports[0], self.env, self.folder / "web.log")
        self.worker = worker(self.env, self.folder / "worker.log")
        self.beat = beat(self.env, self.folder)
        self.beat2 = beat(self.env, self.folder, "beat2")
        self.keeper, self.restarts = None, 0
        self.ledger = Ledger(self.folder / "ledger")

    def start(self, *, web=True, worker=True, beat=True):
        self.use_database()
        self.keeping = True
        self.sink.start()
        self.redis.start()
        for wanted, process in ((web, self.web), (worker, self.worker), (beat, self.beat)):
            if wanted:
                process.start()
        if web:
            self.web.wait()
            self.sign_in()
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.keeper.start()
        return self

    def keep(self):
        """Start again what ends by itself, as the services of production are (`restart: unless-stopped`)."""
        while self.keeping:
            for process in (self.web, self.worker, self.beat):
                self.restarts += process.revive()
            time.sleep(0.5)

    def stop(self):
        self.keeping = False
        if self.keeper:
            self.keeper.join()
        with suppress(Exception):
            self.redis.thaw()
        for process in (self.beat, self.beat2, self.worker, self.web, self.redis):
            process.kill()
        self.sink.stop()
        connections.close_all()
        self.database.drop(self.name)

    def use_database(self):
        """Point this process, too, at the copy, and at the Redis that the workers listen to."""
        connections.close_all()
        connections["default"].settings_dict["NAME"] = self.name
        pools.reset()
        jobs._rest_until = 0.0
        app._pool = app.amqp._producer_pool = None
        for name in ("broker_url", "broker_read_url", "broker_write_url"):
            setattr(app.conf, name, self.env["ECO_BROKER_URL"])

    def sign_in(self):
        from django.test import Client

        from companies.models import Company, User

        client = Client()
        user = User.objects.get(email=COMPANY_USER)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.session = client.cookies["sesion"].value
        self.company = Company.objects.led_by(user).first().pk

    def post(self, path, body="", timeout=12):
        """(status, seconds, Retry-After); status 0 when nothing came back."""
        began, headers = time.monotonic(), {"Content-Type": "application/x-www-form-urlencoded"}
        headers["Cookie"], headers["X-CSRFToken"] = f"sesion={self.session}; csrf={TOKEN}", TOKEN
        wire = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=timeout)
        try:
            wire.request("POST", path, body, headers)
            answer = wire.getresponse()
            answer.read()
            return answer.status, time.monotonic() - began, answer.headers["Retry-After"]
        except (OSError, http.client.HTTPException):
            return 0, time.monotonic() - began, None
        finally:
            wire.close()

    def invite(self, n, who="invitado"):
        """A company invites somebody by mail: a row, an event, a job, one mail."""
        email = f"{who}{n}@pruebas.example"
        answer = self.post(f"/empresa/{self.company}/equipo/invitar/", f"email={email}&role=reader")
        self.ledger.note(email, *answer)

    def warm_up(self):
        """A process's first request loads what the later ones find loaded; what is measured begins after it."""
        path = f"/empresa/{self.company}/equipo/invitar/"
        took = [self.post(path, f"email=antes{n}@pruebas.example&role=reader")[1] for n in range(12)]
        self.before = statistics.median(took[4:])

    def extra(self):
        """Seconds by which the usual request is slower than before the fault."""
        return self.ledger.usual() - self.before

    def invite_many(self, count, first=0, pause=0.0):
        for n in range(first, first + count):
            self.invite(n)
            time.sleep(pause)

    @contextmanager
    def inviting(self):
        """Somebody invites without a pause while the block runs."""
        over = threading.Event()

        def work():
            n = 0
            while not over.is_set():
                self.invite(n)
                n += 1
                over.wait(0.1)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def acknowledges(self, more, seconds):
        """Wait until `more` further requests were acknowledged."""
        wanted = len(self.ledger.told) + more
        assert until(lambda: len(self.ledger.told) >= wanted, seconds), "the web server does not come back"

    def runs(self, more, seconds):
        """Wait until the reminders ran `more` times."""
        wanted = len(list(self.folder.glob("*.run"))) + more
        assert until(lambda: len(list(self.folder.glob("*.run"))) >= wanted, seconds), "the reminders do not run"

    def published(self, seconds):
        """Wait until the broker has the id of every job; what it does with them is another matter."""
        from ecoeficiencia.jobs import Job

        unsent = Job.objects.filter(state="pending", sent_at=None)
        assert until(lambda: not unsent.exists() or Job.objects.relay() < 0, seconds), "the broker takes nothing"

    def tried(self, seconds):
        """Wait until a worker tried every mail there is."""
        from ecoeficiencia.jobs import Job

        untried = Job.objects.filter(kind__startswith="companies.", state="pending", error="")
        assert until(lambda: not untried.exists(), seconds), "nobody tries to send the mails"

    def notices(self, count, who="aviso"):
        """Tell `count` people something, as the product does; return their addresses."""
        from companies.models import Notice, User

        told = []
        for n in range(count):
            user = User.objects.create(email=f"{who}{n}@pruebas.example", first_name=who)
            Notice.tell([user], key=f"{who}:{n}", kind="prueba", title="Prueba")
            told.append(user.email)
        return told

    def kill_victims(self, count, whole=False, seconds=180):
        """Kill `count` workers where they wait for it; return how many died."""
        killed, wanted = 0, self.folder / "wanted"
        wanted.touch()
        end = time.monotonic() + seconds
        while killed < count and time.monotonic() < end:
            for path in list(self.folder.glob("*.pid")):
                if not path.exists():
                    continue
                path.unlink()
                if killed == count:
                    wanted.unlink(missing_ok=True)
                elif whole:
                    self.worker.kill()
                    for other in self.folder.glob("*.pid"):  # its other child, dead too
                        other.unlink()
                    self.worker.start()
                    killed += 1
                else:
                    with suppress(psutil.NoSuchProcess):
                        psutil.Process(int(path.stem)).kill()
                        killed += 1
            time.sleep(0.03)
        wanted.unlink(missing_ok=True)
        return killed

    def mails_to(self, address):
        return [mail for mail in self.sink.taken if mail[0] == address]

    def settle(self, addresses, seconds):
        """Wait until each address has its mail and no job is left; return the seconds that took."""
        from ecoeficiencia.jobs import Job

        def settled():
            taken = {mail[0] for mail in self.sink.taken}
            return taken >= set(addresses) and not Job.objects.filter(state="pending").exists()

        began = time.monotonic()
        until(settled, seconds, 0.2)
        return time.monotonic() - began

    def lost(self):
        """Acknowledged invitations without their row, their event or their mail."""
        from companies.models import Event, Invitation

        rows = set(Invitation.objects.values_list("email", flat=True))
        events = set(Event.objects.filter(verb="invite").values_list("note", flat=True))
        taken = {mail[0] for mail in self.sink.taken}
        return [what for what in self.ledger.told if what not in rows & events & taken]

    def half_done(self):
        """Requests that were not answered, whose effect is there in part only."""
        from companies.models import Event, Invitation
        from ecoeficiencia.jobs import Job

        rows = dict(Invitation.objects.values_list("email", "pk"))
        events = set(Event.objects.filter(verb="invite").values_list("note", flat=True))
        jobs = set(Job.objects.filter(kind="companies.invite").values_list("key", flat=True))
        parts = [(e in rows, e in events, f"invite:{rows.get(e)}" in jobs) for e in self.ledger.asked]
        return [parts for parts in parts if len(set(parts)) > 1]

    def duplicates(self):
        taken = [mail[0] for mail in self.sink.taken]
        return len(taken) - len(set(taken))


_ports = []


def free_port_of(n):
    while len(_ports) <= n:
        base = int(os.environ.get("FAULTS_PORT", 0))
        _ports.append(base + len(_ports) if base else free_port())
    return _ports[n]


@contextmanager
def stack(database, folder, off="", start=True, **env):
    made = Stack(database, folder, off, **env)
    try:
        yield made.start(**(start if isinstance(start, dict) else {}))
    except AssertionError:
        if made.restarts > 5:
            log = made.worker.log.read_text()
            raise Broken(f"servers ended by themselves {made.restarts} times: {log[-300:]}") from None
        raise
    finally:
        made.stop()


__all__ = ["Database", "Process", "Stack", "stack"]
