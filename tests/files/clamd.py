"""An antivirus for tests: speaks as clamd does, or misbehaves."""

import socket
import struct
import threading
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone


def told_version(**age):
    """What clamd says of itself when its signatures are so old."""
    return (timezone.now() - timedelta(**age)).strftime("ClamAV 1.4.1/27000/%a %b %d %H:%M:%S %Y\0").encode()


class Clamd(threading.Thread):
    """says: its answer to a file, or a function of the bytes that gives it; None hangs up."""

    def __init__(self, says, version=None, port=0):
        super().__init__(daemon=True)
        self.says, self.version, self.seen = says, version or told_version(), []
        self.listening = socket.create_server(("127.0.0.1", port))
        self.address = f"tcp://127.0.0.1:{self.listening.getsockname()[1]}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.listening.shutdown(socket.SHUT_RDWR)  # else its port is held as long as it waits for somebody
        self.listening.close()

    def run(self):
        while True:
            try:
                talk, _peer = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.listen, args=(talk,), daemon=True).start()

    def listen(self, talk):
        with talk, talk.makefile("rb") as heard, suppress(OSError, struct.error):  # who asked may give up
            self.answer(talk, heard)

    def answer(self, talk, heard):
        command = heard.read(8)
        if command == b"zVERSION":
            talk.sendall(self.version)
            return
        heard.read(len("zINSTREAM\0") - 8)
        content = b""
        while size := struct.unpack("!I", heard.read(4))[0]:
            content += heard.read(size)
        self.seen.append(content)
        said = self.says(content) if callable(self.says) else self.says
        if said is not None:
            talk.sendall(said)
