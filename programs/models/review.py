from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Event, Site
from ecoeficiencia.changes import STAMPS, differences, in_force
from ecoeficiencia.lifecycle import IllegalMove, Missing, Overtaken, Party
from ecoeficiencia.workdays import add_workdays, decreed_days, is_workday, lengthened
from programs import notices
from programs.conditions import CONDITIONS, PAPERS, condition_of
from programs.eligibility import eligibility as checklist_of
from programs.papers import PREFIX

from .required import RequiredDocument


class Reviewed:
    """PROMPERÚ's half of an application: item by item, then the whole. Reviewers propose, coordinators decide."""

    @property
    def in_review(self):
        """Whether PROMPERÚ has it in hand: items may be decided and the review sent."""
        return self.state in {self.State.SUBMITTED, self.State.MENDED}

    def eligibility(self, on):
        """The automatic checks, read on day `on`."""
        return checklist_of(self.company, self.edition, on, application=self)

    def counts_by_verdict(self):
        counts = dict.fromkeys(["pending", "accepted", "observed", "rejected"], 0)
        for item in self.items.all():
            counts[item.verdict] += 1
        return counts

    def letter_values(self, *, on):
        """What the words of a letter of the edition may name, of this applicant."""
        mandate = self.company.mandate_on(on)
        return {
            "empresa": self.company.legal_name,
            "ruc": self.company.ruc,
            "representante": mandate.full_name if mandate else "—",
            "expediente": self.number or "—",
            "edicion": str(self.edition),
            "motivacion": self.decision_grounds,
            "fecha": f"{on:%d/%m/%Y}",
            "asistencia": self.edition.parameter("minimum_attendance"),
            "dias": self.edition.parameter("appeal_days"),
        }

    def next_pending(self, item):
        """The item to decide after `item`, going round; None when none is left."""
        pending = list(self.items.filter(verdict="pending").order_by("pk"))
        return next((i for i in pending if i.pk > item.pk), pending[0] if pending else None)

    def waivable_conditions(self, on):
        """The conditions a waiver may lift now, as (key, label): S13-S18, each alone."""
        if self.is_over:
            return []
        lifted = set(self.waivers.in_force(on).values_list("condition", flat=True))
        unmet = {m.key for m in self.eligibility(on) if m.waivable and not m.done}
        refused = {i.missing_key for i in self.items.all() if i.is_refused}
        keys = [key for key in sorted(unmet | refused) if key not in lifted and is_waivable(key)]
        papers = titles_of_papers(keys)
        return [(key, condition_label(key, papers=papers)) for key in keys]

    def decide_item(self, item, *, verdict, reason, by, seen):
        """Write the reviewer's verdict on one item; the company is told only when the review is sent.

        seen: the item's version the reviewer had before their eyes. Raises Overtaken, of the application when it is
        not in review any more, of the item when somebody decided it meanwhile.
        """
        self._require_in_review()
        values = {"verdict": verdict, "reason": reason, "decided_by": by, "decided_at": timezone.now()}
        if verdict == item.Verdict.OBSERVED:
            values |= {"answer": "", "mended_at": None}
        said = f"{item.title}, {item.Verdict(verdict).label.lower()}"
        with transaction.atomic():
            decided = self.items.filter(pk=item.pk, version=seen).update(version=F("version") + 1, **values)
            if decided != 1:
                raise Overtaken(_("Otra persona decidió «%(item)s» antes que usted.") % {"item": item.title}, item)
            Event.record(self, by=by, verb="review", new=verdict, note=f"{said}: {reason}".removesuffix(": "))
        item.refresh_from_db()

    def accept_items(self, points, *, complying, by):
        """Accept several items at once, all or none; the history tells each as if it was decided alone.

        points: [(item, version on the reviewer's page)]. complying: the items that need nobody's eyes now. Raises
        Overtaken, of the application, when one is not among them any more or somebody decided it meanwhile.
        """
        with transaction.atomic():
            # Nobody sends the review between two of them.
            type(self)._base_manager.select_for_update().get(pk=self.pk)._require_in_review()
            for item, seen in sorted(points, key=lambda point: point[0].pk):
                if item not in complying and item.version == seen:
                    sentence = _("«%(item)s» ya no se acepta sin mirarlo: cambió su verificación.")
                    raise Overtaken(sentence % {"item": item.title}, self)
                try:
                    self.decide_item(item, verdict=item.Verdict.ACCEPTED, reason="", by=by, seen=seen)
                except Overtaken as late:
                    raise Overtaken(str(late), self) from late

    def _require_in_review(self):
        if not self.in_review:
            raise Overtaken(
                _("El expediente está en «%(state)s»: sus puntos ya no se deciden aquí.")
                % {"state": self.get_state_display()},
                self,
            )

    def assign_reviewer(self, reviewer, *, by):
        """Give the file to one reviewer; raises IllegalMove when it is over or somebody changed it meanwhile."""
        if self.is_over:
            raise IllegalMove(_("El expediente ya terminó: no necesita quien lo revise."))
        self._stamp(by=by, verb="assign", note=str(reviewer), reviewer=reviewer)
        if reviewer != by:
            notices.tell_reviewer(self)

    # What each act lacks

    def missing_to_observe(self):
        counts = self.counts_by_verdict()
        missing = self._pending(counts)
        if not counts["observed"]:
            missing.append(Missing(_("Ningún punto está observado."), owner=Party.STAFF, key="observed"))
        return missing

    def missing_to_propose(self, outcome, on):
        if outcome == self.Outcome.REJECT:
            return self.missing_to_reject(on)
        return [item for item in self.missing_to_admit(on) if item.key != "quota"]

    def missing_to_admit(self, on, checklist=None, lifted=None, taken=None):
        """Everything that keeps the company out: items undecided or refused, papers not in order on `on`, the quota.

        What a page read already: checklist, what `eligibility(on)` said; lifted, the conditions of the waivers in
        force; taken, the places of the edition.
        """
        missing = self._pending(self.counts_by_verdict())
        checklist = self.eligibility(on) if checklist is None else checklist
        if lifted is None:
            lifted = set(self.waivers.in_force(on).values_list("condition", flat=True))
        refused = [i for i in self.items.all() if i.is_refused and lifted.isdisjoint(i.conditions)]
        missing += [
            Missing(
                f"{item.title}: {item.get_verdict_display().lower()}",
                owner=Party.STAFF,
                detail=item.reason,
                key=item.missing_key,
                waivable=True,
            )
            for item in refused
        ]
        said = {item.missing_key for item in refused}
        missing += [m.told_inside() for m in checklist if not (m.done or m.waived or m.key in said)]
        missing += self._checks_of_today(checklist, said | {m.key for m in missing})
        return missing + self._quota(taken)

    def _pending(self, counts):
        if not counts["pending"]:
            return []
        sentence = (
            _("Faltan %(n)s puntos por decidir.") if counts["pending"] > 1 else _("Falta %(n)s punto por decidir.")
        )
        return [Missing(sentence % {"n": counts["pending"]}, owner=Party.STAFF, key="pending")]

    def _checks_of_today(self, checklist, said):
        """RUC and debts are looked up again after the company handed in its papers."""
        handed_in = timezone.localdate(self.submitted_at)
        waived = {m.key for m in checklist if m.waived}
        again = (
            ("ruc_active", self.company.ruc_checked_on, _("Falta verificar otra vez el RUC en SUNAT.")),
            ("debts", self.company.debts_checked_on, _("Falta verificar otra vez las cuentas con PROMPERÚ.")),
        )
        return [
            Missing(sentence, owner=Party.STAFF, key=key, since=handed_in)
            for key, checked_on, sentence in again
            if key not in said | waived and (checked_on is None or checked_on < handed_in)
        ]

    # The acts

    def observe(self, *, by, on=None):
        """Send the review: the company mends the observed items, and only those, within the edition's term."""
        on = on or timezone.localdate()
        self._require(self.missing_to_observe())
        due_on = add_workdays(on, self.edition.parameter("observation_days"), decreed_days(self.company.seat))
        with transaction.atomic():
            self.move(self.State.OBSERVED, by=by, due_on=due_on, due_from=on, **self._no_proposal())
            notices.tell_observed(self)

    def propose(self, *, by, outcome, grounds, on=None):
        """The reviewer's word to the coordinator. Raises IllegalMove with what is missing for that outcome."""
        if not self.can_move(self.State.ADMITTED if outcome == self.Outcome.ADMIT else self.State.REJECTED):
            raise Overtaken(_("El expediente está en «%(state)s».") % {"state": self.get_state_display()}, self)
        self._require(self.missing_to_propose(outcome, on or timezone.localdate()))
        with transaction.atomic():
            self._stamp(
                by=by, verb="propose", new=outcome, note=grounds,
                proposal=outcome, proposal_grounds=grounds, proposed_by=by,
            )  # fmt: skip
            notices.tell_proposed(self)

    def extend(self, *, by, due_on, reason):
        """Give the company more time to mend. Raises IllegalMove unless it is mending, and the day later and a working
        one where the company is."""
        if self.state != self.State.OBSERVED:
            raise Overtaken(_("Solo se amplía el plazo de una postulación observada."), self)
        if self.due_on and due_on <= self.due_on:
            raise IllegalMove(
                _("El nuevo plazo debe ser posterior al actual (%(day)s).") % {"day": f"{self.due_on:%d/%m/%Y}"}
            )
        if not is_workday(due_on, decreed_days(self.company.seat)):
            raise IllegalMove(_("El %(day)s no es día hábil: elija otro.") % {"day": f"{due_on:%d/%m/%Y}"})
        with transaction.atomic():
            self._stamp(by=by, verb="extend", note=reason, due_on=due_on, lapsed_at=None)
            notices.tell_extended(self, reason)

    def lengthen(self, day, before, after):
        """Give the company the business day that `day`, decreed while it mends, took away. True when it did."""
        if self.state != self.State.OBSERVED or not (self.due_on and self.due_from):
            return False
        due_on = lengthened(self.due_from, self.due_on, before, after)
        if due_on == self.due_on:
            return False
        self._stamp(by=None, verb="lengthen", note=str(day), due_on=due_on, lapsed_at=None)
        notices.tell_lengthened(self, day)
        return True

    def lapse(self, on):
        """Note that the company's days to mend passed without an answer, and tell both sides. True when it was new."""
        if self.state != self.State.OBSERVED or self.lapsed_at or not self.due_on or on <= self.due_on:
            return False
        with transaction.atomic():
            note = _("El plazo era hasta el %(day)s.") % {"day": f"{self.due_on:%d/%m/%Y}"}
            self._stamp(by=None, verb="lapse", note=note, lapsed_at=timezone.now())
            notices.tell_lapsed(self)
        return True

    def _no_proposal(self):
        """A proposal speaks of the papers as they were; new papers ask for a new one."""
        return {"proposal": "", "proposal_grounds": "", "proposed_by": None}

    def _require(self, missing):
        if missing:
            raise IllegalMove(" ".join(f"{str(m).rstrip('.')}." for m in missing))

    def _stamp(self, *, by, verb, note="", new="", **values):
        """Set `values` and write the event unless somebody changed the application since it was read."""
        with transaction.atomic():
            before = in_force(self, [name for name in values if not name.endswith(STAMPS)])
            rows = type(self)._base_manager.filter(pk=self.pk, version=self.version, state=self.state)
            if rows.update(version=F("version") + 1, **values) != 1:
                raise self.overtaken()
            self.version += 1
            for field, value in values.items():
                setattr(self, field, value)
            Event.record(self, by=by, verb=verb, new=new, note=note, changes=differences(self, before))


class ReviewedItem:
    """How an item calls itself on pages and in waivers."""

    @property
    def conditions(self):
        """What a waiver may be called to cover this item."""
        return {self.missing_key, self.key.partition(":")[0]}

    @property
    def is_refused(self):
        return self.verdict in {self.Verdict.OBSERVED, self.Verdict.REJECTED}

    @property
    def is_pending(self):
        return self.verdict == self.Verdict.PENDING

    @property
    def is_unseen(self):
        """Whether no person decided it, now or before an answer of the company."""
        return self.is_pending and not (self.reason or self.mended_at)

    @property
    def is_paper(self):
        return bool(self.entry_id) or self.key in PAPERS

    @property
    def fact(self):
        return condition_of(self.key).fact


class Revised:
    """How a version handed in shows its parts."""

    def groups_of(self, section, site=None):
        """The groups of rows of one section; with `site`, only that site's."""
        groups = next((s["groups"] for s in self.data.get("sections", []) if s["key"] == section), [])
        return [g for g in groups if site is None or g["site"] == site]


def is_waivable(condition):
    """S13-S18 may be lifted; the sworn statement, the representation and having a site may not."""
    key = condition.partition(":")[0]
    if key.startswith(PREFIX):
        return True
    return key in CONDITIONS and CONDITIONS[key].fact != "S19" and key != "sites"


def condition_label(condition, names=None, papers=None):
    """How a condition is called on a page; keys of a site bear its id: «itse:12».

    names: {site id: name}, papers: {key: title of the entry of the catalogue}, if known.
    """
    key, _colon, site = condition.partition(":")
    label = str(CONDITIONS[key].label if key in CONDITIONS else LATER.get(key, key))
    if key.startswith(PREFIX):
        label = (papers or {}).get(key) or titles_of_papers([key]).get(key, key)
    name = (names or {}).get(int(site)) if site.isdigit() else None
    if site.isdigit() and name is None:
        name = Site.objects.filter(pk=site).values_list("name", flat=True).first()
    return f"{label} · {name}" if name else label


def titles_of_papers(keys):
    """{key: what the newest edition that asks for that paper calls it}, for those of `keys` that are of papers."""
    names = [key.partition(":")[0].removeprefix(PREFIX) for key in keys if key.startswith(PREFIX)]
    rows = RequiredDocument.objects.filter(key__in=names).order_by("edition__opens_on", "pk")
    return {PREFIX + name: title for name, title in rows.values_list("key", "title")} if names else {}


# Conditions of the gates after the admission.
LATER = {
    "attendance": _("Asistencia mínima a los talleres"),
    "accepted_share": _("Requisitos aceptados"),
    "site_documents": _("Documentos de sede vigentes"),
    "open_nonconformities": _("No conformidades abiertas"),
    "third_party": _("Auditoría por un tercero"),
    "impartiality": _("Imparcialidad"),
    "decider_not_auditor": _("Decide quien no auditó"),
}
