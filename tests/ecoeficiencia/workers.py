"""Real workers on the database of the test: another process that reads the product's settings."""

import os
from datetime import UTC
from urllib.parse import quote

import time_machine
from django.db import connection
from kombu import pools

from companies.models import Delivery, Notice
from ecoeficiencia import jobs
from ecoeficiencia.celery import app
from tests.factories import UserFactory
from tests.faults.servers import until

PATIENCE = 120  # seconds; what decides is the condition waited for


def clock_of_the_machine():
    """A worker is another process: it knows nothing of the day on which the tests happen."""
    return time_machine.travel(time_machine.escape_hatch.datetime.datetime.now(UTC))


def address_of_database():
    """The database of this process of the tests, as another process names it."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    login = ":".join(quote(str(part), safe="") for part in (facts["USER"], facts["PASSWORD"]) if part)
    host, port = str(facts["HOST"]), facts["PORT"]
    if host.startswith("/"):
        return f"postgres://{login}@/{facts['NAME']}?host={host}"
    return f"postgres://{login}@{host}{f':{port}' if port else ''}/{facts['NAME']}"


def environment_of(folder, **variables):
    """Variables of another process on this machine, which writes into `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ECO_", "DJANGO_"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "ecoeficiencia.settings",
        "ECO_DEMO": "1",
        "ECO_VAR": str(folder),
        "ECO_DATABASE_URL": address_of_database(),
        "ECO_LOG_LEVEL": "INFO",
        "ECO_LOG_JSON": "1",
        **variables,
    }


def publish_to(monkeypatch, address, transport=None, **options):
    """Let this process publish to that broker until the test ends."""
    for name in ("broker_url", "broker_read_url", "broker_write_url"):
        monkeypatch.setitem(app.conf, name, address)
    monkeypatch.setitem(app.conf, "broker_transport", transport)
    monkeypatch.setitem(app.conf, "broker_transport_options", options)
    monkeypatch.setattr(jobs, "_rest_until", 0.0)
    forget_connections()


def forget_connections():
    pools.reset()
    app._pool = app.amqp._producer_pool = None


def tell(n=1):
    user = UserFactory(email=f"persona{n}@pruebas.example")
    return Notice.tell([user], key=f"k:{n}", kind="comment", title="Aviso")[0].delivery


def sent(row, by):
    """Whether the worker `by` sent it; one that ended when its broker went is started again, as its service would."""

    def look():
        if not by.alive:
            by.start()
        return Delivery.objects.filter(pk=row.pk, state="sent").exists()

    return until(look, PATIENCE)
