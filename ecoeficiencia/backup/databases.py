"""One database into one file and back. What the copy holds is counted in the very moment it shows."""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

BLOBS = "SELECT sha256, size FROM ecoeficiencia_blob ORDER BY sha256"


class BackupError(Exception):
    """A sentence for whoever runs the command."""


class SQLiteCopy:
    """The live file copied page by page by SQLite itself, while others read and write."""

    NAME = "database.sqlite3"

    @contextmanager
    def dump(self, path):
        """Write the copy to `path`; yield a cursor that sees exactly what is in it."""
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            yield copy.cursor()

    def restore(self, path, overwrite):
        """Put the copy where the database of the settings lies."""
        target = Path(settings.DATABASES["default"]["NAME"])
        connection.close()
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"{target.name}.restoring")
        shutil.copyfile(path, beside)
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        for rest in ("-wal", "-shm"):
            target.with_name(target.name + rest).unlink(missing_ok=True)
        os.replace(beside, target)


class PostgreSQLCopy:
    """pg_dump of the server's own major version, over one snapshot that the counts share."""

    NAME = "database.dump"

    @contextmanager
    def dump(self, path):
        self._check_version("pg_dump")
        with connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                cursor.execute("SELECT pg_export_snapshot()")
                snapshot = cursor.fetchone()[0]
                self._run("pg_dump", "-Fc", "--no-owner", f"--snapshot={snapshot}", "-f", str(path))
                self._run("pg_restore", "--list", str(path), connect=False)
                yield cursor
            finally:
                cursor.execute("ROLLBACK")

    def restore(self, path, overwrite):
        self._check_version("pg_restore")
        connection.close()
        clean = ["--clean", "--if-exists"] if overwrite else []
        self._run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", *clean, str(path))

    def _check_version(self, program):
        """The programs must be of the server's major version: what one writes, another may not read."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            server = int(cursor.fetchone()[0]) // 10_000
        said = subprocess.run([_program(program), "--version"], capture_output=True, text=True, check=True).stdout
        if major(said) != server:
            raise BackupError(
                _("%(program)s es de otra versión que el servidor (%(server)s): %(said)s. Indique ECO_PG_BIN.")
                % {"program": program, "server": server, "said": said.strip()}
            )

    def _run(self, program, *arguments, connect=True):
        known = settings.DATABASES["default"]
        where = ["-d", known["NAME"]] if connect else []
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
        for name, key in (("PGHOST", "HOST"), ("PGPORT", "PORT"), ("PGUSER", "USER"), ("PGPASSWORD", "PASSWORD")):
            if known.get(key):
                environment[name] = str(known[key])
        done = subprocess.run([_program(program), *where, *arguments], capture_output=True, text=True, env=environment)
        if done.returncode:
            raise BackupError(f"{program}: {done.stderr.strip()[-500:]}")


def major(said):
    """The major version in what a program of PostgreSQL says of itself; 0 when it says something else."""
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def _program(name):
    """Where a program of PostgreSQL is: in ECO_PG_BIN, else on the path."""
    found = shutil.which(name, path=settings.PG_BIN or None)
    if not found:
        raise BackupError(_("Falta %(name)s: instale postgresql-client o indique ECO_PG_BIN.") % {"name": name})
    return found


def database():
    """The copier of the database in use."""
    return SQLiteCopy() if connection.vendor == "sqlite" else PostgreSQLCopy()


def counts(cursor):
    """Rows of each table that `cursor` sees."""
    found = {}
    for table in sorted(connection.introspection.table_names()):
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        found[table] = cursor.fetchone()[0]
    return found


def blobs(cursor):
    """(SHA-256, size) of every file that the rows `cursor` sees speak of."""
    cursor.execute(BLOBS)
    return [tuple(row) for row in cursor.fetchall()]


def is_empty():
    """Whether the database in use holds nobody's data yet; on a new machine there is not even a folder for it."""
    if connection.vendor == "sqlite" and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return True
    if "companies_user" not in connection.introspection.table_names():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM companies_user")
        return cursor.fetchone()[0] == 0
