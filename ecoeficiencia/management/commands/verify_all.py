from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from ecoeficiencia import heads
from ecoeficiencia.jobs import Job
from ecoeficiencia.verification import verifications
from ecoeficiencia.walls.roles import sees_every_row


def _head(told):
    stream, _colon, rest = told.partition(":")
    sequence, _colon, digest = rest.partition(":")
    if not (sequence.isascii() and sequence.isdecimal() and digest):
        raise CommandError(_("«%(head)s» no tiene la forma STREAM:SEQUENCE:DIGEST.") % {"head": told})
    return stream, int(sequence), digest


class Command(BaseCommand):
    help = (
        "Check that what is stored agrees with itself: rows, files, history, register, numbers, jobs. "
        "Exit 1 at the first fault."
    )

    def add_arguments(self, parser):
        parser.add_argument("--quick", action="store_true", help="files by their size only, without reading them")
        parser.add_argument("--late", type=int, default=15, help="minutes a due job may wait (15)")

        parser.add_argument("--head", action="append", default=[], help="kept elsewhere: STREAM:SEQUENCE:DIGEST")

    def handle(self, *, quick, late, head, **options):
        if connection.vendor == "postgresql" and not sees_every_row():
            raise CommandError(_("Con este rol de PostgreSQL no se ven todas las filas. Ejecútelo como eco_owner."))
        if "companies_user" not in connection.introspection.table_names():
            raise CommandError(_("Esta base de datos no tiene tablas todavía: ejecute migrate o restore."))
        for told in head:
            heads.believe(*_head(told))
        for label, verification in verifications():
            for fault in verification(quick=quick, late=timedelta(minutes=late)):
                raise CommandError(f"{label}: {fault}.")
            self.stdout.write(_("%(what)s: en orden.") % {"what": label})
        for head in heads.latest():
            self.stdout.write(_("Para guardar fuera de aquí: --head %(head)s") % {"head": ":".join(map(str, head))})
        if dead := Job.objects.filter(state=Job.State.DEAD).count():
            self.stdout.write(_("Aviso: %(n)s trabajos abandonados esperan a una persona.") % {"n": dead})
