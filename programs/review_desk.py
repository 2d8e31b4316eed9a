"""What a reviewer has before them, read in as few statements as it takes.

The automatic checks are those made when the company handed in, but for the RUC and the accounts, which are as they
stand now. When every item is accepted or lifted, what is in the company's own row is read again too; its other papers
are, when their history says that something changed since. The act itself reads everything once more.
"""

from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.functional import cached_property

from companies.models import SiteDocument
from ecoeficiencia.lifecycle import Missing, Party

from .comparison import about, compare, readable
from .conditions import condition_of
from .eligibility import Look, waive
from .models.reopening import doubted_with
from .models.review import condition_label, is_waivable, titles_of_papers


@dataclass
class ReviewDesk:
    """`application` was read with `for_panel()`. `wanted`: the item to show, else the first to decide."""

    application: object
    today: object
    wanted: str = ""

    @cached_property
    def items(self):
        return list(self.application.items.all())

    @cached_property
    def current(self):
        chosen = next((i for i in self.items if str(i.pk) == str(self.wanted)), None)
        return chosen or next((i for i in self.items if i.is_pending), self.items[0] if self.items else None)

    @property
    def is_reviewing(self):
        """Whether items are still to decide: then the decision is far, and its gates are not asked."""
        return self.application.in_review and any(item.is_pending for item in self.items)

    @property
    def is_near_admission(self):
        """Whether nothing but the company's papers of today and the quota may keep it out."""
        application = self.application
        if not (application.may_be_admitted or application.can_move("waiting")):
            return False
        return not any(i.is_pending or (i.is_refused and self.lifted.isdisjoint(i.conditions)) for i in self.items)

    @cached_property
    def versions(self):
        """The last two versions handed in, the newest first."""
        return list(self.application.revisions.order_by("-number")[:2])

    @cached_property
    def waivers(self):
        return self.application.waivers.all().labelled()

    @cached_property
    def lifted(self):
        """The conditions of the waivers in force."""
        return {w.condition for w in self.waivers if w.in_force_on(self.today)}

    @cached_property
    def checklist(self):
        """{key: result} of the automatic checks; nothing once the application is over."""
        application = self.application
        if application.is_over:
            return {}
        kept = self.kept
        if kept is None:
            return {item.key: item.told_inside() for item in self._checked_today()}
        now = Look(application.company, application.edition, self.today, application, live=False)
        # Lines from before warnings were kept may bear one.
        found = {line["key"]: Missing(**{"warns": True, **line, "owner": Party(line["owner"])}) for line in kept}
        of_today = now.of_the_company() if self.is_near_admission else [now.ruc_active(), now.debts()]
        found |= {item.key: item for item in of_today}
        return {key: waive(item, self.lifted).told_inside() for key, item in found.items()}

    @cached_property
    def kept(self):
        """The lines of the checklist as they were when the company handed in; None when they are read today."""
        if self.is_near_admission and self.application.changed_since:
            return None
        return (self.versions[0].data.get("checks") if self.versions else None) or None

    @property
    def read_on(self):
        """The day the company's papers were read for the checks: today, or when it handed them in."""
        return timezone.localdate(self.versions[0].submitted_at) if self.kept else self.today

    def _checked_today(self):
        application, sites = self.application, [item.site for item in self.items if item.site_id]
        prefetch_related_objects([application.edition], "documents")
        look = Look(application.company, application.edition, self.today, application, sites=sites)
        return look.checklist(self.lifted)

    # What needs nobody's eyes

    @cached_property
    def complying(self):
        """The items to decide whose check says all there is to say: met, without warning, and no paper to read.

        An item that was observed before is looked at again, whatever the check says.
        """
        if not self.application.in_review:
            return []
        return [item for item in self.items if item.is_unseen and self._complies(item) and not self._has_paper(item)]

    @property
    def to_look_at(self):
        """How many items wait for a person's eyes."""
        return sum(item.is_pending for item in self.items) - len(self.complying)

    def _complies(self, item):
        check = self.checklist.get(item.missing_key)
        return bool(check and check.done and not check.warns)

    def _has_paper(self, item):
        """Whether the item is a paper, or is proved by one that was handed in."""
        return item.is_paper or not self._proved.isdisjoint(doubted_with(item.key))

    @cached_property
    def _proved(self):
        """The conditions proved by a paper of the catalogue that is reviewed too."""
        return {other.entry.proves for other in self.items if other.entry_id}

    # The item on the desk

    @property
    def groups(self):
        """The rows the company handed in last of the item's section."""
        if not (self.current and self.versions):
            return []
        item, last = self.current, self.versions[0]
        if item.entry_id:
            return [group for group in last.groups_of("documentos") if group["title"] == item.title]
        return last.groups_of(condition_of(item.key).section, item.site_id)

    @cached_property
    def paper(self):
        """What was handed in of the catalogue's entry on the desk, with its files."""
        item = self.current
        if not (item and item.entry_id):
            return None
        papers = self.application.papers.with_files().select_related("entry")
        return papers.filter(entry=item.entry_id, site=item.site_id).first()

    @cached_property
    def document(self):
        """What was handed in of the licence or the ITSE on the desk, with its files."""
        item = self.current
        if not (item and item.site_id and item.key in SiteDocument.Kind.values):
            return None
        return SiteDocument.objects.read(site=item.site_id, kind=item.key)

    @cached_property
    def changes(self):
        """What the company changed since the version before, of the item's section and of the papers that prove it."""
        item = self.current
        if item is None or len(self.versions) < 2:
            return []
        found = readable(compare(self.versions[1].data, self.versions[0].data))
        if item.entry_id:
            return about(found, item)
        own = [change for change in found if change.section == item.section and change.site in (None, item.site_id)]
        proofs = about(found, item, [entry.title for entry in self.application.proofs_of(item)])
        return own + [change for change in proofs if change not in own]

    @property
    def opened(self):
        """What the company may change once the item on the desk is observed."""
        return self.application.opened_by(self.current)

    # What each act lacks

    def gates(self):
        application = self.application
        if self.is_reviewing:
            pending = application.missing_to_reject(self.today)
            unmet = [m for m in self.checklist.values() if not (m.done or m.waived or m.waiting)]
            alike = dict.fromkeys(("to_observe", "to_reject", "to_wait"), pending)
            return alike | {"to_admit": [*pending, *unmet]}
        waits, admits = application.can_move("waiting"), application.may_be_admitted
        asked = waits or admits
        seen = {"checklist": list(self.checklist.values()), "lifted": self.lifted, "taken": application.taken}
        unmet = application.missing_to_admit(self.today, **seen) if asked else []
        return {
            "to_observe": application.missing_to_observe() if application.in_review else [],
            "to_admit": unmet if admits else [],
            "to_reject": application.missing_to_reject(self.today) if application.may_be_rejected else [],
            "to_wait": application.missing_to_wait(self.today, unmet) if waits else [],
        }

    def waivable(self):
        """The conditions a waiver may lift now, as (key, label)."""
        if self.application.is_over:
            return []
        unmet = {m.key for m in self.checklist.values() if m.waivable and not m.done}
        refused = {item.missing_key for item in self.items if item.is_refused}
        names = {item.site_id: item.site.name for item in self.items if item.site_id}
        papers = {item.key: item.entry.title for item in self.items if item.entry_id}
        keys = [key for key in sorted(unmet | refused) if key not in self.lifted and is_waivable(key)]
        papers |= titles_of_papers([key for key in keys if key.partition(":")[0] not in papers])
        return [(key, condition_label(key, names, papers)) for key in keys]
