"""What is taken from a person is gone at their next request, in a session that was open before."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.models import Audit, BodyPerson
from audits.models.audit import ACCESS_AFTER_END
from companies.models import Appointment, Membership, User
from programs.models import MonitorAssignment

from .world import yesterday

pytestmark = pytest.mark.django_db


def ended(rows):
    assert rows.update(ends_on=yesterday()) == 1


def lowered(world):
    Membership.objects.filter(user=world.people["collaborator"].user).update(role=Membership.Role.READER)


def at_the_body(person):
    return BodyPerson.objects.filter(user=person.user)


CASES = {
    "an assignment that ended": ("monitor", "monitor:company", lambda w: w.acme.company.pk,
        lambda w, p: ended(MonitorAssignment.objects.filter(monitor=p.user))),
    "a member removed": ("representative", "empresa:company", lambda w: w.acme.company.pk,
        lambda w, p: ended(Membership.objects.filter(user=p.user))),
    "a role lowered": ("collaborator", "empresa:measure_create", lambda w: w.acme.company.pk, lambda w, p: lowered(w)),
    "an audit that ended long ago": ("pre-auditor", "auditoria:audit", lambda w: w.acme.preaudit.pk,
        lambda w, p: Audit.objects.filter(pk=w.acme.preaudit.pk).update(
            state="confirmed", ended_at=timezone.now() - ACCESS_AFTER_END - timedelta(days=1))),
    "an auditor who left the audit": ("pre-auditor", "auditoria:audit", lambda w: w.acme.preaudit.pk,
        lambda w, p: w.acme.preaudit.team.filter(user=p.user).update(left_on=yesterday())),
    "an auditor whose duty ended": ("pre-auditor", "auditoria:audit", lambda w: w.acme.preaudit.pk,
        lambda w, p: ended(Appointment.objects.filter(user=p.user))),
    "a manager who left the body": ("body manager", "auditoria:request", lambda w: w.acme.request.pk,
        lambda w, p: ended(at_the_body(p))),
    "an auditor who left the body": ("external auditor", "auditoria:audit", lambda w: w.acme.external.pk,
        lambda w, p: ended(at_the_body(p))),
    "an appointment that ended": ("staff: coordinator", "panel:application", lambda w: w.acme.application.pk,
        lambda w, p: ended(Appointment.objects.filter(user=p.user))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_gone_at_the_next_request(world, crowd, case):
    label, name, of, withdraw = CASES[case]
    path = reverse(name, args=[of(world)])
    assert crowd.ask(label, "GET", path).status_code == 200
    withdraw(world, world.people[label])
    assert crowd.ask(label, "GET", path).status_code == 404


def test_a_file_opened_before_is_closed_too(world, crowd):
    path = reverse("public:evidence_file", args=[world.acme.evidence.pk])
    assert crowd.ask("monitor", "GET", path).status_code == 200
    ended(MonitorAssignment.objects.filter(monitor=world.people["monitor"].user))
    assert crowd.ask("monitor", "GET", path).status_code == 404


def test_somebody_disabled_is_asked_to_sign_in(world, crowd):
    path = reverse("empresa:company", args=[world.acme.company.pk])
    assert crowd.ask("representative", "GET", path).status_code == 200
    User.objects.filter(pk=world.people["representative"].user.pk).update(is_active=False)
    assert crowd.ask("representative", "GET", path)["Location"].startswith("/cuenta/login/")
