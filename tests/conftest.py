"""The cast. Alice works at Acme and Bob at another company; Mia monitors Acme; Stella coordinates for PROMPERÚ,
Rita reviews, Dora decides, Ada administers; Otto pre-audits; Cora manages a certification body and Ernesto audits
for it; Nadia has an account and nothing else."""

import gc
import logging
import os

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as configured
from django.core.cache import cache, caches
from django.db import transaction
from django.test import Client, TransactionTestCase
from django.utils import timezone

from audits.models import BodyPerson
from companies import sessions
from companies.models import Duty, Membership
from ecoeficiencia.jobs import Job

from . import factories as f
from . import prepared
from .isolation.crowd import Crowd, QuickCrowd
from .isolation.world import World


def pytest_configure(config):
    """The clock goes on from a Tuesday, so that no date written in a test comes too near or passes.

    Before the tests are imported: some take the day there. A browser has a clock of its own, so the walk happens today.
    """
    if not any("browser" in argument for argument in config.args):
        time_machine.travel("2026-11-24 10:00-05:00").start()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """The collector leaves alone what was imported, as in the web process: else it goes through all of it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_keepdb(request, django_db_modify_db_settings, django_db_blocker):
    """Whether the database is there before it is migrated: a copy of one that was. --create-db begins with nothing."""
    with django_db_blocker.unblock():
        laid = prepared.prepare()
    return laid or request.config.getvalue("reuse_db")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A test that commits leaves the database as it was before the first."""
    with django_db_blocker.unblock():
        prepared.remember()
    TransactionTestCase._fixture_teardown = prepared.put_back
    yield
    with django_db_blocker.unblock():
        prepared.forget()


@pytest.fixture(autouse=True)
def var_of_its_own(settings, tmp_path):
    """Files a test writes stay in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def counts_of_its_own():
    """What one test counts by itself or in a real Redis does not limit the next; in the database it is rolled back."""
    caches["counts"].clear()
    if configured.REDIS:
        cache.clear()


def appointed(name, *duties):
    user = f.UserFactory(first_name=name, email=f"{name.lower()}@pruebas.example")
    for duty in duties:
        f.AppointmentFactory(user=user, duty=duty)
    return user


@pytest.fixture
def stella(db):
    return appointed("Stella", Duty.COORDINATOR)


@pytest.fixture
def rita(db):
    return appointed("Rita", Duty.REVIEWER)


@pytest.fixture
def dora(db):
    return appointed("Dora", Duty.DECIDER)


@pytest.fixture
def ada(db):
    return appointed("Ada", Duty.ADMINISTRATOR)


@pytest.fixture
def otto(db):
    return appointed("Otto", Duty.PREAUDITOR)


@pytest.fixture
def nadia(db):
    return appointed("Nadia")


@pytest.fixture
def acme(db):
    company = f.CompanyFactory(legal_name="Acme Exportaciones S.A.C.")
    f.MandateFactory(company=company, full_name="Alice Paredes Soto")
    return company


@pytest.fixture
def alice(acme):
    """Legal representative of Acme."""
    user = f.UserFactory(first_name="Alice", last_name="Paredes", email="alice@pruebas.example")
    f.MembershipFactory(user=user, company=acme, role=Membership.Role.REPRESENTATIVE)
    acme.mandates.update(user=user)
    return user


@pytest.fixture
def reader(acme):
    """Somebody of Acme who may only read."""
    user = f.UserFactory(first_name="Leo")
    f.MembershipFactory(user=user, company=acme, role=Membership.Role.READER)
    return user


@pytest.fixture
def other(db):
    return f.CompanyFactory(legal_name="Otra Empresa S.A.")


@pytest.fixture
def bob(other):
    user = f.UserFactory(first_name="Bob", email="bob@pruebas.example")
    f.MembershipFactory(user=user, company=other)
    return user


@pytest.fixture
def plant(acme):
    """Acme's site, with licence and ITSE in force."""
    site = f.SiteFactory(company=acme, name="Planta Ica")
    f.SiteDocumentFactory(site=site)
    f.SiteDocumentFactory(
        site=site,
        kind="itse",
        number="ITSE-2026-7",
        issued_on="2026-01-05",
        valid_until="2028-01-04",
        filename="itse.pdf",
    )
    return site


@pytest.fixture
def edition(db):
    return f.EditionFactory()


@pytest.fixture
def participation(acme, alice, plant, edition):
    """Acme in implementation."""
    return f.ParticipationFactory(company=acme, edition=edition)


@pytest.fixture
def mia(participation):
    """Acme's monitor."""
    user = appointed("Mia", Duty.MONITOR)
    f.MonitorAssignmentFactory(participation=participation, monitor=user)
    return user


@pytest.fixture
def body(db):
    return f.CertificationBodyFactory(name="Certificadora de Prueba")


@pytest.fixture
def cora(body):
    user = appointed("Cora")
    BodyPerson.objects.create(body=body, user=user, role=BodyPerson.Role.MANAGER, starts_on="2024-01-01")
    return user


@pytest.fixture
def ernesto(body):
    user = appointed("Ernesto")
    BodyPerson.objects.create(body=body, user=user, role=BodyPerson.Role.AUDITOR, starts_on="2024-01-01")
    return user


@pytest.fixture
def as_(db):
    """as_(user) gives a client signed in as that person."""

    def signed_in(user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        if os.environ.get("ECO_SECOND_FACTOR"):  # one run of bin/test binds everybody
            Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {}})
        session, now = client.session, timezone.now().timestamp()
        session[sessions.KEY] = {"user": user.pk, "started": now, "seen": now, "strict": sessions.is_strict(user)}
        session.save()
        user.__dict__.pop("duties", None)  # asked now; the test may still give or take one
        return client

    return signed_in


@pytest.fixture
def run_jobs(db):
    """run_jobs() does every job that is due, and what those jobs ask for, as the worker would; their keys in order."""

    def run():
        done = []
        while job := Job.objects.due(timezone.now()).order_by("run_at", "pk").first():
            assert job.run(), f"{job.key} failed: {Job.objects.get(pk=job.pk).error}"
            done.append(job.key)
        return done

    return run


@pytest.fixture(scope="module")
def shared_world(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two companies with all they can have, and everybody there is; one world a module, rolled back after it."""
    media, configured.MEDIA_ROOT = configured.MEDIA_ROOT, tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        world.media, configured.MEDIA_ROOT = configured.MEDIA_ROOT, media
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world, settings):
    settings.MEDIA_ROOT = shared_world.media
    return shared_world


@pytest.fixture
def crowd(world):
    """Everybody in the world, each with a browser."""
    return Crowd(world.people)


@pytest.fixture
def undrawn(settings):
    """Pages come empty, where a test asks who is served and where to, not what is shown."""
    loaders = {"loaders": ["tests.isolation.blank.Loader"]}
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": loaders}]


@pytest.fixture
def quick(world, undrawn):
    """Everybody, asking the views at once."""
    logging.disable(logging.WARNING)  # each refusal would be told, ten thousand times
    yield QuickCrowd(world.people)
    logging.disable(logging.NOTSET)
