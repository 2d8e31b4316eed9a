"""A nonconformity from the company's answer to its closing by an auditor."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits import notices
from companies.models import Event
from companies.quota import require_room
from ecoeficiencia.files.blob import store
from ecoeficiencia.lifecycle import IllegalMove, Missing, Overtaken, Party
from ecoeficiencia.workdays import add_workdays
from ecoeficiencia.writing import due_in_calendar_days, due_in_workdays


class Answering:
    @property
    def is_answerable(self):
        """Whether the company may write its answer now."""
        return self.can_move(self.State.ANSWERED)

    @property
    def plan_due_on(self):
        """The last day to hand in the plan of a certification's nonconformity; None in a pre-audit."""
        if self.audit.is_preaudit:
            return None
        days = self.audit.participation.edition.parameter("nc_plan_days")
        return add_workdays(timezone.localdate(self.opened_at), days, self.audit.decreed)

    def left_on(self, day, decreed=None):
        """How much of its term is left, in words: business days after a pre-audit, calendar days in a certification.

        decreed: the decreed days of the company, where they were read already.
        """
        if self.state == self.State.CLOSED or self.due_on is None:
            return ""
        if self.audit.is_preaudit:
            return due_in_workdays(self.due_on, day, self.audit.decreed if decreed is None else decreed)
        return due_in_calendar_days(self.due_on, day)

    def terms_on(self, day):
        """What is left of its term, and of the term for the plan, which always runs in business days."""
        plan = self.plan_due_on
        return {
            "left": self.left_on(day),
            "plan_due_on": plan,
            "plan_left": due_in_workdays(plan, day, self.audit.decreed) if plan else "",
        }

    def steps(self):
        """The life of a nonconformity as the stepper shows it."""
        order = ["registered", "answer", "review", "closed"]
        now = {"open": "answer", "returned": "answer", "answered": "review", "closed": ""}[self.state]
        reached = order.index(now) if now else len(order)
        labels = (
            (_("Registrada"), f"{timezone.localdate(self.opened_at):%d/%m/%Y}"),
            (_("Respuesta de la empresa"), _("devuelta") if self.state == "returned" else ""),
            (_("Revisión del auditor"), ""),
            (_("Cerrada"), f"{timezone.localdate(self.closed_at):%d/%m/%Y}" if self.closed_at else ""),
        )
        kinds = ["done" if n < reached else "now" if n == reached else "" for n in range(len(order))]
        return [
            {"kind": kind, "label": label, "detail": detail}
            for kind, (label, detail) in zip(kinds, labels, strict=True)
        ]

    def is_late_on(self, day):
        return self.due_on is not None and day > self.due_on

    def save_answer(self, *, by, correction, root_cause):
        """Keep the company's answer as a draft."""
        if not self.is_answerable:
            raise IllegalMove(_("La respuesta ya está en manos del equipo auditor; no puede cambiarse."))
        self.correction, self.root_cause = correction, root_cause
        self.save_edit(by=by, fields=["correction", "root_cause"])

    def add_action(self, *, by, description, responsible, due_on):
        """Add a corrective action while the answer is being written."""
        with transaction.atomic():
            self._hold(answerable=True)
            action = self.actions.create(description=description, responsible=responsible, due_on=due_on)
            Event.record(self, by=by, verb="add_action", note=description[:200])
        return action

    def remove_action(self, action, *, by):
        """Take an unfinished action out while the answer is being written."""
        with transaction.atomic():
            self._hold(answerable=True)
            if not self.actions.unfinished().filter(pk=action.pk).delete()[0]:
                raise IllegalMove(_("Una acción terminada no se quita."))
            Event.record(self, by=by, verb="remove_action", note=action.description[:200])

    def finish_action(self, action, *, by, done_on, file):
        """Say that an action is done, with its proof. Possible until the nonconformity is closed."""
        with transaction.atomic():
            self._hold(answerable=False)
            require_room(self.event_company(), file)
            done = self.actions.unfinished().filter(pk=action.pk)
            if not done.update(done_on=done_on, blob=store(file), filename=file.name):
                raise IllegalMove(_("Esta acción ya estaba terminada."))
            Event.record(self, by=by, verb="finish_action", note=action.description[:200])

    def missing_to_answer(self):
        """What the company still has to write before it answers."""
        since = timezone.localdate(self.state_since)
        parts = [
            (self.correction.strip(), "correction", _("Falta la corrección inmediata.")),
            (self.root_cause.strip(), "root_cause", _("Falta la causa raíz.")),
            (self.actions.exists(), "actions", _("Falta al menos una acción correctiva.")),
        ]
        return [Missing(sentence, Party.COMPANY, since, key=key) for found, key, sentence in parts if not found]

    def answer(self, *, by, on=None):
        """Hand the answer to the auditors. After the term it is taken all the same, and kept as late."""
        on = on or timezone.localdate()
        if missing := self.missing_to_answer():
            raise IllegalMove(" ".join(str(m) for m in missing))
        with transaction.atomic():
            late = self.late or self.is_late_on(on)
            self.move(self.State.ANSWERED, by=by, answered_by=by, answered_at=timezone.now(), late=late)
            title = _("%(company)s respondió la %(number)s") % self._names()
            url = reverse("auditoria:nonconformity", args=[self.pk])
            notices.tell_team(self.audit, f"nc:{self.pk}:answered:{self.version}", title=title, url=url)

    def missing_to_verify(self):
        """What keeps an auditor from closing: an answer, and every action finished."""
        since = timezone.localdate(self.state_since)
        if self.state != self.State.ANSWERED:
            return [Missing(_("La empresa aún no ha respondido."), Party.COMPANY, since, key="answer")]
        left = self.actions.unfinished().count()
        if not left:
            return []
        text = ngettext("%(n)s acción correctiva sin terminar.", "%(n)s acciones correctivas sin terminar.", left)
        return [Missing(text % {"n": left}, Party.COMPANY, since, key="unfinished_actions")]

    def verify(self, *, by, note=""):
        """Close it: an auditor saw that it was put right. Refused while an action is unfinished."""
        with transaction.atomic():
            self._hold(answerable=False)
            if missing := self.missing_to_verify():
                raise IllegalMove(" ".join(str(m) for m in missing))
            self.move(self.State.CLOSED, by=by, note=note, verified_by=by, closed_at=timezone.now(), review_note=note)
            self._tell_company("closed", _("La %(number)s quedó cerrada"), note)
            if not self.audit.nonconformities.open().exists():
                title = _("Todas las no conformidades de %(company)s están cerradas. Cierre la auditoría")
                notices.tell_team(self.audit, f"all_closed:{self.pk}", title=title % self._names())

    def give_back(self, *, by, reason):
        """Return the answer to the company, saying what is missing. The term does not change."""
        with transaction.atomic():
            self.move(self.State.RETURNED, by=by, note=reason, review_note=reason)
            self._tell_company("returned", _("Le devolvieron la %(number)s"), reason)

    def _hold(self, *, answerable):
        """Lock the row and read it again; raise Overtaken when it no longer admits changes."""
        fresh = type(self)._base_manager.select_for_update().get(pk=self.pk)
        if fresh.state == self.State.CLOSED or (answerable and not fresh.is_answerable):
            raise Overtaken(
                _("La no conformidad está «%(state)s» y ya no admite este cambio.")
                % {"state": fresh.get_state_display()},
                self,
            )

    def _names(self):
        return {"company": self.audit.participation.company, "number": self.number}

    def _tell_company(self, fact, title, body):
        url = reverse("empresa:nonconformity", args=[self.pk])
        fact = f"nc:{self.pk}:{fact}:{self.version}"
        title %= self._names()
        notices.tell_company(self.audit, fact, title=title, body=body, url=url, kind="nonconformity")


def with_terms(rows, on):
    """`rows`, nonconformities of one company, each with `left`: what is left of its term."""
    rows = list(rows)
    decreed = next((nc.audit.decreed for nc in rows if nc.audit.is_preaudit), None)
    for nc in rows:
        nc.left = nc.left_on(on, decreed)
    return rows
