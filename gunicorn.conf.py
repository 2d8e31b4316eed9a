"""What gunicorn does beside its command line; it reads this file by itself wherever the product is started."""

import socket
import struct

SILENCE = 60  # seconds a client may say nothing in the middle of a request


def cut_silent(server, seconds):
    """Have every connection given up when its client falls silent. The connections take it over from the listener.

    Without it a telephone that loses its network in the middle of an upload holds a thread for ever.
    """
    whole, rest = divmod(seconds, 1)
    for listener in server.LISTENERS:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(whole), int(rest * 1e6)))


def when_ready(server):
    cut_silent(server, SILENCE)
