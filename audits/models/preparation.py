"""An audit from the naming of its auditor to the frozen checklist."""

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audits import notices
from audits.impartiality import DECLARATION_NUMBER, Conflict, refuse_conflicts
from companies.models import Event
from ecoeficiencia.lifecycle import IllegalMove, Overtaken
from ecoeficiencia.walls.acting import in_full
from programs.models import Participation
from requirements_std.models import Fulfilment


class Preparation:
    """What Audit does before the first check. Good for both kinds."""

    @property
    def is_running(self):
        """From acceptance until the checklist is closed."""
        State = self.State
        return self.state in (State.ACCEPTED, State.PLANNED, State.AGREED, State.STARTED)

    def change_asked(self):
        """The company's last request for another plan, while it waits for one; else None."""
        asked = Event.objects.about(self).filter(verb="move", old=self.State.PLANNED, new=self.State.ACCEPTED)
        return asked.select_related("actor").last() if self.state == self.State.ACCEPTED else None

    def freeze_scope(self):
        type(self.scope).objects.filter(pk=self.scope_id, frozen_at=None).update(frozen_at=timezone.now())

    def name_auditor(self, auditor, *, by):
        """Put `auditor` in the team, to declare before seeing anything beyond names and dates.

        Raises Conflict when they are not free of conflict, IllegalMove when they were already in the team.
        """
        refuse_conflicts(auditor, self.participation.company, timezone.localdate(), body=self.body)
        role = "member" if self.team.present().exists() else "lead"
        with transaction.atomic():
            if self.team.filter(user=auditor).exists():
                raise IllegalMove(_("%(person)s ya fue nombrado para esta auditoría.") % {"person": auditor})
            member = self.team.create(user=auditor, role=role)
            Event.record(self, by=by, verb="name_auditor", note=str(auditor))
            notices.tell_named(self, member)
        return member

    def declare(self, *, by):
        """Record that `by` declared to be free of conflict. Declaring twice changes nothing."""
        refuse_conflicts(by, self.participation.company, timezone.localdate(), body=self.body)
        with transaction.atomic():
            if self.team.present().filter(user=by, declared_at=None).update(declared_at=timezone.now()):
                Event.record(self, by=by, verb="declare", data={"declaration": DECLARATION_NUMBER})

    def recuse(self, *, by, reason):
        """Let `by` step aside for a conflict of interest, and tell those who name another auditor."""
        with transaction.atomic():
            gone = self.team.present().filter(user=by, declared_at=None)
            if not gone.update(left_on=timezone.localdate(), conflict=reason):
                raise IllegalMove(_("Usted ya declaró en esta auditoría. Si surgió un conflicto, avise a PROMPERÚ."))
            Event.record(self, by=by, verb="recuse")
            title = _("%(person)s declaró un conflicto de interés") % {"person": by}
            body = _("Nombre a otra persona para %(audit)s. Motivo: %(reason)s") % {"audit": self, "reason": reason}
            notices.tell_namer(self, f"recused:{by.pk}", title=title, body=body)

    def plan(self, *, by, starts_on, ends_on, agenda):
        """Propose days and agenda to the company."""
        with transaction.atomic():
            self.move(self.State.PLANNED, by=by, starts_on=starts_on, ends_on=ends_on, agenda=agenda)
            title = _("Revise el plan de su auditoría, del %(from)s al %(to)s") % self._dates()
            notices.tell_company(self, f"planned:{self.version}", title=title)

    def agree(self, *, by):
        """The company accepts the plan."""
        with transaction.atomic():
            self.move(self.State.AGREED, by=by, agreed_at=timezone.now(), agreed_by=by)
            if self.participation.state == Participation.State.EXTERNAL_REQUESTED:
                self.participation.move(Participation.State.EXTERNAL_AUDIT, by=by)
            title = _("%(company)s aceptó el plan de auditoría") % {"company": self.participation.company}
            notices.tell_team(self, f"agreed:{self.version}", title=title, calendar=notices.audit_days(self))
            title = _("Su auditoría será del %(from)s al %(to)s") % self._dates()
            fact = f"agreed:{self.version}:company"
            notices.tell_company(self, fact, title=title, calendar=notices.audit_days(self))

    def ask_change(self, *, by, reason):
        """The company asks for another plan, saying why."""
        self.require(self.State.PLANNED)
        with transaction.atomic():
            self.move(self.State.ACCEPTED, by=by, note=reason)
            title = _("%(company)s pidió cambiar el plan de auditoría") % {"company": self.participation.company}
            notices.tell_team(self, f"change:{self.version}", title=title, body=reason)

    def start(self, *, by, opening_minutes):
        """Open the audit: freeze the checklist from the rows that apply at this moment.

        Raises IllegalMove without an agreed plan or without rows, Conflict when a tie appeared meanwhile.
        """
        self.require(self.State.AGREED)
        company, today = self.participation.company, timezone.localdate()
        for member in self.team.present().select_related("user"):
            refuse_conflicts(member.user, company, today, body=self.body)
        with transaction.atomic():
            self.move(self.State.STARTED, by=by, frozen_at=timezone.now(), opening_minutes=opening_minutes)
            if not self._freeze_checklist():
                raise IllegalMove(_("Ningún requisito aplica a la empresa en este alcance. Avise a PROMPERÚ."))
            notices.tell_company(self, f"started:{self.version}", title=_("Empezó la auditoría de su empresa"))

    def cancel(self, *, by, reason):
        """Give a pre-audit up before it ends; the company is ready again."""
        if not self.is_preaudit:
            raise IllegalMove(_("Una auditoría de certificación no se cancela desde aquí."))
        with transaction.atomic():
            self.move(self.State.CANCELLED, by=by, note=reason)
            self.participation.move(Participation.State.READY, by=by, note=reason)
            title = _("PROMPERÚ canceló la preauditoría de su empresa")
            notices.tell_company(self, f"cancelled:{self.version}", title=title, body=reason)

    def require(self, *states):
        """Raise Overtaken unless the audit is in one of `states`: some moves of MOVES belong to one act only."""
        if self.state not in states:
            raise Overtaken(
                _("La auditoría está en «%(state)s» y no admite este paso.") % {"state": self.get_state_display()}, self
            )

    def refuse_own_hand(self, user):
        """Raise Conflict when `user` is or was in the team: who audits does not confirm nor decide."""
        if self.team.filter(user=user).exists():
            raise Conflict(_("Quien integra el equipo auditor no confirma ni decide la misma auditoría."))

    def _freeze_checklist(self):
        """Write the checks set-based; return how many. Pre-audit nonconformities come back whatever applies now."""
        Check = self.checks.model
        in_scope = Q(site=None) | Q(site__in=self.scope.sites.all())
        rows = Fulfilment.objects.applicable().filter(in_scope, assessment=self.scope.assessment_id)
        with in_full():  # the team of the external audit was not the pre-audit's
            again = self._nonconformities_to_recheck(in_scope)
        wanted = dict.fromkeys(rows.values_list("requirement", "site").order_by("requirement__number", "site"))
        for key in {**wanted, **dict.fromkeys(again)}:
            wanted[key] = again.get(key)
        checks = [Check(audit=self, requirement_id=r, site_id=s, recheck_of_id=nc) for (r, s), nc in wanted.items()]
        try:
            return len(Check.objects.bulk_create(checks))
        except IntegrityError:
            raise IllegalMove(_("La lista de esta auditoría ya fue generada.")) from None

    def _nonconformities_to_recheck(self, in_scope):
        """Nonconformities of the participation's pre-audits, by requirement and site; none for a pre-audit."""
        if self.is_preaudit:
            return {}
        NonConformity = self.nonconformities.model
        found = NonConformity.objects.filter(
            audit__participation=self.participation_id,
            audit__body=None,
            check_line__in=self.checks.model.objects.filter(in_scope),
        )
        return {(r, s): pk for r, s, pk in found.values_list("check_line__requirement", "check_line__site", "pk")}

    def _dates(self):
        return {"from": f"{self.starts_on:%d/%m/%Y}", "to": f"{self.ends_on:%d/%m/%Y}"}
