"""The external audit before its plan: the company asks a certification body, the body answers and names its auditor."""

from django.db import transaction
from django.db.models import Case, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audits import notices
from companies.models import Event
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Participation


def refuse(reasons):
    """Raise IllegalMove with `reasons` when there are any."""
    if reasons := [str(reason) for reason in reasons]:
        raise IllegalMove(" ".join(reasons))


class RequestedQuerySet:
    def for_requests(self):
        """As the body's list shows them: those that wait first, then the newest."""
        waiting = Case(When(state=self.model.State.REQUESTED, then=0), default=1)
        rows = self.select_related("participation__company", "participation__edition", "body")
        return rows.prefetch_related("team__user").order_by(waiting, "-created_at")

    def request_external(self, *, participation, body, by, message="", starts_on=None, ends_on=None):
        """Ask `body` for the certification audit on the proposed days; return it.

        Raises IllegalMove with every unmet condition of the company or the body.
        """
        from audits.gates import blocking, body_refusals, participation_missing_for_external

        starts_on = starts_on or timezone.localdate()
        ends_on = ends_on or starts_on
        refuse(blocking(participation_missing_for_external(participation, starts_on, ends_on)))
        refuse(body_refusals(body, participation.company, starts_on, ends_on))
        with transaction.atomic():
            participation.move(Participation.State.EXTERNAL_REQUESTED, by=by, note=str(body))
            audit = self.create(
                kind=self.model.Kind.CERTIFICATION, state=self.model.State.REQUESTED, participation=participation,
                scope=participation.assessment.scopes.first() or participation.assessment.scopes.create(),
                body=body, created_by=by, request_message=message, starts_on=starts_on, ends_on=ends_on,
            )  # fmt: skip
            audit.freeze_scope()
            Event.record(audit, by=by, verb="create")
            title = _("%(company)s solicita su auditoría externa") % {"company": participation.company}
            notices.tell_namer(audit, "requested", title=title, body=message)
        return audit


class Requested:
    """What Audit does between the company's request and the body's answer. Certification audits only."""

    def accept(self, *, by, auditor):
        """The body takes the audit and names who leads it.

        Raises IllegalMove for a body that stopped being enabled or a person that may not audit the company.
        """
        from audits.gates import auditor_refusals, body_refusals

        today = timezone.localdate()
        if self.participation.state != Participation.State.EXTERNAL_REQUESTED:
            raise IllegalMove(_("La empresa ya no espera esta auditoría. No hay nada que aceptar."))
        starts_on = max(self.starts_on or today, today)
        refuse(body_refusals(self.body, self.participation.company, starts_on, max(self.ends_on or today, starts_on)))
        refuse(auditor_refusals(auditor, self, today))
        with transaction.atomic():
            self.move(self.State.ACCEPTED, by=by, note=str(auditor))
            self.name_auditor(auditor, by=by)
            title = _("%(body)s aceptó auditar a %(company)s") % {
                "body": self.body,
                "company": self.participation.company,
            }
            self._tell_company("accepted", title, _("Nombró a %(auditor)s.") % {"auditor": auditor})
            notices.tell_staff(self, "accepted", title=title)

    def decline(self, *, by, reason):
        """The body refuses, saying why; the company may ask another."""
        with transaction.atomic():
            self.move(self.State.DECLINED, by=by, note=reason, decline_reason=reason, ended_at=timezone.now())
            self._free_company(by, reason)
            title = _("%(body)s declinó su solicitud de auditoría externa") % {"body": self.body}
            self._tell_company("declined", title, reason)

    def cancel_request(self, *, by, reason):
        """The company takes back a request nobody has answered."""
        if self.state != self.State.REQUESTED:
            raise IllegalMove(_("El organismo ya respondió: la solicitud no puede retirarse desde aquí."))
        with transaction.atomic():
            self.move(self.State.CANCELLED, by=by, note=reason, ended_at=timezone.now())
            self._free_company(by, reason)
            title = _("%(company)s retiró su solicitud de auditoría") % {"company": self.participation.company}
            notices.tell_namer(self, "cancelled", title=title, body=reason)

    def _free_company(self, by, reason):
        """Let the company choose again, unless it left the programme meanwhile."""
        if self.participation.state == Participation.State.EXTERNAL_REQUESTED:
            self.participation.move(Participation.State.PREAUDIT_PASSED, by=by, note=reason)

    def _tell_company(self, fact, title, body):
        url = reverse("empresa:external_request", args=[self.participation.company_id])
        notices.tell_company(self, fact, title=title, body=body, url=url)
