from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ecoeficiencia.backup import copies
from ecoeficiencia.backup.databases import BackupError


class Command(BaseCommand):
    help = "Copy database and files into a folder, while the system runs. Exit 1 when the copy is not whole."

    def add_arguments(self, parser):
        parser.add_argument("destination", help="folder of the copies, on another disk")

    def handle(self, *, destination, **options):
        try:
            folder, wrong = copies.take(destination, self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        if wrong:
            raise CommandError(
                _("La copia %(folder)s está hecha, pero no entera: %(wrong)s.")
                % {"folder": folder, "wrong": "; ".join(wrong[:5])}
            )
        self.stdout.write(_("Copia hecha: %(folder)s") % {"folder": folder})
