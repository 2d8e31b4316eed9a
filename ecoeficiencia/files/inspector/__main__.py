"""Looks into one file at a time, each in a process of its own that may do little and dies soon.

Run as a program (`python -I ecoeficiencia/files/inspector`) by `ecoeficiencia.files.inspection`, which sends over the
socket on standard input one byte and three descriptors: where to talk, the file, where to write. Three processes stand
in a row: this one, which has read the libraries and never touches a file; a warden, which counts what the inspection
costs and reports how it ended; and the inspection, limited in memory, time, files and privileges. A hostile file can
spoil only the last, which nobody uses again.
"""

import errno
import gc
import json
import os
import signal
import socket
import sys

import checks
import limits
import previews
import signatures

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
MAX_ANSWER = 1024 * 1024  # bytes of a verdict
TASKS = {"check": checks.check, "page": previews.page, "table": previews.table, "signatures": signatures.read}


def main():
    control = socket.socket(fileno=0)
    limits.cut_network()
    checks.preload()
    gc.freeze()  # what is loaded stays shared with the children
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens leave nothing behind
    while True:
        byte, descriptors, _flags, _address = socket.recv_fds(control, 1, 3)
        if not byte:
            return  # whoever asked is gone
        if not os.fork():
            control.close()
            _end_after(lambda given=descriptors: ward(*given))
        for descriptor in descriptors:
            os.close(descriptor)


def _end_after(function):
    """Leave the process whatever happens: a fork must never go on with its parent's loop."""
    try:
        function()
    finally:
        os._exit(0)


def ward(talk, file, out):
    """Start one inspection, wait for its end, and say what came of it and what it cost."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    conversation = socket.socket(fileno=talk)
    request = json.loads(conversation.makefile("rb").readline())
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        conversation.close()
        _end_after(lambda: inspect(request, file, out, writing))
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read(MAX_ANSWER)
    _pid, status, usage = os.wait4(child, 0)
    answer = {
        "said": said.decode("utf-8", "replace"),
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_kb": usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1),
    }
    conversation.sendall(json.dumps(answer).encode() + b"\n")


def inspect(request, file, out, writing):
    """Do the one thing asked, within the limits; the answer goes into the pipe."""
    limits.confine(**request["limits"])
    try:
        with open(file, "rb") as source, open(out, "wb") as target:
            answer = TASKS[request["do"]](source, target, **request["facts"])
    except checks.Refused as refusal:
        answer = {"refused": refusal.code, **refusal.facts}
    except MemoryError:
        answer = {"refused": "demanding"}
    except OSError as error:
        answer = {"refused": "no_space" if error.errno in NO_SPACE else "broken", "why": str(error)[:300]}
    except Exception as error:  # each parser has its own family of errors; to the person all mean "broken"
        answer = {"refused": "broken", "why": f"{type(error).__name__}: {error}"[:300]}
    os.write(writing, json.dumps(answer).encode()[:MAX_ANSWER])


if __name__ == "__main__":
    main()
