"""An audit from its first check to its confirmation."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import F, Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits import notices
from companies.models import Event
from ecoeficiencia.changes import differences, in_force
from ecoeficiencia.lifecycle import IllegalMove, Missing, Overtaken, Party
from ecoeficiencia.models import Counter
from ecoeficiencia.workdays import add_workdays, decreed_days, lengthened
from programs.models import Participation


class StaleCheck(IllegalMove):
    """Another auditor recorded the same check first; nothing was overwritten."""


def implementation_level(met, applicable):
    """Return the level of implementation an audit states (fact S5): a share from 0 to 1.

    met: checks that conform, with or without an observation or an opportunity; applicable: all but «no aplica».
    Rounded half up to 0.0001. None when nothing applies. Raises ValueError when more are met than apply.
    Source: conforming ÷ applicable, domain rules §4. Check: 98 of 104 give 0.9423.
    """
    if not 0 <= met <= applicable:
        raise ValueError("Between none and all of the applicable checks can be met.")
    if not applicable:
        return None
    return (Decimal(met) / applicable).quantize(Decimal("0.0001"), ROUND_HALF_UP)


class Findings:
    """What Audit does from the first check on. Good for both kinds."""

    @property
    def level_percent(self):
        """The level stated, as a percentage with one decimal, or None before it is stated."""
        return None if self.level is None else round(self.level * 100, 1)

    def record(self, check, *, by, version, result, method, evidence_seen="", persons="", note=""):
        """Record a verdict on `check`, read at `version`. The audit's row is locked, so that a closing waits.

        Raises StaleCheck when another auditor recorded it since, IllegalMove when the checklist is not open.
        """
        with transaction.atomic():
            self._lock(self.State.STARTED, _("La lista solo se responde mientras la auditoría está en ejecución."))
            if self.nonconformities.filter(check_line=check).exists():
                raise Overtaken(
                    _("Esta verificación ya dio lugar a una no conformidad con número; no se cambia."), check
                )
            answer = {"method": method, "evidence_seen": evidence_seen, "persons": persons, "note": note}
            before = in_force(check, ["result", *answer])
            recorded = self.checks.filter(pk=check.pk, version=version).update(
                result=result, answered_by=by, answered_at=timezone.now(), version=F("version") + 1, **answer
            )
            if recorded != 1:
                raise StaleCheck(_("Otra persona guardó antes que usted. Compare y elija."))
            old = check.result
            check.refresh_from_db()
            # Without a company: members read their history, and must not read verdicts before they are told.
            Event.record(check, by=by, verb="record", old=old, new=result, changes=differences(check, before))

    def save_minutes(self, *, by, opening_minutes, closing_minutes, conclusion, recommendation=""):
        """Keep the minutes and the conclusions as a draft until the audit closes."""
        if self.state not in (self.State.STARTED, self.State.CORRECTING):
            raise Overtaken(_("Las actas se escriben mientras la auditoría está abierta."), self)
        self.opening_minutes, self.closing_minutes = opening_minutes, closing_minutes
        self.conclusion, self.recommendation = conclusion, "" if self.is_preaudit else recommendation
        self.save_edit(by=by, fields=["opening_minutes", "closing_minutes", "conclusion", "recommendation"])

    def missing_to_close(self):
        """What keeps the auditor from closing. An open nonconformity is never lifted (fact S6)."""
        since = timezone.localdate(self.state_since)
        if self.state == self.State.CORRECTING:
            return self.missing_nonconformities()
        left = self.checks.filter(result="").count()
        missing = []
        if left:
            text = ngettext("Falta %(n)s verificación.", "Faltan %(n)s verificaciones.", left) % {"n": left}
            url = f"{reverse('auditoria:checklist', args=[self.pk])}?ver=pendientes"
            missing.append(Missing(text, Party.AUDITOR, since, key="unanswered_checks", url=url))
        texts = [
            ("opening_minutes", _("Falta el acta de apertura.")),
            ("closing_minutes", _("Falta el acta de cierre.")),
            ("conclusion", _("Faltan las conclusiones.")),
        ]
        if not self.is_preaudit:
            texts.append(("recommendation", _("Falta la recomendación.")))
        for field, sentence in texts:
            if not getattr(self, field).strip():
                missing.append(Missing(sentence, Party.AUDITOR, since, key=field, url="#actas"))
        return missing

    def missing_nonconformities(self):
        """One sentence for each nonconformity not closed, with who owes the next act. Never waivable."""
        return [
            Missing(
                _("La no conformidad %(number)s (%(grade)s) sigue abierta.")
                % {"number": nc.number, "grade": nc.get_grade_display().lower()},
                nc.turn,
                timezone.localdate(nc.state_since),
                detail=nc.get_state_display(),
                key="open_nonconformities",
            )
            for nc in self.nonconformities.open().order_by("number")
        ]

    def close(self, *, by, on=None):
        """Close the checklist, or close again after the corrections. Numbers are given here, once.

        With a nonconformity of any grade the company must correct; without, the audit waits for PROMPERÚ.
        Raises IllegalMove with every missing condition.
        """
        on = on or timezone.localdate()
        self.require(self.State.STARTED, self.State.CORRECTING)
        with transaction.atomic():
            self._lock(self.state)
            if missing := self.missing_to_close():
                raise IllegalMove(" ".join(str(m) for m in missing))
            if self.state == self.State.STARTED:
                self._number_nonconformities(by, on)
            if self.nonconformities.open().exists():
                self._ask_corrections(by)
            else:
                self._finish(by)

    def confirm(self, *, by):
        """PROMPERÚ confirms a closed audit; a pre-audit is passed with it. Whoever audited may not."""
        self.refuse_own_hand(by)
        if missing := self.missing_nonconformities():
            raise IllegalMove(" ".join(str(m) for m in missing))
        with transaction.atomic():
            self.move(self.State.CONFIRMED, by=by)
            if self.is_preaudit:
                self.participation.move(Participation.State.PREAUDIT_PASSED, by=by, due_on=None)
                title = _("Su preauditoría fue aprobada. Ya puede solicitar la auditoría externa")
                notices.tell_company(self, f"confirmed:{self.version}", title=title)

    def resume(self, *, by, reason):
        """PROMPERÚ opens a closed checklist again, saying why. Numbered nonconformities stay."""
        self.require(self.State.CORRECTING, self.State.CLOSED)
        back = Participation.State.PREAUDIT if self.is_preaudit else Participation.State.EXTERNAL_AUDIT
        with transaction.atomic():
            self.move(self.State.STARTED, by=by, note=reason, ended_at=None)
            if self.participation.state != back:
                self.participation.move(back, by=by, note=reason, due_on=None)
            title = _("PROMPERÚ reabrió la lista de %(company)s") % {"company": self.participation.company}
            notices.tell_team(self, f"resumed:{self.version}", title=title, body=reason)

    def extend(self, *, by, reason):
        """Give the one extension of the pre-audit's corrections, in business days of the edition."""
        if not self.is_preaudit or self.state != self.State.CORRECTING:
            raise IllegalMove(_("La prórroga es de la subsanación de una preauditoría."))
        days, decreed = self._parameter("correction_extension_days"), self.decreed
        participation = self.participation
        with transaction.atomic():
            if participation.extended:
                raise IllegalMove(_("La prórroga ya se usó. Se concede una sola vez."))
            for nc in self.nonconformities.open():
                nc.due_on = add_workdays(nc.due_on, days, decreed)
                nc.save_edit(by=by, fields=["due_on"], note=reason)
            participation.extended = True
            participation.due_on = self.correction_due_on = add_workdays(self.correction_due_on, days, decreed)
            participation.save_edit(by=by, fields=["extended", "due_on"], note=reason)
            self.save_edit(by=by, fields=["correction_due_on"], note=reason)
            title = _("Su plazo de subsanación se amplió hasta el %(day)s") % {
                "day": f"{participation.due_on:%d/%m/%Y}"
            }
            day = notices.correction_day(self)
            notices.tell_company(self, "extended", title=title, body=reason, kind="nonconformity", calendar=day)

    def lengthen(self, day, before, after):
        """Give the company the business day that `day`, decreed while it corrects, took away. True when it did."""
        found = self.nonconformities.open().aggregate(first=Min("opened_at"))["first"]
        start = timezone.localdate(found) if found else self.correction_due_on
        due_on = lengthened(start, self.correction_due_on, before, after)
        if due_on == self.correction_due_on:
            return False
        participation = self.participation
        with transaction.atomic():
            for nc in self.nonconformities.open():
                self.nonconformities.filter(pk=nc.pk).update(due_on=lengthened(start, nc.due_on, before, after))
            participation.due_on = self.correction_due_on = due_on
            participation.save_edit(by=None, fields=["due_on"], note=str(day))
            self.save_edit(by=None, fields=["correction_due_on"], note=str(day))
            title = _("Su plazo de subsanación se alarga hasta el %(day)s") % {"day": f"{due_on:%d/%m/%Y}"}
            body = _("El %(day)s fue declarado no laborable y no se cuenta.") % {"day": f"{day.on:%d/%m/%Y}"}
            notices.tell_company(
                self, f"lengthened:{self.version}", title=title, body=body, kind="nonconformity",
                calendar=notices.correction_day(self),
            )  # fmt: skip
        return True

    def _lock(self, state, otherwise=""):
        """Hold the audit's row to the end of the transaction; raise Overtaken unless it is still in `state`."""
        held = type(self)._base_manager.select_for_update().filter(pk=self.pk, state=state).first()
        if held is None or (not otherwise and held.version != self.version):
            raise Overtaken(otherwise or _("Otra persona cambió la auditoría antes que usted."), self)

    @cached_property
    def decreed(self):
        """The decreed days by which the company's terms run."""
        return decreed_days(self.participation.company.seat)

    def _parameter(self, key):
        return self.participation.edition.parameter(key)

    def _number_nonconformities(self, by, on):
        refused = self.checks.filter(result__in=self.checks.model.NONCONFORMING, nonconformity=None)
        due = self._due_days(on) if refused.exists() else {}
        for check in refused.order_by("requirement__number", "site"):
            nc = self.nonconformities.create(
                check_line=check,
                grade=check.result,
                statement=check.note,
                due_on=due[check.result],
                number=f"NC-{on.year}-{Counter.next('NC', on.year):04d}",
            )
            Event.record(nc, by=by, verb="create", note=nc.number)

    def _due_days(self, on):
        """The last day to close a nonconformity found on `on`, by grade."""
        if self.is_preaudit:
            day = add_workdays(on, self._parameter("correction_days"), self.decreed)
            return {"major": day, "minor": day}
        return {grade: on + timedelta(days=self._parameter(f"nc_{grade}_days")) for grade in ("major", "minor")}

    def _level(self):
        checks = self.checks.all()
        met = checks.filter(result__in=self.checks.model.MET).count()
        return implementation_level(met, checks.exclude(result="not_applicable").count())

    def _ask_corrections(self, by):
        due_on = self.nonconformities.open().aggregate(last=Max("due_on"))["last"]
        self.move(self.State.CORRECTING, by=by, closed_by=by, correction_due_on=due_on, level=self._level())
        state = Participation.State.CORRECTING if self.is_preaudit else Participation.State.EXTERNAL_CORRECTING
        self.participation.move(state, by=by, due_on=due_on)
        count = self.nonconformities.open().count()
        title = ngettext(
            "La auditoría encontró %(n)s no conformidad. Responda hasta el %(day)s",
            "La auditoría encontró %(n)s no conformidades. Responda hasta el %(day)s",
            count,
        ) % {"n": count, "day": f"{due_on:%d/%m/%Y}"}
        day = notices.correction_day(self)
        fact = f"correcting:{self.version}"
        notices.tell_company(self, fact, title=title, kind="nonconformity", calendar=day)
        title = _("%(company)s pasó a subsanar") % {"company": self.participation.company}
        notices.tell_staff(self, f"correcting:{self.version}", title=title)

    def _finish(self, by):
        # The level is what the audit reached, before any correction.
        level = self._level() if self.state == self.State.STARTED else self.level
        self.move(self.State.CLOSED, by=by, closed_by=by, ended_at=timezone.now(), level=level)
        participation = self.participation
        if not self.is_preaudit:
            from .decision import Decision

            participation.move(Participation.State.DECISION, by=by, due_on=None)
            Decision.open_for(self)
        elif participation.state == Participation.State.CORRECTING:
            # Nobody waits for the company any more.
            participation.move(Participation.State.PREAUDIT, by=by, due_on=None)
        notices.tell_company(self, f"closed:{self.version}", title=_("La auditoría de su empresa se cerró"))
        title = _("La auditoría de %(company)s se cerró y le toca a PROMPERÚ") % {"company": participation.company}
        notices.tell_staff(self, f"closed:{self.version}", title=title)
