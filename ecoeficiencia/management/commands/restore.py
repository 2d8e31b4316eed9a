import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from ecoeficiencia.backup import copies
from ecoeficiencia.backup.databases import BackupError

LONG_AGO = 525_600  # minutes: the jobs of a copy were due when it was taken, which is no fault of it


class Command(BaseCommand):
    help = "Make the database and the files what a copy says, and check the result. Stop web, workers and beat first."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("source", help="folder of one copy")
        parser.add_argument("--overwrite", action="store_true", help="replace a database that already has data")
        parser.add_argument("--accept-loss", action="store_true", help="even if register or history get shorter")
        parser.add_argument("--drill", action="store_true", help="into a database of its own, then forget it")

    def handle(self, *, source, overwrite, accept_loss, drill, **options):
        begun = time.monotonic()
        if drill:
            self._drill(source)
            copies.stamp(copies.PROVEN)
            self.stdout.write(_("Simulacro hecho en %(s)s s.") % {"s": round(time.monotonic() - begun, 1)})
        else:
            try:
                copies.restore(source, self.stdout.write, overwrite=overwrite, accept_loss=accept_loss)
            except BackupError as error:
                raise CommandError(str(error)) from error
            call_command("verify_all", late=LONG_AGO, stdout=self.stdout)
            self.stdout.write(_("Restaurada y comprobada en %(s)s s.") % {"s": round(time.monotonic() - begun, 1)})

    def _drill(self, source):
        """The real command over a database that is thrown away."""
        with tempfile.TemporaryDirectory(prefix="eco-drill-") as folder, self._database(folder) as address:
            environment = {**os.environ, "ECO_DATABASE_URL": address, "ECO_VAR": folder, "ECO_PG_BIN": settings.PG_BIN}
            environment.pop("ECO_DATABASE_URL_FILE", None)
            environment.pop("ECO_S3_BUCKET", None)
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(source)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
        self.stdout.write(done.stdout)
        if done.returncode:
            raise CommandError(done.stderr.strip()[-1000:])

    @contextmanager
    def _database(self, folder):
        """The address of an empty database that goes away."""
        if connection.vendor == "sqlite":
            yield f"sqlite:///{folder}/drill.sqlite3"
            return
        known, name = settings.DATABASES["default"], f"eco_drill_{os.getpid()}"
        who = f"{quote(known['USER'])}:{quote(known['PASSWORD'])}@"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            if str(known["HOST"]).startswith("/"):
                yield f"postgres://{who}/{name}?host={known['HOST']}"
            else:
                yield f"postgres://{who}{known['HOST']}:{known['PORT'] or 5432}/{name}"
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
