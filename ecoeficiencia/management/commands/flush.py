from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from ecoeficiencia.walls import install


class Command(flush.Command):
    help = "Empties a demonstration. A real installation keeps its history: there it refuses."

    def handle(self, **options):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("This is no demonstration: its history is not emptied.")
        install.take_down(connections[options["database"]])
        super().handle(**options)
