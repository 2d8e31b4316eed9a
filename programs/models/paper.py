"""The papers a company hands in under its edition's catalogue: each made of files, each file with its versions."""

from contextlib import contextmanager

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from companies.models.kept_file import THERE_OR_SAYS_WHY_NOT, FileVersion, FileVersionQuerySet, Holder, files_of
from companies.models.versioned import Versioned
from ecoeficiencia.lifecycle import IllegalMove
from programs.papers import PREFIX, slots_of


class PaperQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members of the company, and PROMPERÚ's staff once it was handed in."""
        if user.is_programme_staff:
            return self.exclude(application__submitted_at=None)
        return self.filter(application__company__in=Company.objects.belonging_to(user).values("pk"))

    def ending(self, first, last):
        """Papers with a file that counts whose validity ends within these days, with what a line of a list shows."""
        counting = PaperFile.objects.counting().filter(paper=models.OuterRef("pk"))
        rows = self.filter(models.Exists(counting), valid_until__range=(first, last))
        return rows.select_related("entry", "site", "application__company")

    def with_files(self):
        return self.prefetch_related(files_of(PaperFile))


class Paper(Holder, Versioned):
    """What an application holds of one entry of the catalogue, for the company or for one site."""

    TOLD_TO_COMPANY = True

    application = models.ForeignKey("programs.Application", on_delete=models.PROTECT, related_name="papers")
    entry = models.ForeignKey("programs.RequiredDocument", on_delete=models.PROTECT, related_name="papers")
    site = models.ForeignKey("companies.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField(_("emitido el"), null=True, blank=True)
    valid_until = models.DateField(_("vence el"), null=True, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("documento presentado")
        verbose_name_plural = _("documentos presentados")
        constraints = [
            models.UniqueConstraint(fields=["application", "entry"], condition=Q(site=None), name="paper_once"),
            models.UniqueConstraint(
                fields=["application", "entry", "site"], condition=Q(site__isnull=False), name="paper_once_per_site"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(issued_on=None) | Q(valid_until__gte=models.F("issued_on")),
                name="paper_ends_after_its_issue",
            ),
        ]

    def __str__(self):
        return f"{self.site.name}: {self.entry.title}" if self.site_id else self.entry.title

    def event_company(self):
        return self.application.company

    @property
    def key(self):
        return PREFIX + self.entry.key

    @property
    def address(self):
        """Its page at the company's door."""
        return reverse("empresa:paper", args=[self.application_id, self.entry_id, self.site_id or 0])

    def date(self, *, by, issued_on, valid_until):
        """Note the days the paper bears; raises IllegalMove when somebody else did meanwhile."""
        self.issued_on, self.valid_until = issued_on, valid_until
        self.save_edit(by=by, fields=["issued_on", "valid_until"])


class PaperFileQuerySet(FileVersionQuerySet):
    def visible_to(self, user):
        return self.filter(paper__in=Paper.objects.visible_to(user))

    def editable_by(self, user):
        """Files of the companies `user` works at. Whether they may change now is the application's business."""
        return self.filter(paper__application__company__in=Company.objects.edited_by(user))


class PaperFile(FileVersion):
    """One file of a paper; what was handed in keeps its bytes."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="files")
    handed_in_at = models.DateTimeField(_("presentado el"), null=True, blank=True)

    objects = PaperFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("archivo de un documento")
        verbose_name_plural = _("archivos de documentos")
        constraints = [
            models.CheckConstraint(condition=THERE_OR_SAYS_WHY_NOT, name="paper_file_is_there_or_says_why_not")
        ]

    @property
    def holder(self):
        return self.paper

    @property
    def was_handed_in(self):
        return self.handed_in_at is not None

    @property
    def url(self):
        return reverse("public:paper_file", args=[self.pk])


class Papered:
    """An application's half that holds its papers."""

    def slots(self, on):
        """Every paper its edition's catalogue speaks of, with what was handed in."""
        company = self.company
        sites = list(company.sites.filter(in_scope=True, closed_on=None))
        return slots_of(
            company, self.edition, mandate=company.mandate_on(on), sites=sites, papers=self.papers.with_files()
        )

    def slot(self, entry, site, on):
        """The slot of entry id `entry` and site id `site` (None: the company's own), or None."""
        return next((s for s in self.slots(on) if s.entry.pk == entry and (s.site and s.site.pk) == site), None)

    def may_change(self, slot):
        """Whether the company may change this paper now: it is open, or what was mended asks for it only now."""
        return self.reopens("documentos", slot.site, slot.key) or (
            self.state == self.State.OBSERVED
            and slot.is_needed
            and not any(item.missing_key == slot.missing_key for item in self.items.all())
        )

    def known_issue(self, slot, on):
        """The day of issue of a paper that the application tells elsewhere, or None: that of the power of attorney."""
        if slot.entry.proves != "representation" or slot.entry.validity != slot.entry.Validity.RECENT:
            return None
        mandate = self.company.mandate_on(on)
        return mandate and mandate.power_issued_on

    @contextmanager
    def changing(self, slot):
        """Change a paper, taking turns with whoever hands the application in. Raises IllegalMove when it is closed."""
        with transaction.atomic():
            self.company.lock_row()
            now = type(self).objects.for_page().get(pk=self.pk)
            if not now.may_change(slot):
                raise IllegalMove(now.lock_sentence())
            yield

    def hand_paper(self, slot, *, by, files=()):
        """Keep files for one paper, and the paper itself with the first. Return it and the files that are new."""
        with self.changing(slot):
            paper, _new = self.papers.get_or_create(entry=slot.entry, site=slot.site)
            return paper, paper.add_files(files, by=by)

    def stamp_papers(self, now):
        """Note that the files that count were handed in now."""
        PaperFile.objects.counting().filter(paper__application=self, handed_in_at=None).update(handed_in_at=now)
