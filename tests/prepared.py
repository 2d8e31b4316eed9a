"""The migrated database, made once for each state of the migrations and copied by every process of the tests.

Each copy is migrated as well, which finds nothing to do: walls, permissions and content types are those of the code as
it is. A fresh clone makes it by all migrations.
"""

import fcntl
import hashlib
import shutil
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

KEPT = settings.VAR_DIR / "prepared"


def fingerprint():
    """What the tables follow from: the migrations of the rooms, and the versions of everybody else's."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes())
    for path in sorted(settings.BASE_DIR.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def alone():
    """One process makes what the others wait for."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def named(**test):
    """The test database of this process bears another name, or comes from elsewhere, for a while."""
    facts = connection.settings_dict
    usual, name = facts["TEST"].copy(), facts["NAME"]
    facts["TEST"].update(test)
    try:
        yield
    finally:
        connection.close()
        facts["TEST"] = usual
        facts["NAME"] = name


def migrated(name):
    """Make the database `name` by all migrations."""
    with named(NAME=name):
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


def lay(target):
    """Put a migrated SQLite file there."""
    kept = KEPT / f"{fingerprint()}.sqlite3"
    with alone():
        if not kept.exists():
            for path in KEPT.glob("*.sqlite3*"):
                path.unlink()
            migrated(str(kept.with_suffix(".part")))
            kept.with_suffix(".part").rename(kept)
    for end in ("-wal", "-shm"):
        Path(f"{target}{end}").unlink(missing_ok=True)
    shutil.copyfile(kept, target)


def template():
    """The name of a migrated database of this PostgreSQL server, to make others from."""
    name = f"prepared_{fingerprint()}"
    with alone(), connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            migrated("prepared_part")
            cursor.execute(f"ALTER DATABASE prepared_part RENAME TO {name}")
    return name


def remember():
    """Keep the database of this process as it is before the first test."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    if connection.vendor == "sqlite":
        shutil.copyfile(name, f"{name}.first")
    else:
        _make_again(f"{name}_first", name)


def put_back(_test=None):
    """Take back what a test committed. Emptying a hundred tables and putting the walls up again takes a second."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    if connection.vendor == "sqlite":
        # Through the engine: a worker of the test may still be about to close the file, and would take a new one's log.
        with closing(sqlite3.connect(f"{name}.first")) as first, closing(sqlite3.connect(name, timeout=60)) as there:
            there.execute("PRAGMA synchronous = OFF")
            first.backup(there)
    else:
        _make_again(name, f"{name}_first")


def forget():
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        Path(f"{name}.first").unlink()
    else:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}_first"')


def _make_again(name, source):
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def prepare():
    """See to it that the test database of this process is made quickly; whether it lies there already."""
    test = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        lay(test["NAME"])
        return True
    test["TEMPLATE"] = template()
    return False
