from collections import Counter

from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event, Site
from ecoeficiencia.changes import differences, in_force

from .standard import Aspect, Condition, Requirement, StandardVersion


class SiteFlagQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(site__company__in=Company.objects.worked_on_by(user))

    def replace(self, chosen, *, by, on):
        """Write the profile of some sites of one company and bring its open assessments up to date.

        chosen: {site: keys it meets}, each site with its `in_scope` as it shall be.
        Returns how many rows were opened and closed.
        """
        company = next(iter(chosen)).company
        with transaction.atomic():
            scopes = {site.pk: in_force(site, ["in_scope"]) for site in chosen}
            Site.objects.bulk_update(chosen, ["in_scope"])
            kept = {(flag.site_id, flag.key): flag for flag in self.filter(site__in=chosen)}
            for site, keys in chosen.items():
                had = sorted(key for pk, key in kept if pk == site.pk)
                self._record(site, by, scopes[site.pk], had, sorted(keys))
            wanted = {(site.pk, key) for site, keys in chosen.items() for key in keys}
            self.filter(pk__in=[flag.pk for where, flag in kept.items() if where not in wanted]).delete()
            self.bulk_create(SiteFlag(site_id=site, key=key) for site, key in sorted(wanted - set(kept)))
            return Assessment.objects.sync(company, by=by, on=on)

    def _record(self, site, by, scope, had, has):
        """The site's line of history: its scope and the conditions it meets, in the words of the newest version."""
        changes = differences(site, scope)
        if had != has:
            named = Condition.objects.filter(key__in={*had, *has}).order_by("pk")
            words = dict(named.values_list("key", "description"))
            changes[str(self.model._meta.verbose_name_plural)] = [
                "; ".join(words.get(key, key) for key in keys) for keys in (had, has)
            ]
        if changes:
            Event.record(site, by=by, verb="edit", changes=changes)


class SiteFlag(models.Model):
    """A condition of the standard that a site meets, by key so that it outlives versions."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="flags")
    key = models.SlugField(max_length=60)

    objects = SiteFlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("condición de la sede")
        verbose_name_plural = _("condiciones de las sedes")
        constraints = [models.UniqueConstraint(fields=["site", "key"], name="site_flag_once")]

    def __str__(self):
        return f"{self.site}: {self.key}"


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members, the assigned monitor and staff; auditors reach the rows through their audit."""
        return self.filter(company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        return self.filter(company__in=Company.objects.edited_by(user))

    def reviewable_by(self, user):
        return self.filter(company__in=Company.objects.monitored_by(user))

    def current(self):
        """The assessment a company works on: the last one opened."""
        return self.select_related("company", "standard_version", "participation__edition").order_by(
            "-opened_at", "-pk"
        )

    def open(self, *, company, standard_version, sites, by, on=None):
        """Open the assessment of `company` over `sites`: scope 1, a row for whatever applies, counters. Set-based."""
        sites = list(sites)
        with transaction.atomic():
            wanted = applying(standard_version, company, sites, on or timezone.localdate())
            assessment = self.create(company=company, standard_version=standard_version, applicable=len(wanted))
            assessment.rescope(sites, number=1)
            assessment.fulfilments.bulk_create(assessment.rows(wanted))
            per_aspect = Counter(wanted.values())
            AspectProgress.objects.bulk_create(
                AspectProgress(assessment=assessment, aspect_id=aspect, applicable=count)
                for aspect, count in per_aspect.items()
            )
            Event.record(assessment, by=by, verb="create", data={"rows": len(wanted)})
        return assessment

    def sync(self, company, *, by, on):
        """Bring the rows of the open assessments of `company` in line with its sites and their profile.

        Returns (opened, closed), how many rows began and ceased to apply.
        """
        opened = closed = 0
        for assessment in self.filter(company=company, closed_at=None):
            more, fewer = assessment.sync(by=by, on=on)
            opened, closed = opened + more, closed + fewer
        return opened, closed

    def recount(self):
        """Write all counters of these assessments anew from their rows; for imports, never for one change."""
        rows = self.model._meta.get_field("fulfilments").related_model.objects.filter(assessment__in=self)
        counts = {
            (row.pop("assessment"), row.pop("requirement__aspect")): row
            for row in rows.values("assessment", "requirement__aspect").annotate(**COUNTED).order_by()
        }
        kept = AspectProgress.objects.filter(assessment__in=self).order_by()
        with transaction.atomic():
            kept.delete()
            kept.bulk_create(
                [AspectProgress(assessment_id=a, aspect_id=aspect, **row) for (a, aspect), row in counts.items()]
            )
            totals = {}
            for (pk, _aspect), row in counts.items():
                totals.setdefault(pk, Counter()).update(row)
            assessments = [
                self.model(pk=pk, **{name: totals.get(pk, {}).get(name, 0) for name in TOTALS})
                for pk in self.values_list("pk", flat=True)
            ]
            self.model.objects.bulk_update(assessments, TOTALS, batch_size=200)


TOTALS = ("applicable", "accepted", "submitted", "returned")
_LIVE = Q(closed_on=None)
COUNTED = {
    "applicable": Count("pk", filter=_LIVE & ~Q(state="not_applicable")),
    "accepted": Count("pk", filter=_LIVE & Q(state="accepted")),
    "submitted": Count("pk", filter=_LIVE & Q(state__in=["submitted", "claimed_na"])),
    "returned": Count("pk", filter=_LIVE & Q(state="returned")),
    "started": Count("pk", filter=_LIVE & Q(state="open", work__gt=0)),
}


def applying(version, company, sites, on):
    """What applies to `company` at `sites`: {(requirement, site or None): aspect}, all primary keys.

    A requirement of the organisation applies when any site meets its condition. The condition «has the right to use
    the mark» is met by a licence in force on `on`, whatever anybody ticked.
    """
    flags = {site.pk: set() for site in sites}
    for site, key in SiteFlag.objects.filter(site__in=sites).values_list("site", "key"):
        flags[site].add(key)
    licensed = models.Exists(Company.objects.filter(pk=company.pk, **_licence_in_force(on)))
    rows = Requirement.objects.filter(version=version).filter(~Q(condition__key=Condition.LICENSED) | licensed)
    return matching(rows.values_list("pk", "aspect", "level", "condition__key"), flags)


def matching(requirements, flags):
    """Which of the (pk, aspect, level, condition) given apply, as `applying`; flags: {site: keys it meets}."""
    anywhere = set().union(*flags.values())
    wanted = {}
    for pk, aspect, level, key in requirements:
        free = key is None or key == Condition.LICENSED
        if level == Requirement.Level.ORGANISATION:
            if free or key in anywhere:
                wanted[pk, None] = aspect
        else:
            wanted |= {(pk, site): aspect for site, met in flags.items() if free or key in met}
    return wanted


def _licence_in_force(on):
    path = "certificates__licence__"
    return {path + "state": "issued", path + "valid_from__lte": on, path + "valid_until__gte": on}


class Assessment(models.Model):
    """One company against one standard version. The counters are kept by Fulfilment's only writer."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="assessments")
    standard_version = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="assessments")
    opened_at = models.DateTimeField(_("abierta el"), default=timezone.now)
    closed_at = models.DateTimeField(_("cerrada el"), null=True, blank=True)
    applicable = models.PositiveIntegerField(default=0, editable=False)
    accepted = models.PositiveIntegerField(default=0, editable=False)
    submitted = models.PositiveIntegerField(default=0, editable=False)
    returned = models.PositiveIntegerField(default=0, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluación")
        verbose_name_plural = _("evaluaciones")
        indexes = [models.Index(fields=["company", "-opened_at"], name="assessment_of_company")]

    def __str__(self):
        return f"{self.company} · {self.standard_version}"

    def event_company(self):
        return self.company

    @property
    def progress(self):
        """Share of applicable rows accepted, 0 to 1. The one definition used everywhere."""
        return self.accepted / self.applicable if self.applicable else 0.0

    @property
    def percent(self):
        return round(self.progress * 100)

    def recount(self):
        Assessment.objects.filter(pk=self.pk).recount()
        self.refresh_from_db(fields=TOTALS)

    def count(self, aspect, change):
        """Add `change` ({counter: ±n}) to the counters of the whole and of `aspect`. Called by Fulfilment only."""
        change = {name: by for name, by in change.items() if by}
        if change:
            AspectProgress.objects.filter(assessment=self.pk, aspect=aspect).update(
                **{name: F(name) + by for name, by in change.items()}
            )
        if total := {name: F(name) + by for name, by in change.items() if name in TOTALS}:
            Assessment.objects.filter(pk=self.pk).update(**total)

    def rows(self, wanted):
        model = self._meta.get_field("fulfilments").related_model
        return [model(assessment=self, requirement_id=requirement, site_id=site) for requirement, site in wanted]

    def rescope(self, sites, number=None):
        """Write the next version of the scope; earlier ones stay as they were."""
        last = None if number else self.scopes.first()
        scope = self.scopes.create(
            number=number or (last.number + 1 if last else 1),
            processes=last.processes if last else "",
            products=last.products if last else "",
        )
        links = Scope.sites.through
        links.objects.bulk_create([links(scope=scope, site=site) for site in sites])
        return scope

    def sync(self, *, by, on):
        """Open the rows that now apply and close those that no longer do; nothing is deleted. Returns both counts."""
        with transaction.atomic():
            Assessment.objects.select_for_update().get(pk=self.pk)
            sites = list(Site.objects.filter(company=self.company_id, in_scope=True, closed_on=None))
            wanted = applying(self.standard_version_id, self.company, sites, on)
            known = {(row.requirement_id, row.site_id): row for row in self.fulfilments.all()}
            fresh = [key for key in wanted if key not in known]
            back = [row.pk for key, row in known.items() if key in wanted and row.closed_on]
            gone = [row.pk for key, row in known.items() if key not in wanted and not row.closed_on]
            self.fulfilments.bulk_create(self.rows(fresh))
            self.fulfilments.filter(pk__in=back).update(closed_on=None, version=F("version") + 1)
            self.fulfilments.filter(pk__in=gone).update(closed_on=on, version=F("version") + 1)
            scope = self.scopes.first()
            if scope is None or {s.pk for s in scope.sites.all()} != {s.pk for s in sites}:
                self.rescope(sites)
            if fresh or back or gone:
                self.recount()
                Event.record(self, by=by, verb="sync", data={"opened": len(fresh) + len(back), "closed": len(gone)})
        return len(fresh) + len(back), len(gone)


class AspectProgressQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(assessment__in=Assessment.objects.visible_to(user))


class AspectProgress(models.Model):
    """Kept counters of one assessment and aspect, so that no page loops over rows to count them."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="by_aspect")
    aspect = models.ForeignKey(Aspect, on_delete=models.PROTECT, related_name="+")
    applicable = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    submitted = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    started = models.PositiveIntegerField(default=0)  # work begun, not handed in

    objects = AspectProgressQuerySet.as_manager()

    class Meta:
        ordering = ["aspect__position"]
        verbose_name = _("avance por aspecto")
        verbose_name_plural = _("avances por aspecto")
        constraints = [models.UniqueConstraint(fields=["assessment", "aspect"], name="aspect_progress_once")]

    def __str__(self):
        return f"{self.aspect}: {self.accepted}/{self.applicable}"

    @property
    def untouched(self):
        return self.applicable - self.accepted - self.submitted - self.returned - self.started


class ScopeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(assessment__in=Assessment.objects.visible_to(user))


class Scope(models.Model):
    """Which sites, processes and products are assessed. Frozen once an audit or a certificate refers to it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scopes")
    number = models.PositiveSmallIntegerField(_("versión"), default=1)
    sites = models.ManyToManyField(Site, related_name="scopes", verbose_name=_("sedes"))
    processes = models.TextField(_("procesos"), blank=True)
    products = models.CharField(_("líneas de producto"), max_length=300, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopeQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("alcance")
        verbose_name_plural = _("alcances")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="scope_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="scope_number_above_zero"),
        ]

    def __str__(self):
        return f"{self.assessment} v{self.number}"
