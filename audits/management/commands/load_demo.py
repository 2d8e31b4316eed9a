"""Load the demonstration: invented companies in every stage of two editions."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from audits.demo import admission, audited, editions, firms, history, people, work
from companies.models import Company
from ecoeficiencia.demo import PASSWORD


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--companies", type=int, default=24, help="how many companies (24)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same companies (1)")
        parser.add_argument("--today", type=date.fromisoformat, help="the day the demonstration is seen from (today)")

    def handle(self, *args, companies, seed, today, **options):
        if Company.objects.exists():
            raise CommandError("There are companies already: the demonstration is loaded into an empty database.")
        if not 1 <= companies <= 20_000:
            raise CommandError("Between 1 and 20,000 companies.")
        day = today or timezone.localdate()
        with transaction.atomic():
            by_edition = editions.create(day)
            cast_by_account = people.create_cast(day)
            planned = firms.plan(companies, seed, day)
            firms.create(planned, day)
            admission.create(planned, by_edition, cast_by_account, day)
            admitted = [f for f in planned if f.participation]
            work.create(admitted, cast_by_account, day)
            audited.create(admitted, cast_by_account, day)
            history.create(planned, cast_by_account)
        self.stdout.write(f"Loaded {companies} companies. Every account signs in with «{PASSWORD}».")
