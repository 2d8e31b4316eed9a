"""Asks a child process what a file really is. The web process never opens a file of somebody's with a library.

The child (inspector/) is started with the first upload of a process and stays; each file gets a fork of it that may
use little and is not used again. See docs/adr/0009.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).parent / "inspector"
TRIES = 3  # how often a file is looked into when its inspection dies for no reason of its own
OVERSPENT = {14, 24}  # SIGALRM, SIGXCPU: it took longer than it may
QUEUE = 10  # seconds an upload waits for its turn
AT_ONCE = 2  # inspections a web process has going: more would only slow one another down


class Unavailable(Exception):
    """No answer could be had: too many files wait, or the child cannot be started or dies each time."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Inspector:
    """The child and the socket to it; started when first needed, and again when it is gone."""

    def __init__(self):
        self.lock, self.turns = threading.Lock(), threading.BoundedSemaphore(AT_ONCE)
        self.process = self.control = self.owner = None

    def ask(self, task, source, target, **facts):
        """Have `task` done over the file `source`; what it writes goes to the file `target`.

        Return the answer with `cpu` (seconds) and `peak_kb` beside it. {"refused": code} is an answer like another.
        Raises Unavailable.
        """
        if not self.turns.acquire(timeout=QUEUE):
            raise Unavailable("busy")
        try:
            for attempt in range(1, TRIES + 1):
                answer = self._ask_once({"do": task, "facts": facts, "limits": settings.INSPECTION}, source, target)
                if answer:
                    return answer
                logger.warning("inspection died, attempt %s", attempt)
        finally:
            self.turns.release()
        raise Unavailable("unverifiable")

    def _ask_once(self, request, source, target):
        """The answer; None when whoever should give it died on the way."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.settimeout(settings.INSPECTION["wall"] + 5)
            try:
                self._hand_over([theirs.fileno(), source.fileno(), target.fileno()])
                theirs.close()
                ours.sendall(json.dumps(request).encode() + b"\n")
                line = ours.makefile("rb").readline()
                return self._understand(json.loads(line)) if line else None
            except (OSError, ValueError) as error:
                logger.warning("inspection broke off: %s", error)
                return None

    def _understand(self, answer):
        cost = {"cpu": answer["cpu"], "peak_kb": answer["peak_kb"]}
        if answer["signal"] in OVERSPENT:
            return {"refused": "demanding", **cost}
        return {**json.loads(answer["said"]), **cost} if answer["said"] else None

    def _hand_over(self, descriptors):
        with self.lock:
            if self.process is None or self.owner != os.getpid() or self.process.poll() is not None:
                self._start()
            try:
                socket.send_fds(self.control, [b"."], descriptors)
            except OSError:
                self._start()
                socket.send_fds(self.control, [b"."], descriptors)

    def _start(self):
        self.stop()
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", str(PROGRAM)], stdin=theirs, stdout=subprocess.DEVNULL, start_new_session=True
            )
        self.owner = os.getpid()

    def stop(self):
        """Let the child go: it ends when its socket closes. A fork's copy of another process's child is left alone."""
        if self.control:
            self.control.close()
        if self.process and self.owner == os.getpid():
            self.process.wait()
        self.process = self.control = None


inspector = Inspector()
