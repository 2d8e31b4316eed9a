"""Every address of every door, asked for by every wrong person with the ids of somebody else's real records.

An address with ids that has no row in RECORDS fails: whoever adds an address says whose record it shows.
"""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone

from audits.models import Audit, Certificate, CertificationBody, Check, CorrectiveAction, Decision, NonConformity
from companies.models import (
    Company,
    Delivery,
    ExportRecord,
    Invitation,
    Membership,
    Notice,
    Site,
    SiteDocument,
    TableImport,
    User,
)
from ecoeficiencia.jobs import Job
from ecoeficiencia.models import NonWorkingDay
from programs.models import (
    Application,
    ApplicationItem,
    ApplicationRevision,
    CommitmentLetter,
    Edition,
    Measure,
    Participation,
    RequiredDocument,
    Session,
    Signature,
    Waiver,
)
from requirements_std.models import Evidence, Fulfilment, StandardVersion

pytestmark = pytest.mark.django_db

SOON = timezone.now() + timedelta(days=5)
# Its single-use link is itself the key.
KEYED = {"empresa:invitation"}
# Pages that anybody may open by design; what they show is public or asked of the person who is signed in.
OPEN = {"public"}
PUBLIC_WITH_RULE = re.compile(
    r"^public:(evidence_file|site_document|document_file|.*_file|notice_open|notice_read|notice_snooze|notice_acknowledge|session_close|invitation)"
)


class World:
    """The demonstration seen from one company: its records, and those who have nothing to do with it."""

    def __init__(self):
        self.media = configured.MEDIA_ROOT
        call_command("load_demo", verbosity=0)
        self.company = Company.objects.get(memberships__user__email="empresa2@demo.example")
        self.participation = Participation.objects.get(company=self.company)
        self.by_mail = {u.email: u for u in User.objects.filter(email__endswith="@demo.example")}
        self.audit = Audit.objects.get(participation=self.participation)
        staff = self.by_mail["coordinacion@demo.example"]
        _token, digest = Invitation.new_token()
        Invitation.objects.create(
            company=self.company, email="x@pruebas.example", token_hash=digest, invited_by=staff, expires_at=SOON
        )
        Invitation.objects.create(
            duty="monitor", email="y@pruebas.example", token_hash="y", invited_by=staff, expires_at=SOON
        )
        Waiver.objects.create(
            participation=self.participation,
            condition="attendance",
            reason="Recuperación en curso.",
            approved_by=staff,
            expires_on=SOON.date(),
        )
        person = self.by_mail["empresa2@demo.example"]
        notice = Notice.objects.create(user=person, company=self.company, key="prueba", kind="observed", title="Aviso")
        Delivery.objects.create(notice=notice)
        self.session = UserSession.objects.create(user=person, ip="192.0.2.1", session_key="prueba", user_agent="x")
        self.certificate = Certificate.objects.order_by("pk").first()
        Certificate.objects.filter(pk=self.certificate.pk).update(pdf=first(SiteDocument.objects.all()).blob)
        self.external = Audit.objects.get(state=Audit.State.REQUESTED)
        monitors = {f"{m}@demo.example" for m in ("monitor", "monitor2", "monitor3")}
        own = self.participation.assignments.get().monitor.email
        self.monitor, self.other_monitor = own, min(monitors - {own})

    def record(self, name):
        """The record that the address `name` shows, by the first rule that fits."""
        for pattern, find in RECORDS:
            if re.fullmatch(pattern, name):
                return find(self)
        raise LookupError(name)


@pytest.fixture(scope="module")
def shared_world(django_db_setup, django_db_blocker):
    """One demonstration for the whole module, rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world, settings):
    settings.MEDIA_ROOT = shared_world.media
    return shared_world


def first(queryset):
    return queryset.order_by("pk").first()


def of_company(model, path="company"):
    return lambda w: first(model.objects.filter(**{path: w.company}))


def first_row(w):
    return first(Fulfilment.objects.filter(assessment__company=w.company))


RECORDS = [
    (r"public:evidence_file", of_company(Evidence)),
    (r"public:(site_document|document_file)", of_company(SiteDocument)),
    (r"public:notice_(open|read|snooze|acknowledge)", lambda w: Notice.objects.get(company=w.company, key="prueba")),
    (r"panel:person_uninvite", lambda w: Invitation.objects.exclude(duty="").get()),
    (r"panel:stand_in", lambda w: w.by_mail["empresa2@demo.example"]),
    (r"panel:person(_reset)?", lambda w: w.by_mail["monitor@demo.example"]),
    (r"public:session_close", lambda w: w.session),
    (r"panel:mail(_edit|_send|_discard|_retry)?", of_company(Delivery, "notice__company")),
    (r"empresa:(external_.*)", lambda w: w.external),
    (r"empresa:certificate_.*", lambda w: w.certificate),
    (r"panel:(certificate|licence).*", lambda w: w.certificate),
    (r"auditoria:request(_.*)?", lambda w: w.external),
    (r"\w+:(action_.*)", of_company(CorrectiveAction, "nonconformity__audit__participation__company")),
    (r"\w+:nonconformity.*", of_company(NonConformity, "audit__participation__company")),
    (r"auditoria:check(_evidence)?", of_company(Check, "audit__participation__company")),
    (r"panel:audit_open", lambda w: w.participation),
    (r"empresa:audit.*|panel:audit.*|auditoria:\w+", lambda w: w.audit),
    (r"\w+:fulfilment.*", of_company(Fulfilment, "assessment__company")),
    (r"\w+:evidence.*", of_company(Evidence)),
    (r"panel:decision.*", lambda w: first(Decision.objects)),
    (r"panel:body.*", lambda w: first(CertificationBody.objects)),
    (r"panel:standard_version.*", lambda w: first(StandardVersion.objects)),
    (r"empresa:application_item", of_company(ApplicationItem, "application__company")),
    (r"empresa:application_record", of_company(ApplicationRevision, "application__company")),
    (r"empresa:application_statement", of_company(Signature, "application__company")),
    (r"empresa:propose_ready", lambda w: w.participation),
    (r"\w+:application.*", of_company(Application)),
    (r"\w+:letter.*", of_company(CommitmentLetter, "participation__company")),
    (r"\w+:participation.*|monitor:(agree|decline)_ready", lambda w: w.participation),
    (r"\w+:measure.*", of_company(Measure)),
    (r"panel:(session|attendance).*", lambda w: first(Session.objects)),
    (r"panel:(edition|workshop).*", lambda w: first(Edition.objects)),
    (r"\w+:company.*", lambda w: w.company),
    (r"empresa:export.*", of_company(ExportRecord)),
    (r"empresa:invitation_cancel", of_company(Invitation)),
    (r"empresa:member_.*", of_company(Membership)),
    (r"empresa:site.*", of_company(Site)),
    (r"panel:document(_withdraw|_template)?", lambda w: first(RequiredDocument.objects.exclude(template=None))),
    (r"panel:document_create", lambda w: first(Edition.objects)),
    (r"panel:import(_confirm|_discard)?", lambda w: first(TableImport.objects)),
    (r"panel:workday_withdraw", lambda w: first(NonWorkingDay.objects)),
    (r"panel:job_retry", lambda w: first(Job.objects)),
    (r"panel:waiver.*", of_company(Waiver, "participation__company")),
]


def addresses():
    """(door, name, converters) of every address of the five doors."""

    def walk(patterns, door=""):
        for p in patterns:
            if isinstance(p, URLPattern):
                if door and p.name:
                    yield door, p.name, p.pattern.regex.groupindex.keys() | p.pattern.converters.keys()
            elif p.namespace in {"public", "empresa", "monitor", "auditoria", "panel"}:
                yield from walk(p.url_patterns, p.namespace)

    return sorted({(d, n, tuple(sorted(k))) for d, n, k in walk(get_resolver().url_patterns)})


def path_of(world, door, name, kwargs):
    """The address of `door:name` with the victim's ids."""
    values = {}
    for key in kwargs:
        if key == "company":
            values[key] = world.company.pk
        elif key == "pk":
            values[key] = world.record(f"{door}:{name}").pk
        elif key in CHOICES:
            values[key] = CHOICES[key](world)
        else:
            raise LookupError(f"{door}:{name} ({key})")
    return reverse(f"{door}:{name}", kwargs=values)


CHOICES = {
    "item": lambda w: first(ApplicationItem.objects.filter(application__company=w.company)).pk,
    "key": lambda w: "correction_days",
    "kind": lambda w: "itse",
    "letter": lambda w: "admission",
    "table": lambda w: "debtors",
    "template": lambda w: "admission",
    "which": lambda w: "firmada",
    "evidence": lambda w: first(Evidence.objects.filter(links__fulfilment=first_row(w))).pk,
    "act": lambda w: "reabrir",
    "aspect": lambda w: "GE",
    "section": lambda w: "empresa",
    "person": lambda w: 1,
}


def protected():
    for door, name, kwargs in addresses():
        if f"{door}:{name}" in KEYED:
            continue
        if door not in OPEN or PUBLIC_WITH_RULE.match(f"{door}:{name}"):
            yield door, name, kwargs


def client_of(world, email):
    client = Client()
    if email:
        if configured.SECOND_FACTOR:
            Authenticator.objects.get_or_create(user=world.by_mail[email], type="totp", defaults={"data": {}})
        client.force_login(world.by_mail[email], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def answers(client, path):
    return client.get(path).status_code, client.post(path).status_code


def test_wrong_people_find_nothing_at_any_address(world):
    """404 for whoever has nothing to do with the record; a person without an account is sent to sign in."""
    wrong = {
        "empresa": ["empresa@demo.example", world.other_monitor, "auditor2@demo.example", "organismo2@demo.example"],
        "monitor": ["empresa2@demo.example", world.other_monitor, "auditor@demo.example", "coordinacion@demo.example"],
        "auditoria": ["empresa2@demo.example", world.monitor, "auditor2@demo.example", "externo2@demo.example",
                      "organismo2@demo.example", "coordinacion@demo.example"],
        "panel": ["empresa2@demo.example", world.monitor, "auditor@demo.example", "organismo@demo.example"],
        "public": ["empresa@demo.example", world.other_monitor, "auditor2@demo.example", "organismo2@demo.example"],
    }  # fmt: skip
    clients = {email: client_of(world, email) for people in wrong.values() for email in people}
    found = []
    for door, name, kwargs in protected():
        if not kwargs and door != "panel":
            continue  # a page about the person who asks
        path = path_of(world, door, name, kwargs)
        for email in wrong[door]:
            got = answers(clients[email], path)
            if not set(got) <= {404, 405} or got == (405, 405):
                found.append(f"{door}:{name} {path} answered {got} to {email}")
    assert found == []


def test_nobody_enters_without_an_account(world):
    found = []
    for door, name, kwargs in protected():
        path = path_of(world, door, name, kwargs)
        got = answers(Client(), path)
        if set(got) - {302, 405}:
            found.append(f"{door}:{name} answered {got}")
    assert found == []


def test_the_ids_of_the_crawl_are_real(world):
    """The same addresses answer those they are for; else the crawl above would prove nothing."""
    right = {
        "empresa": ["empresa2@demo.example", *(u.email for u in world.certificate.company.people()),
                    *(u.email for u in world.external.participation.company.people())],
        "monitor": [world.monitor],
        "auditoria": ["auditor@demo.example", "organismo@demo.example"],
        "panel": ["coordinacion@demo.example", "decision@demo.example", "admin@demo.example"],
        "public": ["empresa2@demo.example"],
    }  # fmt: skip
    world.by_mail.update({u.email: u for u in User.objects.filter(email__in=right["empresa"])})
    clients = {email: client_of(world, email) for people in right.values() for email in people}
    closed = [
        f"{door}:{name}"
        for door, name, kwargs in protected()
        if not any(clients[email].get(path_of(world, door, name, kwargs)).status_code != 404 for email in right[door])
    ]
    assert sorted(set(closed) - NOTHING_TO_SHOW) == []


# Right people find nothing here either: the record has no file, or its turn is over.
NOTHING_TO_SHOW = {"empresa:action_file", "auditoria:action_file", "panel:action_file"}


def test_every_address_says_whose_record_it_shows(world):
    missing = []
    for door, name, kwargs in protected():
        try:
            path_of(world, door, name, kwargs)
        except (LookupError, AttributeError, NoReverseMatch) as error:
            missing.append(f"{door}:{name} {kwargs}: {error!r}")
    assert missing == []
