import ctypes
import signal
import sys


def die_with_parent():
    """Ask Linux to stop this child should its parent be killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
