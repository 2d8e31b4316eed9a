"""Where a server that keeps a file may be killed, in the order in which it comes there."""

import os
from pathlib import Path

PLACES = (
    "before its file has a name",
    "before the folder is flushed",
    "before there is a row",
    "before the row is committed",
    "before the answer leaves",
)


def stop_at(places, around, wait):
    """Have a process wait in the places that the file `place` of the test names. around, wait: as in apps.py."""
    from ecoeficiencia import once
    from ecoeficiencia.files import keeping
    from ecoeficiencia.files.blob import Blob

    def at(place):
        chosen = Path(os.environ["FAULTS_VICTIMS"]) / "place"

        def stop():
            if chosen.exists() and chosen.read_text() == place:
                wait()

        return stop

    named, flushed, row, committed, answered = places
    around(keeping, "_name", before=at(named), after=at(flushed))
    around(keeping.WriteOnce, "_save", after=at(row))
    around(Blob, "store", after=at(committed))
    around(once, "answer", after=at(answered))
