"""Load the demonstration: invented companies in every stage of three editions."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from audits.demo import admission, audited, editions, firms, history, people, registers, registry, traces, work
from audits.demo.cast import DOMAIN
from audits.demo.stages import STAGES
from companies.models import Company, Seal, User
from ecoeficiencia.demo import PASSWORD

CHUNK = 250  # companies in memory at a time
WIDTH = 40


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--companies", type=int, default=len(STAGES), help=f"how many companies ({len(STAGES)})")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same companies (1)")
        parser.add_argument("--today", type=date.fromisoformat, help="the day the demonstration is seen from (today)")

    def handle(self, *args, companies, seed, today, verbosity, **options):
        if Company.objects.exists():
            raise CommandError("There are companies already: the demonstration is loaded into an empty database.")
        if not 1 <= companies <= 20_000:
            raise CommandError("Between 1 and 20,000 companies.")
        day = today or timezone.localdate()
        with transaction.atomic():
            by_edition = editions.create(day)
            cast_by_account = people.create_cast(day)
            for first in range(0, companies, CHUNK):
                planned = firms.plan(range(first, min(first + CHUNK, companies)), seed, day)
                self._write(planned, by_edition, cast_by_account, day)
                if first == 0:
                    registry.create(planned, cast_by_account, day)
                self._show(planned[-1].index + 1, companies, verbosity)
            registers.create(cast_by_account, day)
            traces.create(cast_by_account, User.objects.get(email=f"empresa@{DOMAIN}"), day)
            while Seal.objects.seal():
                pass
        if verbosity:
            self.stdout.write(f"Loaded {companies} companies. Every account signs in with «{PASSWORD}».")

    def _write(self, planned, by_edition, cast_by_account, day):
        firms.create(planned, day)
        admission.create(planned, by_edition, cast_by_account, day)
        admitted = [f for f in planned if f.participation]
        work.create(admitted, cast_by_account, day)
        audited.create(admitted, cast_by_account, day)
        history.create(planned, cast_by_account)

    def _show(self, done, companies, verbosity):
        """Draw how far it is, on a terminal only."""
        if verbosity and companies > CHUNK and self.stdout.isatty():
            bar = "#" * round(WIDTH * done / companies)
            end = "\n" if done == companies else ""
            self.stdout.write(f"\r[{bar:<{WIDTH}}] {done:,}/{companies:,}", ending=end)
            self.stdout.flush()
