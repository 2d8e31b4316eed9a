from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Delivery, Duty, Event, Site
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet

from ..conditions import condition_of
from .checking import Checking
from .deciding import Deciding
from .edition import Edition
from .file_entries import Filed
from .mending import Mended
from .paper import Papered
from .reopening import UNDER_REVIEW, Locks, Reopened
from .review import Reviewed, ReviewedItem, Revised
from .submission import Submission
from .swearing import Sworn


class ApplicationQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        """Members of the company and PROMPERÚ's staff."""
        if user.is_programme_staff:
            return self
        return self.filter(company__in=Company.objects.belonging_to(user).values("pk"))

    def editable_by(self, user):
        return self.filter(company__in=Company.objects.edited_by(user))

    def followed_by(self, user):
        """Those of the companies `user` is a member of, readers included."""
        return self.filter(company__in=Company.objects.belonging_to(user).values("pk"))

    def for_page(self):
        read = self.select_related("edition__program", "company__activity")
        return read.prefetch_related("items__site", "items__entry")

    def signable_by(self, user):
        """Applications whose sworn statement `user` may accept: of companies they represent."""
        return self.filter(company__in=Company.objects.represented_by(user))

    def lapsed(self, on):
        """Observed ones whose company did not mend them in time."""
        return self.filter(state="observed", due_on__lt=on)

    def in_course(self, edition):
        """The company's application in `edition` that was not withdrawn, or None."""
        return self.filter(edition=edition).exclude(state="withdrawn").first()

    def note_section(self, section, *, by, on):
        """Keep, after papers of the company changed, who completed that section of its drafts."""
        for application in self.filter(state="draft").for_page():
            application.note_section(section, by=by, on=on)

    def asking(self, key):
        """The entry `key` in the catalogue of the edition the company applies to now, or None."""
        application = self.filter(state__in=self.model.IN_COURSE).select_related("edition").order_by("-pk").first()
        return application.edition.documents.asked().filter(key=key).first() if application else None

    def observed_on(self, site, kind):
        """The points PROMPERÚ sent back about the licence or the ITSE of a site, each with why."""
        items = ApplicationItem.objects.filter(application__in=self.filter(state="observed"), verdict="observed")
        return items.filter(site=site, key=kind)

    def handed_in_since(self, moment):
        """Whether one of them was handed in, the first time or mended, at `moment` or later."""
        return self.filter(revisions__submitted_at__gte=moment).exists()

    def locks(self):
        """What the applications under review keep closed among the company's papers."""
        return Locks(self.filter(state__in=UNDER_REVIEW).prefetch_related("items"))

    def lock_on(self, section, site=None, kind=""):
        """Why a section of the company's papers may not be edited now, or "" when it may."""
        return self.locks().sentence(section, site, kind)

    def reviewable_by(self, user):
        """All that were submitted once, for those who review; nothing for others."""
        if not user.has_duty(Duty.REVIEWER, Duty.COORDINATOR):
            return self.none()
        return self.exclude(submitted_at=None)

    def readable_in_panel(self, user):
        """All that were submitted once, for PROMPERÚ's staff; nobody reads a draft but the company."""
        return self.exclude(submitted_at=None) if user.is_programme_staff else self.none()

    def for_list(self):
        """With what a line of the list shows, and no other column of the four tables."""
        own = ("number", "state", "state_since", "due_on", "lapsed_at", "version", "submitted_at")
        others = ("company__legal_name", "company__ruc", "edition__name")
        names = [f"reviewer__{field}" for field in ("first_name", "last_name", "email")]
        return self.select_related("company", "edition", "reviewer").only(*own, *others, *names)

    def for_panel(self):
        items = ApplicationItem.objects.select_related("site__district", "entry", "decided_by")
        return (
            self.select_related(
                "company__activity",
                "edition__program",
                "reviewer",
                "proposed_by",
                "decided_by",
                "participation__letter",
            )
            .prefetch_related(models.Prefetch("items", items))
            .annotate(
                has_alike=models.Exists(Company.objects.near_to("company")),
                mail_waits=models.Exists(
                    Delivery.objects.filter(
                        state="held", notice__kind="admission", notice__company=models.OuterRef("company")
                    )
                ),
                taken=models.Subquery(Edition.objects.filter(pk=models.OuterRef("edition")).places_taken()),
                changed_since=models.Exists(changes_to_papers()),
            )
        )

    def to_review(self, *, proposed):
        """Those that wait for PROMPERÚ: for a decision on what was proposed, or to be reviewed."""
        return self.filter(to_be_reviewed(proposed=proposed))

    def with_next(self, user):
        """Each with `next_up`: what waits for `user` to review after it; what is theirs first, then what is nobody's.

        After the last of them comes the first. A proposal waits for those who coordinate alone.
        """
        others = self.model.objects.reviewable_by(user).filter(state__in=["submitted", "mended"])
        if not user.has_duty(Duty.COORDINATOR):
            others = others.filter(proposal="")
        this = models.OuterRef
        later = Q(state_since__gt=this("state_since")) | Q(state_since=this("state_since"), pk__gt=this("pk"))
        others = others.exclude(pk=this("pk")).order_by("state_since", "pk").values("pk")
        whose = (Q(reviewer=user), Q(reviewer=None), Q())
        firsts = [models.Subquery(others.filter(mine, turn)[:1]) for mine in whose for turn in (later, Q())]
        return self.annotate(next_up=Coalesce(*firsts))

    def decidable_by(self, user):
        """All that were submitted once, for those who coordinate."""
        return self.exclude(submitted_at=None) if user.has_duty(Duty.COORDINATOR) else self.none()


def to_be_reviewed(path="", *, proposed=False):
    """Handed in, and to be decided on what was proposed, or to be reviewed. path: that leads to the applications."""
    unproposed = Q(**{f"{path}proposal": ""})
    return Q(**{f"{path}state__in": ["submitted", "mended"]}) & (~unproposed if proposed else unproposed)


# Records whose change may change what an application shows, besides the company's own row.
PAPERS = ("companies.mandate", "companies.site", "companies.sitedocument", "companies.exportrecord", "programs.paper")


def changes_to_papers():
    """For a subquery: what happened to a company's papers, or to its edition, since it handed in last."""
    outermost = models.OuterRef(models.OuterRef("pk"))
    handed_in = ApplicationRevision.objects.filter(application=outermost).order_by("-number")
    theirs = Q(company=models.OuterRef("company"), object_type__in=PAPERS)
    signed = Q(object_type="programs.application", object_id=models.OuterRef("pk"), verb="sign")
    asked = Q(object_type="programs.edition", object_id=models.OuterRef("edition"))
    return Event.objects.filter(theirs | signed | asked, at__gt=models.Subquery(handed_in.values("submitted_at")[:1]))


class Application(Submission, Reopened, Mended, Sworn, Checking, Reviewed, Deciding, Filed, Papered, Stateful):
    """A company asks to take part in an edition. Facts S13-S19 are its items."""

    TOLD_TO_COMPANY = True

    class State(models.TextChoices):
        DRAFT = "draft", _("Borrador")
        SUBMITTED = "submitted", _("Presentada")
        OBSERVED = "observed", _("Observada")
        MENDED = "mended", _("Subsanada")
        WAITING = "waiting", _("En lista de espera")
        ADMITTED = "admitted", _("Admitida")
        REJECTED = "rejected", _("No admitida")
        WITHDRAWN = "withdrawn", _("Retirada")

    MOVES = {
        State.DRAFT: (State.SUBMITTED, State.WITHDRAWN),
        State.SUBMITTED: (State.OBSERVED, State.WAITING, State.ADMITTED, State.REJECTED, State.WITHDRAWN),
        State.OBSERVED: (State.MENDED, State.REJECTED, State.WITHDRAWN),
        State.MENDED: (State.OBSERVED, State.WAITING, State.ADMITTED, State.REJECTED, State.WITHDRAWN),
        State.WAITING: (State.ADMITTED, State.REJECTED, State.WITHDRAWN),
        State.ADMITTED: (),
        State.REJECTED: (State.SUBMITTED,),  # an appeal was upheld
        State.WITHDRAWN: (),
    }
    TURN = {
        State.DRAFT: Party.COMPANY,
        State.SUBMITTED: Party.STAFF,
        State.OBSERVED: Party.COMPANY,
        State.MENDED: Party.STAFF,
        State.WAITING: Party.STAFF,
        State.ADMITTED: Party.NOBODY,
        State.REJECTED: Party.NOBODY,
        State.WITHDRAWN: Party.NOBODY,
    }

    # Neither decided nor withdrawn: its papers must stay in force.
    IN_COURSE = (State.DRAFT, State.SUBMITTED, State.OBSERVED, State.MENDED, State.WAITING)

    class Outcome(models.TextChoices):
        ADMIT = "admit", _("Admitir")
        REJECT = "reject", _("No admitir")

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="applications")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="applications")
    state = models.CharField(_("estado"), max_length=12, choices=State, default=State.DRAFT)
    # EXP-{year}-{00000}, given with the first submission.
    number = models.CharField(_("expediente"), max_length=20, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("presentada el"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("plazo para subsanar"), null=True, blank=True)
    # The day counter: from which notice the business days to mend run, and whether somebody was told that they passed.
    due_from = models.DateField(_("plazo desde"), null=True, blank=True)
    lapsed_at = models.DateTimeField(_("plazo vencido, avisado el"), null=True, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="applications_to_review",
    )
    # The reviewer proposes, the coordinator decides.
    proposal = models.CharField(_("propuesta"), max_length=10, choices=Outcome, blank=True)
    proposal_grounds = models.TextField(_("sustento de la propuesta"), blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_grounds = models.TextField(_("motivación"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        verbose_name = _("postulación")
        verbose_name_plural = _("postulaciones")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "edition"],
                condition=~Q(state="withdrawn"),
                name="application_once_per_company_and_edition",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(number__isnull=False, submitted_at__isnull=False),
                name="application_submitted_has_its_number",
            ),
        ]

    def __str__(self):
        return self.number or f"{self.company} · {self.edition}"


class ApplicationItem(ReviewedItem, models.Model):
    """One thing the reviewer decides about: a fact S13-S19, or a site's papers."""

    class Verdict(models.TextChoices):
        PENDING = "pending", _("Por revisar")
        ACCEPTED = "accepted", _("Aceptado")
        OBSERVED = "observed", _("Observado")
        REJECTED = "rejected", _("Rechazado")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=40)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Of a paper of the catalogue: which. Licence and ITSE have none; their key says it.
    entry = models.ForeignKey(
        "programs.RequiredDocument", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(_("decisión"), max_length=10, choices=Verdict, default=Verdict.PENDING)
    reason = models.TextField(_("motivo"), blank=True)
    # What the company changed after an observation, in its words; cleared with a new observation.
    answer = models.TextField(_("qué corrigió"), blank=True)
    mended_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # Two reviewers who decide at once conflict visibly.
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("punto de la postulación")
        verbose_name_plural = _("puntos de la postulación")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "key"], condition=Q(site=None), name="application_item_once"
            ),
            models.UniqueConstraint(
                fields=["application", "key", "site"],
                condition=Q(site__isnull=False),
                name="application_item_once_per_site",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["observed", "rejected"]) | ~Q(reason=""),
                name="application_item_refused_with_reason",
            ),
        ]

    def __str__(self):
        return self.key

    @property
    def missing_key(self):
        """The key of the same condition in the checklist of eligibility."""
        return f"{self.key}:{self.site_id}" if self.site_id else self.key

    @property
    def title(self):
        label = self.entry.title if self.entry_id else condition_of(self.key).label
        return f"{self.site.name}: {label}" if self.site_id else str(label)

    @property
    def section(self):
        """Where the company mends it; "" when it is mended outside (a debt, the RUC)."""
        return condition_of(self.key).section

    @property
    def is_observed(self):
        return self.verdict == self.Verdict.OBSERVED

    @property
    def is_to_mend(self):
        return self.is_observed and self.mended_at is None


class ApplicationRevision(Revised, models.Model):
    """What the company handed in, as it was: one snapshot a submission."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    data = models.JSONField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    # The application record as PDF, made by the worker.
    record = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        verbose_name = _("versión presentada")
        verbose_name_plural = _("versiones presentadas")
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="application_revision_once")]

    def __str__(self):
        return f"{self.application} v{self.number}"
