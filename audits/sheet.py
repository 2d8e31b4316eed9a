"""The sheet of one aspect: its checks as the rows of one form, each recorded for itself by Audit.record."""

from copy import copy
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count
from django.utils.functional import cached_property

from audits.forms.sheet import LineForm
from audits.models import Audit, Check
from audits.models.findings import StaleCheck
from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.models import Fulfilment

# A form of more rows would pass the number of fields a request may carry; then one place at a time is shown.
MOST_ROWS = 300


@dataclass
class Line:
    check: Check
    form: LineForm | None
    files: int


class Sheet:
    """The checks of the aspect `code`, all or those of one place: a site's id or "organizacion"."""

    def __init__(self, audit, code, place=""):
        self.audit, self.left = audit, {}
        self.aspects = list(audit.checks.by_aspect())
        self.codes = [aspect["code"] for aspect in self.aspects]
        self.at = self.codes.index(code) if code in self.codes else None
        self.place = self._asked(place) if self.at is not None else ""

    def _asked(self, place):
        """`place` when it has checks here; else all, or the first place when all would not fit."""
        if place in dict(self.places):
            return place
        return "" if self.aspect["total"] <= MOST_ROWS else self.places[0][0]

    @property
    def aspect(self):
        return self.aspects[self.at]

    @property
    def previous(self):
        return self.aspects[self.at - 1] if self.at else None

    @property
    def following(self):
        return self.aspects[self.at + 1] if self.at + 1 < len(self.aspects) else None

    @cached_property
    def _all(self):
        checks = self.audit.checks.for_checklist().filter(requirement__aspect__code=self.aspect["code"])
        return list(checks.select_related("requirement__aspect", "site", "answered_by", "nonconformity"))

    @cached_property
    def places(self):
        """(value for the address, name) of the organisation and of each site with checks here; "" is the former."""
        found = {(str(check.site_id or "organizacion"), str(check.site or "")) for check in self._all}
        return sorted(found, key=lambda place: place[1])

    @property
    def checks(self):
        asked = [check for check in self._all if str(check.site_id or "organizacion") == self.place]
        return asked or self._all

    @property
    def is_open(self):
        return self.audit.state == Audit.State.STARTED

    @property
    def groups(self):
        """(site or None, its lines): the organisation first, then site by site."""
        files = self._files()
        ordered = sorted(self.checks, key=lambda check: (check.site_id or 0, check.requirement.number))
        for _site, checks in groupby(ordered, key=lambda check: check.site_id):
            lines = [Line(check, self._form(check), files.get(self._place(check), 0)) for check in checks]
            yield lines[0].check.site, lines

    @property
    def refused(self):
        """The rows that were not recorded, in the order of the page."""
        return [line for _site, lines in self.groups for line in lines if line.check.pk in self.left]

    def save(self, data, *, by):
        """Record each row of `data` that `by` changed, in a transaction of its own; return how many were.

        What was not recorded stays in `left`, as it was typed and with its sentence.
        """
        recorded = sum(self._record(check, LineForm(data, instance=copy(check)), by) for check in self.checks)
        self._reload()
        return recorded

    def _record(self, check, form, by):
        if not form.was_changed:
            return False
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in ("version", *form.Meta.fields)}
            try:
                # The sheet does not ask for the persons: what another page recorded of them stays.
                self.audit.record(check, by=by, persons=check.persons, **values)
                return True
            except StaleCheck as refusal:
                form.refuse(str(refusal), version=self.audit.checks.values_list("version", flat=True).get(pk=check.pk))
            except IllegalMove as refusal:
                form.refuse(str(refusal))
        self.left[check.pk] = form
        return False

    def _reload(self):
        del self.__dict__["_all"]
        self.aspects = list(self.audit.checks.by_aspect())

    def _form(self, check):
        """What was typed and refused; else a fresh form, unless the check can no longer be answered."""
        if check.pk in self.left:
            return self.left[check.pk]
        if not self.is_open or check.nonconformity_or_none:
            return None
        return LineForm(instance=copy(check))

    def _files(self):
        """How many proofs the company handed in, by requirement and site."""
        rows = Fulfilment.objects.filter(
            assessment=self.audit.scope.assessment_id, requirement__in={check.requirement_id for check in self.checks}
        )
        counted = rows.order_by().annotate(files=Count("links")).values_list("requirement", "site", "files")
        return {(requirement, site): files for requirement, site, files in counted}

    @staticmethod
    def _place(check):
        return check.requirement_id, check.site_id
