from django.utils import timezone

from companies.models import Company
from ecoeficiencia.jobs import handles

from .models import Assessment


@handles("requirements_std.sync")
def sync(*, company):
    """Bring the rows of a company in line with its sites, after somebody added, removed or closed one."""
    Assessment.objects.sync(Company.objects.get(pk=company), by=None, on=timezone.localdate())
