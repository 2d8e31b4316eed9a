from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import Event
from companies.models.versioned import Versioned
from ecoeficiencia.lifecycle import IllegalMove
from programs.parameters import PARAMETERS, Setting, words_of
from requirements_std.models import Standard, StandardVersion

from .keepers import KEEPERS
from .letter_text import Lettered
from .required import Catalogued

DATES = (
    "opens_on",
    "closes_on",
    "implementation_starts_on",
    "implementation_ends_on",
    "preaudit_starts_on",
    "preaudit_ends_on",
    "external_starts_on",
    "external_ends_on",
)

GONE = ("withdrawn", "excluded")  # the states of a participation that leave its place free


class ProgramQuerySet(models.QuerySet):
    def managed_by(self, user):
        return self if user.has_duty(*KEEPERS) else self.none()


class Program(models.Model):
    code = models.SlugField(_("código"), unique=True)
    name = models.CharField(_("nombre"), max_length=200)
    owner = models.CharField(_("a cargo de"), max_length=200)
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="programs")
    mark_name = models.CharField(_("nombre de la marca"), max_length=200, blank=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("programa")
        verbose_name_plural = _("programas")

    def __str__(self):
        return self.name

    def parameter(self, key):
        """The value of `key` in the programme: its own, else our default."""
        row = self.parameters.filter(key=key).first()
        return PARAMETERS[key].default if row is None else PARAMETERS[key].kind(row.value)

    @property
    def ruc_prefixes(self):
        return words_of(self.parameter("ruc_prefixes"))

    def settings(self):
        """Every parameter as it stands for the programme, with its history."""
        return _settings(program=list(self.parameters.select_related("set_by").order_by("pk")))

    def set_parameter(self, key, value, *, note, by):
        return _set_parameter(self, key, value, note=note, by=by, program=self)


class EditionQuerySet(models.QuerySet):
    def open_on(self, day):
        return self.filter(published=True, opens_on__lte=day, closes_on__gte=day)

    def for_public(self):
        """Editions with how much their standard asks and how many workshops they give."""
        return self.select_related("program", "standard_version").annotate(
            aspect_count=Count("standard_version__aspects", distinct=True),
            requirement_count=Count("standard_version__requirements", distinct=True),
            workshop_count=Count("workshops", filter=Q(workshops__number__gt=0), distinct=True),
        )

    def managed_by(self, user):
        """Editions whose dates and parameters `user` sets."""
        return self if user.has_duty(*KEEPERS) else self.none()

    def places_taken(self):
        """For a subquery: the places taken of each."""
        here = Count("participations", filter=~Q(participations__state__in=GONE))
        return self.order_by().annotate(places=here).values("places")

    def begun_on(self, day):
        """The published ones that opened by `day`, the last first; `under_way`: whether companies still are on it."""
        from .application import UNDER_REVIEW, Application
        from .participation import Participation

        here = {"edition": OuterRef("pk")}
        applying = Application.objects.filter(state__in=[*UNDER_REVIEW, "waiting"], **here)
        taking_part = Participation.objects.filter(**here).in_course()
        begun = self.filter(published=True, opens_on__lte=day)
        return begun.annotate(under_way=Exists(taking_part) | Exists(applying))


class Edition(Catalogued, Lettered, Versioned):
    """One cohort. It may run over several calendar years; every date belongs to it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="editions")
    name = models.CharField(_("nombre"), max_length=100)
    year = models.PositiveSmallIntegerField(_("año"))
    standard_version = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="editions")
    published = models.BooleanField(_("publicada"), default=False)
    opens_on = models.DateField(_("abre la convocatoria"))
    closes_on = models.DateField(_("cierra la convocatoria"))
    quota = models.PositiveSmallIntegerField(_("cupo"), null=True, blank=True)
    implementation_starts_on = models.DateField(_("inicio de la implementación"), null=True, blank=True)
    implementation_ends_on = models.DateField(_("fin de la implementación"), null=True, blank=True)
    preaudit_starts_on = models.DateField(_("inicio de las preauditorías"), null=True, blank=True)
    preaudit_ends_on = models.DateField(_("fin de las preauditorías"), null=True, blank=True)
    external_starts_on = models.DateField(_("inicio de las auditorías externas"), null=True, blank=True)
    external_ends_on = models.DateField(_("fin de las auditorías externas"), null=True, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_on"]
        verbose_name = _("edición")
        verbose_name_plural = _("ediciones")
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="edition_name_once_per_program"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="edition_closes_after_it_opens"),
        ]

    def __str__(self):
        return self.name

    def milestones(self):
        """The stages that have dates: label, first and last day."""
        stages = (
            (_("Convocatoria"), self.opens_on, self.closes_on),
            (_("Implementación"), self.implementation_starts_on, self.implementation_ends_on),
            (_("Preauditorías"), self.preaudit_starts_on, self.preaudit_ends_on),
            (_("Auditorías externas"), self.external_starts_on, self.external_ends_on),
        )
        return [stage for stage in stages if stage[1]]

    def is_open_on(self, day):
        return self.published and self.opens_on <= day <= self.closes_on

    @cached_property
    def _parameters(self):
        rows = ParameterValue.objects.filter(Q(edition=self) | Q(program=self.program_id)).order_by("pk")
        # The edition's own word wins over the programme's; among equals the last one.
        return {r.key: r for r in sorted(rows, key=lambda r: (r.edition_id is not None, r.pk))}

    def parameter(self, key):
        """The value of `key` in this edition: its own, else the programme's, else our default."""
        row = self._parameters.get(key)
        return PARAMETERS[key].default if row is None else PARAMETERS[key].kind(row.value)

    def create_workshops(self):
        """Give the edition T0-T10 as the source lists them; those it has stay as they are. Returns how many are new."""
        from .training import WORKSHOPS, Workshop

        there = set(self.workshops.values_list("number", flat=True))
        new = [Workshop(edition=self, number=n, name=name, hours=h) for n, name, h in WORKSHOPS if n not in there]
        Workshop.objects.bulk_create(new, ignore_conflicts=True)
        return len(new)

    def settings(self):
        """Every parameter as it stands for the edition, with its history and the programme's."""
        return _settings(
            program=list(self.program.parameters.select_related("set_by").order_by("pk")),
            edition=list(self.parameters.select_related("set_by").order_by("pk")),
        )

    def set_parameter(self, key, value, *, note, by):
        row = _set_parameter(self, key, value, note=note, by=by, edition=self)
        self.__dict__.pop("_parameters", None)
        return row

    @property
    def observation_days(self):
        return self.parameter("observation_days")

    def event_company(self):
        return None

    def hold(self):
        """Take the edition's row until the transaction ends, so that places are given one by one."""
        type(self).objects.filter(pk=self.pk).update(quota=F("quota"))

    def places_taken(self):
        """Companies admitted and not gone."""
        return self.participations.exclude(state__in=GONE).count()

    def has_places(self, taken=None):
        """taken: what `places_taken` said, where it was asked already."""
        return self.quota is None or (self.places_taken() if taken is None else taken) < self.quota

    def waiting_list(self):
        """The applications that qualify and found no place, who waits longest first."""
        return self.applications.filter(state="waiting").order_by("decided_at", "pk")

    def missing_to_publish(self):
        missing = []
        if not self.standard_version.is_frozen:
            missing.append(_("La versión del estándar aún no está publicada."))
        if not self.workshops.exists():
            missing.append(_("La edición no tiene talleres."))
        return missing

    def publish(self, *, by):
        """Show the call to everybody from its opening day. Raises IllegalMove with what is missing."""
        if self.published:
            raise IllegalMove(_("Esta edición ya está publicada."))
        if missing := self.missing_to_publish():
            raise IllegalMove(" ".join(str(m) for m in missing))
        with transaction.atomic():
            self.published = True
            self.save_edit(by=by, fields=["published"])
            Event.record(self, by=by, verb="publish")

    def clone(self, *, name, opens_on, by):
        """A draft edition opening on `opens_on`: this one's dates moved, its workshops, parameters, papers and letters.

        Raises IllegalMove when the programme has an edition of that name.
        """
        by_days = opens_on - self.opens_on
        moved = {field: getattr(self, field) and getattr(self, field) + by_days for field in DATES}
        kept = {"program": self.program, "standard_version": self.standard_version, "quota": self.quota}
        try:
            with transaction.atomic():
                new = type(self).objects.create(name=name, year=opens_on.year, **kept, **moved)
                for row in self.parameters.order_by("pk"):
                    new.parameters.create(
                        key=row.key, value=row.value, note=_("Copiado de %(edition)s") % {"edition": self}, set_by=by
                    )
                new.copy_documents(self)
                new.copy_letters(self, by=by)
                for workshop in self.workshops.all():
                    new.workshops.create(number=workshop.number, name=workshop.name, hours=workshop.hours)
                Event.record(new, by=by, verb="clone", note=str(self))
        except IntegrityError:
            raise IllegalMove(_("Ya hay una edición con el nombre «%(name)s».") % {"name": name}) from None
        return new

    def parameter_row(self, key):
        """The row that sets `key`, or None when our default stands."""
        return self._parameters.get(key)


class ParameterValue(models.Model):
    """A parameter somebody set. Rows are only added: the last one counts, the others are its history."""

    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.PROTECT, related_name="parameters")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="parameters")
    key = models.CharField(max_length=40)
    value = models.CharField(_("valor"), max_length=200)
    note = models.CharField(_("sustento"), max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("parámetro")
        verbose_name_plural = _("parámetros")
        constraints = [
            models.CheckConstraint(
                condition=Q(program=None, edition__isnull=False) | Q(program__isnull=False, edition=None),
                name="parameter_of_a_program_or_an_edition",
            )
        ]

    def __str__(self):
        return f"{PARAMETERS[self.key].label}: {self.value}"

    @property
    def number(self):
        """What tells this word on the parameter from the ones before."""
        return self.pk


def _set_parameter(record, key, value, *, note, by, **owner):
    """Add a row: the ones before are the history. `value` was checked by the form."""
    with transaction.atomic():
        before = record.parameter(key)
        row = ParameterValue.objects.create(key=key, value=str(value), note=note, set_by=by, **owner)
        changes = {str(PARAMETERS[key].label): [str(before), str(value)]}
        Event.record(record, by=by, verb="set", new=key, note=note, changes=changes)
    return row


def _settings(*, program, edition=()):
    """Every parameter with the rows that set it, the last one first."""
    return [
        Setting(
            parameter,
            [r for r in reversed(program) if r.key == key],
            [r for r in reversed(edition) if r.key == key],
        )
        for key, parameter in PARAMETERS.items()
    ]
