from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from ecoeficiencia.walls import roles


class Command(BaseCommand):
    help = (
        "Make the roles of PostgreSQL and hand them this database. Safe to run again; needs a superuser. "
        "The passwords are those of ECO_OWNER_URL, ECO_APP_URL, ECO_WORKER_URL and ECO_BACKUP_URL."
    )
    requires_system_checks = []  # they would complain of the superuser that is needed here

    def handle(self, **options):
        if connection.vendor != "postgresql":
            raise CommandError("ECO_DATABASE_URL must name a PostgreSQL database.")
        passwords = dict(self.passwords())
        with transaction.atomic(), connection.cursor() as cursor:
            if not roles.is_superuser(cursor):
                raise CommandError("Only a superuser of PostgreSQL can make a role that passes row-level security by.")
            roles.arrange(cursor)
            for name in roles.SIGNING_IN:
                if name in passwords:
                    roles.sign_in(cursor, name, passwords[name])
                said = "may sign in" if name in passwords else "no address given, its password stays as it was"
                self.stdout.write(f"{name}: {said}.")

    def passwords(self):
        """(role, password) of each address given."""
        for address in filter(None, settings.ROLE_URLS):
            parts = urlsplit(address)
            if parts.username not in roles.SIGNING_IN or not parts.password:
                raise CommandError(
                    f"An address names {parts.username!r}; expected one of {roles.SIGNING_IN}, with password."
                )
            yield parts.username, unquote(parts.password)
