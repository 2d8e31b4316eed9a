from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ecoeficiencia.jobs import Job
from ecoeficiencia.verification import verifications


class Command(BaseCommand):
    help = (
        "Check that what is stored agrees with itself: rows, files, register, numbers, jobs. Exit 1 at the first fault."
    )

    def add_arguments(self, parser):
        parser.add_argument("--quick", action="store_true", help="files by their size only, without reading them")
        parser.add_argument("--late", type=int, default=15, help="minutes a due job may wait (15)")

    def handle(self, *, quick, late, **options):
        for label, verification in verifications():
            for fault in verification(quick=quick, late=timedelta(minutes=late)):
                raise CommandError(f"{label}: {fault}.")
            self.stdout.write(_("%(what)s: en orden.") % {"what": label})
        if dead := Job.objects.filter(state=Job.State.DEAD).count():
            self.stdout.write(_("Aviso: %(n)s trabajos abandonados esperan a una persona.") % {"n": dead})
