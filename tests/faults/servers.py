"""Real servers as children, each in its own session, stopped and killed by pid."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
from aiosmtpd.controller import Controller

from ecoeficiencia.orphans import die_with_parent

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    base = int(os.environ.get("FAULTS_PORT", 0))
    for port in range(base, base + 10) if base else [0]:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise RuntimeError("no free port")


def until(question, seconds, pause=0.1):
    """Ask until the answer is true; return it, or None when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(pause)
    return None


class Broken(RuntimeError):
    """The test itself does not work: nothing is proven, not even by a row that fails."""


class Process:
    """One child; `log` keeps what it said."""

    def __init__(self, arguments, env, log):
        self.arguments, self.env, self.log = arguments, env, log
        self.child, self.wanted = None, False
        self.lock = threading.RLock()  # what is killed must not be taken for what ended by itself

    def start(self, **env):
        with self.lock:
            return self._start(**env)

    def _start(self, **env):
        self.wanted = True
        self.env = {**self.env, **env}
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.arguments,
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent if threading.current_thread() is threading.main_thread() else None,
            )
        return self

    @property
    def alive(self):
        return self.child is not None and self.child.poll() is None

    def family(self):
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.child.pid)
            return [*parent.children(recursive=True), parent]
        return []

    def revive(self):
        """Start it again when it ended by itself; whether it had."""
        with self.lock:
            ended = self.wanted and self.child is not None and not self.alive
            if ended:
                self._start()
            return ended

    def kill(self):
        """SIGKILL to it and to its children at once, as a power cut would."""
        with self.lock:
            self._kill()

    def _kill(self):
        self.wanted = False
        if self.child is None:
            return
        for process in reversed(self.family()):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.child.wait()


class Redis(Process):
    def __init__(self, port, folder, env):
        self.port, self.folder = port, folder
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        super().__init__(
            [*command, "--appendonly", "yes", "--maxmemory-policy", "noeviction"], env, folder / "redis.log"
        )

    def start(self, empty=False):
        if empty:
            for path in sorted(self.folder.glob("appendonlydir/*")):
                path.unlink()
        super().start()
        if not until(self.answers, 60) or not self.alive:
            raise Broken(f"Redis did not start: {self.log.read_text()[-300:]}")
        return self

    def answers(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(7) == b"+PONG\r\n"
        return False

    def freeze(self):
        os.kill(self.child.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.child.pid, signal.SIGCONT)


class Web(Process):
    def __init__(self, port, env, log):
        self.port = port
        command = [sys.executable, "-m", "gunicorn", "ecoeficiencia.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
        command += ["--config", str(ROOT / "tests" / "faults" / "gunicorn.conf.py")]
        super().__init__([*command, "--log-level", "warning", "--graceful-timeout", "2"], env, log)

    def wait(self):
        if not until(self.answers, 180):
            raise Broken(f"the web server did not start: {self.log.read_text()[-2000:]}")

    def answers(self):
        with suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=2).status == 200
        return False


def worker(env, log):
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "ecoeficiencia", "worker"]
    return Process(
        [*command, "-P", "prefork", "-c", "2", "-l", "warning", "--without-gossip", "--without-mingle"], env, log
    )


def beat(env, folder, name="beat"):
    command = [sys.executable, "-m", "celery", "-q", "-A", "ecoeficiencia", "beat", "-l", "warning", "--pidfile="]
    return Process([*command, "-s", str(folder / name)], env, folder / f"{name}.log")


class Sink:
    """A mail server that keeps what it took, and misbehaves as `mode` or the recipient says."""

    def __init__(self, port):
        self.port, self.mode, self.taken, self.dropped = port, "ok", [], set()
        self.controller = None

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mode == "451":
            return "451 try again later"
        if address.startswith("nadie"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.mode == "421":
            return "421 closing"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode("utf-8", "replace")
        headers = dict(line.split(": ", 1) for line in text.split("\r\n\r\n")[0].split("\r\n") if ": " in line)
        to = envelope.rcpt_tos[0]
        if self.mode == "hang":
            import asyncio

            await asyncio.sleep(8)
            return "451 too slow"
        if to.startswith("corta") and to not in self.dropped:
            self.dropped.add(to)  # took it, then the line was cut before saying so
            self.taken.append((to, headers.get("Message-ID", ""), headers.get("Subject", ""), time.time()))
            server.transport.close()
            return "250 OK"
        self.taken.append((to, headers.get("Message-ID", ""), headers.get("Subject", ""), time.time()))
        return "250 OK"
