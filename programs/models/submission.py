"""What the company does with its application: complete, swear, hand in, mend, withdraw."""

from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.models import Duty, Event, Notice, User
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove, Missing, Overtaken
from ecoeficiencia.models import Counter
from ecoeficiencia.workdays import decreed_days
from ecoeficiencia.writing import due_in_workdays

from ..conditions import condition_of
from ..eligibility import eligibility, kept_check
from ..papers import PREFIX
from ..snapshot import snapshot

# The sections of the form, in their order; each condition of eligibility names the one where it is mended.
SECTIONS = {
    "empresa": gettext_lazy("Empresa"),
    "representacion": gettext_lazy("Representación legal"),
    "sedes": gettext_lazy("Sedes"),
    "exportaciones": gettext_lazy("Exportaciones"),
    "proceso": gettext_lazy("Proceso productivo"),
    "comunicaciones": gettext_lazy("Comunicaciones"),
    "documentos": gettext_lazy("Documentos"),
    "declaracion": gettext_lazy("Declaración jurada"),
}
SWORN = "declaracion"  # the section that swears to the others
UNDER_REVIEW = ("submitted", "observed", "mended")
# A doubt about who swears opens who represents the company, too.
ALSO_OPENS = {"representacion": {"sworn_statement"}, "declaracion": {"representation"}}


class Submission:
    """The company's half of Application."""

    @classmethod
    def start(cls, company, edition, *, by):
        """Open a draft; raises IntegrityError when the company has one in this edition, IllegalMove when absorbed."""
        company.refuse_when_absorbed()
        with transaction.atomic():
            application = cls.objects.create(company=company, edition=edition, created_by=by)
            Event.record(application, by=by, verb="create")
        return application

    # What is missing

    def checklist(self, on):
        """Every condition S13-S19, met and unmet, with the page where each is mended."""
        return [self._with_link(item) for item in eligibility(self.company, self.edition, on, application=self)]

    def _with_link(self, item):
        section = condition_of(item.key).section
        if not section or item.waiting:
            return item
        return replace(item, url=reverse("empresa:application_section", args=[self.pk, section]))

    def missing_to_submit(self, on, checklist=None):
        """What keeps the draft from being handed in; what waits for PROMPERÚ does not. checklist: if already made."""
        return [*self._missing_call(on), *unmet(self.checklist(on) if checklist is None else checklist)]

    def _missing_call(self, on):
        edition = self.edition
        days = {"opens": f"{edition.opens_on:%d/%m/%Y}", "closes": f"{edition.closes_on:%d/%m/%Y}"}
        if edition.published and on < edition.opens_on:
            return [Missing(_("La convocatoria abre el %(opens)s.") % days, key="call", owner="staff")]
        if not edition.is_open_on(on):
            sentence = _("La convocatoria cerró el %(closes)s. Su borrador queda guardado.") % days
            return [Missing(sentence, key="call", owner="staff", since=edition.closes_on)]
        return []

    def missing_to_mend(self, on, checklist=None):
        """What keeps the mended application from being handed in again. checklist: if already made."""
        if self.due_on and on > self.due_on:
            sentence = _("El plazo para subsanar venció el %(day)s. Pida una prórroga a PROMPERÚ.")
            return [
                Missing(sentence % {"day": f"{self.due_on:%d/%m/%Y}"}, key="deadline", owner="staff", since=self.due_on)
            ]
        since = timezone.localdate(self.state_since)
        pending = [i for i in self.items.select_related("site", "entry") if i.is_to_mend]
        todo = [
            Missing(
                _("Falta subsanar: %(item)s.") % {"item": item.title},
                key=item.missing_key,
                since=since,
                detail=item.reason,
            )
            for item in pending
        ]
        named = {item.key for item in todo}
        short = unmet(self.checklist(on) if checklist is None else checklist)
        return [self._with_link(i) for i in todo] + [i for i in short if i.key not in named]

    def due_in_words(self, on):
        """How much of the company's term to mend is left on day `on`; "" without one."""
        return due_in_workdays(self.due_on, on, decreed_days(self.company.seat)) if self.due_on else ""

    def sections_before_swearing(self, checklist):
        """The sections, but the statement's own, in which something is missing: one swears to what is there."""
        short = {condition_of(item.key).section for item in unmet(checklist)}
        return [key for key in SECTIONS if key in short and key != SWORN]

    @staticmethod
    def names_of(sections):
        return [str(SECTIONS[key]) for key in sections]

    # Handing in

    def submit(self, *, by, on):
        """Hand the draft in: number, items, snapshot, documents, notices. Raises IllegalMove when it may not."""
        self.check_registers(on=on, moment="submission", by=by)
        _refuse(self.missing_to_submit(on))
        now = timezone.now()
        with transaction.atomic():
            number = f"EXP-{on.year}-{Counter.next('EXP', on.year):05d}"
            self.move(self.State.SUBMITTED, by=by, number=number, submitted_at=now, submitted_by=by)
            keys = [item.key for item in self.checklist(on)]
            self.items.bulk_create([self._item(key) for key in keys])
            self._hand_in(by, on)
            self._tell_reviewers(_("Postulación presentada"))
            self._tell_company(
                _("Recibimos su postulación"),
                _("Su expediente es %(number)s. PROMPERÚ la revisará y le avisará por aquí.") % {"number": number},
            )

    def _item(self, key):
        name, _sep, site = key.partition(":")
        entry = self._entries.get(name)
        return self.items.model(application=self, key=name, site_id=int(site) if site else None, entry_id=entry)

    @cached_property
    def _entries(self):
        """{key of the reviewed item: id of the entry of the catalogue}"""
        return {PREFIX + key: pk for pk, key in self.edition.documents.values_list("pk", "key")}

    def _hand_in(self, by, on):
        """Keep what is handed in as it is now, and ask for its documents."""
        data = snapshot(self, on) | {"checks": [kept_check(item) for item in self.checklist(on)]}
        revision = self.revisions.create(number=self.revisions.count() + 1, data=data, submitted_by=by)
        self.stamp_papers(revision.submitted_at)
        payload = {"revision": revision.pk}
        Job.enqueue("programs.application_record", key=f"application_record:{revision.pk}", payload=payload)
        signature = self.statement_signature(self.company.mandate_on(on))
        if signature and not signature.is_outside:
            payload = {"signature": signature.pk}
            Job.enqueue("programs.sworn_statement", key=f"sworn_statement:{signature.pk}", payload=payload)

    # Mending

    def mark_mended(self, item, *, by, answer="", seen=None):
        """Note that the company put an observed item right. It travels with the next hand-in.

        seen: the item's version on the person's page. Raises Overtaken, of the item, when a colleague wrote meanwhile.
        """
        if self.state != self.State.OBSERVED or item.verdict != item.Verdict.OBSERVED:
            raise Overtaken(_("Solo se reabre lo observado; lo demás queda como está."), self)
        version, now = item.version if seen is None else seen, timezone.now()
        with transaction.atomic():
            rows = self.items.filter(pk=item.pk, version=version)
            if rows.update(answer=answer, mended_at=now, version=F("version") + 1) != 1:
                raise Overtaken(_("Otra persona respondió «%(item)s» antes que usted.") % {"item": item.title}, item)
            item.answer, item.mended_at, item.version = answer, now, version + 1
            Event.record(self, by=by, verb="mend", note=f"{item.title}. {answer}".strip())

    def mend(self, *, by, on):
        """Hand the mended items in again; only those go back to the reviewer. Raises IllegalMove when it may not."""
        if self.state == self.State.OBSERVED:
            _refuse(self.missing_to_mend(on))
        with transaction.atomic():
            self.move(self.State.MENDED, by=by, due_on=None, due_from=None)
            mended = self.items.filter(verdict="observed").exclude(mended_at=None).update(verdict="pending")
            self._hand_in(by, on)
            points = ngettext("%d punto subsanado", "%d puntos subsanados", mended) % mended
            self._tell_reviewers(_("Postulación subsanada"), points)
            self._tell_company(_("Recibimos su subsanación"), points)

    def withdraw(self, *, by, reason):
        was_handed_in = self.number is not None
        with transaction.atomic():
            self.move(self.State.WITHDRAWN, by=by, note=reason)
            if was_handed_in:
                self._tell_reviewers(_("Postulación retirada"), reason)
            self._tell_company(_("Su empresa retiró la postulación"), reason)

    # What may be edited

    def observed_items(self):
        """The points PROMPERÚ sent back, with what the company answered (reads prefetched rows)."""
        if self.state != self.State.OBSERVED:
            return []
        return [i for i in self.items.all() if i.verdict == i.Verdict.OBSERVED]

    def shown_section(self, section, on):
        """The groups of a section as handed in last; as they stand now while nothing was."""
        revision = self.revisions.last() if self.number else None
        data = revision.data if revision else snapshot(self, on)
        return next((s["groups"] for s in data.get("sections", ()) if s["key"] == section), [])

    def reopens(self, section, site=None, kind=""):
        """Whether the company may edit `section` now; of the sites, one's paper of `kind`, or a `new` one.

        Of the documents, the one whose reviewed item is called `kind`.
        """
        if self.state == self.State.DRAFT:
            return True
        if self.state != self.State.OBSERVED:
            return False
        observed = [i for i in self.items.all() if i.verdict == i.Verdict.OBSERVED]
        if section == "sedes" and (site or kind):
            return any(i.key == "sites" or (site and i.site_id == site.pk and i.key == kind) for i in observed)
        if section == "documentos" and kind:
            return any(i.key == kind and i.site_id == (site and site.pk) for i in observed)
        also = ALSO_OPENS.get(section, set())
        if any(condition_of(i.key).section == section or i.key in also for i in observed):
            return True
        # What was mended may be named in the words that were signed: then they are signed again.
        return section == "declaracion" and bool(self.lapsed_signature(self.company.mandate_on(timezone.localdate())))

    def lock_sentence(self):
        if self.state == self.State.OBSERVED:
            return _("Solo se reabre lo observado; lo demás queda como está.")
        if self.state in UNDER_REVIEW:
            return _("La postulación %(number)s está en revisión. No se edita hasta que PROMPERÚ responda.") % {
                "number": self.number
            }
        return _("Esta postulación está en «%(state)s» y ya no se edita.") % {"state": self.get_state_display()}

    def note_section(self, section, *, by, on):
        """Keep who completed `section` of a draft and when; and which ones are incomplete again after this change."""
        if self.state != self.State.DRAFT:
            return
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(state=F("state"))  # two saves at once note it one by one
            short = {condition_of(item.key).section for item in unmet(self.checklist(on))}
            last = dict(Event.objects.about(self).filter(verb__in=["section", "unsection"]).values_list("new", "verb"))
            for key, title in SECTIONS.items():
                was_complete = last.get(key) == "section"
                if key in short and was_complete:
                    Event.record(self, by=by, verb="unsection", new=key, note=str(title))
                elif key == section and key not in short and not was_complete:
                    Event.record(self, by=by, verb="section", new=key, note=str(title))

    # Telling

    def _tell_reviewers(self, title, body=""):
        url = f"/panel/postulaciones/{self.pk}/"
        people = User.objects.with_duty(Duty.REVIEWER, Duty.COORDINATOR)
        self._tell(people, "staff", f"{title}: {self.company}", body or self.number, url)

    def _tell_company(self, title, body):
        self._tell(self.company.people(), "company", title, body, reverse("empresa:application", args=[self.pk]))

    def _tell(self, people, side, title, body, url):
        key = f"application:{self.pk}:{self.state}:{self.version}:{side}"
        Notice.tell(people, key=key, kind="application", title=title, body=body, url=url, company=self.company)


class Locks:
    """The applications under review of one company, asked what each keeps closed. Reads them once."""

    def __init__(self, applications):
        self.applications = list(applications)

    def sentence(self, section, site=None, kind=""):
        closed = (a for a in self.applications if not a.reopens(section, site, kind))
        return next((a.lock_sentence() for a in closed), "")


def unmet(items):
    """The items of a checklist that stand in the way."""
    return [item for item in items if not (item.done or item.waiting or item.waived)]


def _refuse(missing):
    if missing:
        raise IllegalMove(str(missing[0]))
