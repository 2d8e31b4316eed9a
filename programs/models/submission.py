"""What the company does with its application: complete, swear, hand in, withdraw."""

from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import Duty, Event, Notice, User
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove, Missing
from ecoeficiencia.models import Counter

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

    def checklist(self, on, lifted=None):
        """Every condition S13-S19, met and unmet, with the page where each is mended. lifted: see eligibility."""
        found = eligibility(self.company, self.edition, on, application=self, lifted=lifted)
        return [self._with_link(item) for item in found]

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
        with transaction.atomic():
            self.hold()
            checklist = self.checklist(on)
            refuse(self.missing_to_submit(on, checklist))
            now = timezone.now()
            number = f"EXP-{on.year}-{Counter.next('EXP', on.year):05d}"
            self.move(self.State.SUBMITTED, by=by, number=number, submitted_at=now, submitted_by=by)
            self.items.bulk_create([self._item(item.key) for item in checklist])
            self._hand_in(by, on, checklist)
            self._tell_reviewers(_("Postulación presentada"))
            self._tell_company(
                _("Recibimos su postulación"),
                _("Su expediente es %(number)s. PROMPERÚ la revisará y le avisará por aquí.") % {"number": number},
            )

    def hold(self):
        """Take turns, to the end of the transaction, with whoever edits the company's papers: what is read from here on
        is what is handed in."""
        self.company = self.company.lock_row()
        self.forget_signatures()

    def _item(self, key):
        name, _sep, site = key.partition(":")
        entry = self._entries.get(name)
        return self.items.model(application=self, key=name, site_id=int(site) if site else None, entry_id=entry)

    @cached_property
    def _entries(self):
        """{key of the reviewed item: id of the entry of the catalogue}"""
        return {PREFIX + key: pk for pk, key in self.edition.documents.values_list("pk", "key")}

    def _hand_in(self, by, on, checklist):
        """Keep what is handed in as it is now, and ask for its documents."""
        data = snapshot(self, on) | {"checks": [kept_check(item) for item in checklist]}
        revision = self.revisions.create(number=self.revisions.count() + 1, data=data, submitted_by=by)
        self.stamp_papers(revision.submitted_at)
        payload = {"revision": revision.pk}
        Job.enqueue("programs.application_record", key=f"application_record:{revision.pk}", payload=payload)
        signature = self.statement_signature(self.company.mandate_on(on))
        if signature and not signature.is_outside:
            payload = {"signature": signature.pk}
            Job.enqueue("programs.sworn_statement", key=f"sworn_statement:{signature.pk}", payload=payload)

    def withdraw(self, *, by, reason):
        was_handed_in = self.number is not None
        with transaction.atomic():
            self.move(self.State.WITHDRAWN, by=by, note=reason)
            if was_handed_in:
                self._tell_reviewers(_("Postulación retirada"), reason)
            self._tell_company(_("Su empresa retiró la postulación"), reason)

    # What was handed in

    def shown_section(self, section, on):
        """The groups of a section as handed in last; as they stand now while nothing was."""
        revision = self.revisions.last() if self.number else None
        data = revision.data if revision else snapshot(self, on)
        return next((s["groups"] for s in data.get("sections", ()) if s["key"] == section), [])

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


def unmet(items):
    """The items of a checklist that stand in the way."""
    return [item for item in items if not (item.done or item.waiting or item.waived)]


def refuse(missing):
    if missing:
        raise IllegalMove(str(missing[0]))
