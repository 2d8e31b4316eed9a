"""Two people at the same moment, each in a thread with a connection of its own. For tests with transaction=True."""

from threading import Barrier, Thread

from django.db import connection


def at_once(*acts):
    """Do all acts at the same moment; their answers in order."""
    start, answers = Barrier(len(acts)), [None] * len(acts)

    def run(n, act):
        try:
            start.wait()
            answers[n] = act()
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
