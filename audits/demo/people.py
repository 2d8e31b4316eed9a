"""The cast, the bodies and one account for each company. One password hash serves all: hashing is slow by design."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from audits.models import BodyPerson, CertificationBody
from companies.models import Appointment, Duty, User
from ecoeficiencia.demo import PASSWORD

from . import cast

DUTIES = {
    "coordinacion": (Duty.COORDINATOR, Duty.REVIEWER),
    "decision": (Duty.DECIDER,),
    "admin": (Duty.ADMINISTRATOR,),
    "monitor": (Duty.MONITOR,),
    "monitor2": (Duty.MONITOR,),
    "monitor3": (Duty.MONITOR,),
    "auditor": (Duty.PREAUDITOR,),
    "auditor2": (Duty.PREAUDITOR,),
    "revision": (Duty.REVIEWER,),
    "coordinacion2": (Duty.COORDINATOR,),
}


def create_users(people):
    """Create accounts ready to sign in. people: (email, first name, last name) triples, in order."""
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        [User(email=email, first_name=first, last_name=last, password=password) for email, first, last in people],
        batch_size=1000,
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in users], batch_size=1000
    )
    return users


def create_cast(today):
    """Return the cast by account name, appointed and employed."""
    names = {**cast.STAFF, **cast.BODY_PEOPLE}
    users = create_users([(f"{account}@{cast.DOMAIN}", *name) for account, name in names.items()])
    by_account = dict(zip(names, users, strict=True))
    since = today - timedelta(days=1500)
    Appointment.objects.bulk_create(
        [
            Appointment(user=by_account[account], duty=duty, starts_on=since)
            for account, duties in DUTIES.items()
            for duty in duties
        ]
    )
    User.objects.filter(pk=by_account["admin"].pk).update(is_staff=True, is_superuser=True)
    for name, resolution, sectors, manager, auditor in cast.BODIES:
        body = CertificationBody.objects.create(
            name=name,
            resolution=resolution,
            sectors=sectors,
            enabled_from=since,
            enabled_until=today + timedelta(days=700),
            email=f"{manager}@{cast.DOMAIN}",
        )
        for account, role in ((manager, BodyPerson.Role.MANAGER), (auditor, BodyPerson.Role.AUDITOR)):
            BodyPerson.objects.create(body=body, user=by_account[account], role=role, starts_on=since)
    CertificationBody.objects.create(
        name="Verificadora Altiplano (demo, suspendida)",
        resolution="RD-PRUEBA-009",
        enabled_from=since,
        status=CertificationBody.Status.SUSPENDED,
    )
    return by_account
