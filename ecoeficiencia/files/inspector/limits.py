"""What an inspection may use. Linux keeps all of it; other systems what they know."""

import contextlib
import ctypes
import os
import resource
import signal
import sys

NEW_NETWORK, NEW_USER = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER
NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS
NOBODY = 65534
OPEN_FILES = 32
PROCESSES = 512  # of the user, all together: the decoder of iPhone photos needs a thread
WRITTEN = 64 * 1024 * 1024  # bytes of what it may write: a cleaned photo or the image of a page

libc = ctypes.CDLL(None, use_errno=True)


def cut_network():
    """A network of its own, with nothing in it, where the system allows that."""
    if sys.platform == "linux" and libc.unshare(NEW_NETWORK):
        libc.unshare(NEW_USER | NEW_NETWORK)  # allowed to those who are not root on most systems


def confine(memory, cpu, wall):
    """Give up everything an inspection does not need, for good. memory: bytes of address space; cpu, wall: seconds."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(wall)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, WRITTEN)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    _limit(resource.RLIMIT_NPROC, PROCESSES)
    if sys.platform == "linux":
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _limit(resource.RLIMIT_CPU, cpu, cpu + 1)  # told at the first (SIGXCPU), killed at the second
    _limit(resource.RLIMIT_AS, memory)


def _limit(what, value, most=None):
    with contextlib.suppress(ValueError, OSError):  # a system that does not know the limit, or is already stricter
        resource.setrlimit(what, (value, most or value))
