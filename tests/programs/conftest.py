from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as f
from tests.signing import sign_statement


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def filed(acme, alice, plant, edition, today):
    """Acme's application, just handed in and complete."""
    f.ExportRecordFactory(company=acme, exported_on=today - timedelta(days=60))
    application = f.ApplicationFactory(company=acme, edition=edition, created_by=alice)
    sign_statement(application, by=alice, on=today)
    application.submit(by=alice, on=today)
    return application
