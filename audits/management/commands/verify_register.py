from django.core.management.base import BaseCommand, CommandError

from audits.models import RegisterEntry


class Command(BaseCommand):
    help = (
        "Check that each line of the public register follows from the one before, and that each certificate says what "
        "its lines say; exit 1 at the first that does not."
    )

    def handle(self, **options):
        entry, reason = RegisterEntry.objects.first_broken()
        if entry:
            raise CommandError(f"Asiento {entry.sequence} ({entry.certificate.number}): {reason}.")
        for certificate, reason in RegisterEntry.objects.at_odds():
            raise CommandError(f"Certificado {certificate.number}: {reason}.")
        self.stdout.write(f"Registro íntegro: {RegisterEntry.objects.count()} asientos.")
