import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import Error, connections
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia.demo import ACCOUNTS, PASSWORD
from ecoeficiencia.jobs import LATE, Job
from ecoeficiencia.orphans import die_with_parent

HOST = "127.0.0.1"
KEPT_BY_DEMO = ["db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "media", "mail", "broker"]
QUIET = "ignore:You're running the worker with superuser"  # on this machine only, with JSON messages only
GRACE = 20  # seconds a child has to finish what it is doing
ASK_EVERY = 60  # seconds between two looks at the progress of the worker


class Child:
    """A process kept alive: started again when it ends, more slowly each time it ends at once."""

    def __init__(self, name, arguments):
        self.name, self.arguments = name, [sys.executable, "-W", QUIET, "-m", *arguments]
        self.process, self.failures, self.start_at = None, 0, 0.0

    def start(self):
        # A session of its own: Ctrl-C reaches the supervisor alone, which stops the children in order.
        self.process = subprocess.Popen(
            self.arguments, cwd=settings.BASE_DIR, start_new_session=True, preexec_fn=die_with_parent
        )
        self.started = time.monotonic()

    def look_after(self, say):
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif self.process.poll() is not None:
            self.failures = 0 if now - self.started > 60 else self.failures + 1
            say(_("%(name)s terminó (código %(code)s); se inicia otra vez.") % self.ended())
            self.process, self.start_at = None, now + min(2**self.failures, 30) / 2

    def restart(self, say):
        """Stop it for good; `look_after` starts it again. For a child that lives and does nothing."""
        say(_("%(name)s no avanza aunque hay trabajos por hacer; se inicia otra vez.") % {"name": self.name})
        self.stop()
        self.wait(time.monotonic() + 5)

    def ended(self):
        return {"name": self.name, "code": self.process.returncode}

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until):
        if not self.process:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Watchdog:
    """Restarts the worker when jobs are late: it may be alive and yet take nothing from its broker."""

    def __init__(self, child):
        self.child, self.ask_at = child, time.monotonic() + LATE.total_seconds()

    def look(self, say):
        if time.monotonic() < self.ask_at:
            return
        self.ask_at = time.monotonic() + ASK_EVERY
        if self.child.process and self.late():
            self.ask_at = time.monotonic() + LATE.total_seconds()  # time to show that it works again
            self.child.restart(say)

    def late(self):
        """Whether a job waits that a worker at work would have done. Not known while the database is busy: no."""
        try:
            return Job.objects.late(timezone.now()).exists()
        except Error:
            return False
        finally:
            connections.close_all()


class Command(BaseCommand):
    help = "The embedded default: database, web server and worker in one command, on this machine only."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", default="8000")
        parser.add_argument("--reset", action="store_true", help="Demonstration only: begin anew.")

    def handle(self, *, port, reset, **options):
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        port = self.free_port(port)
        if reset:
            self.forget()
        self.prepare()
        children = [self.web(port), self.worker(), self.clock()]
        try:
            self.keep_alive(children, port)
        finally:
            self.stop(children)

    def ask_to_stop(self, number, frame):
        if self.stopping:
            return
        self.stopping = True
        if not getattr(self, "serving", False):
            raise SystemExit(130)

    def free_port(self, text):
        """Return the port as a number; a sentence when it is none, or taken."""
        with contextlib.suppress(ValueError, OSError, OverflowError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, int(text)))
            return probe.getsockname()[1]
        raise CommandError(
            _("No se puede usar el puerto %(port)s: elija otro, por ejemplo PORT=8010.") % {"port": text}
        )

    def forget(self):
        if not settings.DEMO:
            raise CommandError(_("Solo se empieza de nuevo en una demostración (ECO_DEMO=1)."))
        for name in KEPT_BY_DEMO:
            path = settings.VAR_DIR / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for path in settings.VAR_DIR.glob("beat-schedule*"):
            path.unlink()

    def prepare(self):
        for name in ("media", "mail", "static", "broker"):
            (settings.VAR_DIR / name).mkdir(parents=True, exist_ok=True)
        self.say(_("Preparando la base de datos…"))
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if settings.DEMO and not get_user_model().objects.exists():
            self.say(_("Cargando los datos de demostración…"))
            call_command("load_demo", verbosity=0)
        connections.close_all()

    def web(self, port):
        arguments = ["gunicorn", "ecoeficiencia.wsgi", "--bind", f"{HOST}:{port}", "--no-control-socket"]
        arguments += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "60"]
        return Child(_("El servidor web"), [*arguments, "--graceful-timeout", "5", "--log-level", "warning"])

    def worker(self):
        arguments = ["celery", "-q", "-A", "ecoeficiencia", "worker", "-P", "threads", "-c", "2", "-l", "warning"]
        return Child(_("El trabajador"), [*arguments, "--without-gossip", "--without-mingle", "--without-heartbeat"])

    def clock(self):
        # Not the worker's -B: that child would outlive a worker that is killed.
        return Child(_("El reloj"), ["celery", "-q", "-A", "ecoeficiencia", "beat", "-l", "warning", "--pidfile="])

    def keep_alive(self, children, port):
        self.serving, announced = True, False
        watchdog = Watchdog(children[1])
        while not self.stopping:
            watchdog.look(self.say)
            for child in children:
                child.look_after(self.say)
            if not announced and self.answers(port):
                announced = True
                self.announce(port)
            time.sleep(0.3)

    def answers(self, port):
        with contextlib.suppress(OSError, urllib.error.URLError):
            return urllib.request.urlopen(f"http://{HOST}:{port}/health/live", timeout=2).status == 200
        return False

    def announce(self, port):
        if settings.DEMO:
            self.say(_("Cuentas de demostración (contraseña: %(password)s):") % {"password": PASSWORD})
            for email, who in ACCOUNTS:
                self.say(f"  {email:<28} {who}")
        self.say(_("Listo: %(url)s (Ctrl-C para terminar)") % {"url": f"http://{HOST}:{port}/"})

    def stop(self, children):
        self.say(_("Cerrando…"))
        until = time.monotonic() + GRACE
        for child in children:
            child.stop()
        for child in children:
            child.wait(until)

    def say(self, text):
        self.stdout.write(str(text))
        self.stdout.flush()
