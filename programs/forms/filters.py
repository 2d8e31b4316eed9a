"""Filters of the panel's lists; all of them live in the address."""

import re

import django_filters as filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty, User
from companies.models.places import DEPARTMENTS
from companies.sectors import SECTORS
from ecoeficiencia.workdays import decreed_days, workdays_before
from programs.models import Application, Edition, MonitorAssignment, Participation

HANDED_IN = [(value, label) for value, label in Application.State.choices if value != "draft"]
WAITING = [("por-revisar", _("Por revisar")), ("por-decidir", _("Con propuesta, por decidir"))]
WAITS = [
    ("5", _("5 días hábiles o más")),
    ("10", _("10 días hábiles o más")),
    ("20", _("20 días hábiles o más")),
    ("vencido", _("Plazo de la empresa vencido")),
]
REGIONS = [(name, name) for name in DEPARTMENTS]


class SearchFilter(filters.CharFilter):
    def __init__(self, label, **kwargs):
        super().__init__(label=label, method="search", **kwargs)


class ApplicationFilter(filters.FilterSet):
    q = SearchFilter(_("Empresa, RUC o expediente"))
    estado = filters.ChoiceFilter(
        label=_("Estado"), method="in_state", choices=[*WAITING, *HANDED_IN], empty_label=_("Cualquier estado")
    )
    edicion = filters.ModelChoiceFilter(
        field_name="edition", label=_("Edición"), queryset=Edition.objects.all(), empty_label=_("Cualquier edición")
    )
    region = filters.ChoiceFilter(
        label=_("Región"), method="in_region", choices=REGIONS, empty_label=_("Cualquier región")
    )
    sector = filters.ChoiceFilter(
        label=_("Sector"), method="in_sector", choices=list(SECTORS.items()), empty_label=_("Cualquier sector")
    )
    espera = filters.ChoiceFilter(label=_("Espera"), method="waiting", choices=WAITS, empty_label=_("Cualquier espera"))
    revisor = filters.ModelChoiceFilter(
        field_name="reviewer", label=_("Quien revisa"), queryset=lambda request: reviewers(),
        empty_label=_("Cualquier revisor"), null_label=_("Sin asignar"),
    )  # fmt: skip

    class Meta:
        model = Application
        fields = []

    def search(self, rows, name, text):
        companies = Company.objects.search(text).values("pk")
        return rows.filter(Q(company__in=companies) | Q(number__icontains=text.strip()))

    def in_state(self, rows, name, state):
        if state in dict(WAITING):
            return rows.to_review(proposed=state == "por-decidir")
        return rows.filter(state=state)

    def in_region(self, rows, name, department):
        return rows.filter(company__in=in_department(department))

    def in_sector(self, rows, name, division):
        return rows.filter(company__activity__code__startswith=division)

    def waiting(self, rows, name, days):
        if days == "vencido":
            return rows.lapsed(timezone.localdate())
        since = workdays_before(timezone.localdate(), int(days), decreed_days())
        return rows.filter(state_since__date__lte=since)


class CompanyFilter(filters.FilterSet):
    q = SearchFilter(_("Empresa o RUC"))
    estado = filters.ChoiceFilter(
        label=_("Etapa"), method="in_state", choices=Participation.State, empty_label=_("Cualquier etapa")
    )
    edicion = filters.ModelChoiceFilter(
        label=_("Edición"), method="in_edition", queryset=Edition.objects.all(), empty_label=_("Cualquier edición")
    )
    region = filters.ChoiceFilter(
        label=_("Región"), method="in_region", choices=REGIONS, empty_label=_("Cualquier región")
    )
    monitor = filters.ModelChoiceFilter(
        label=_("Monitor"), method="with_monitor", queryset=lambda request: User.objects.with_duty(Duty.MONITOR),
        empty_label=_("Cualquier monitor"), null_label=_("Sin monitor"),
    )  # fmt: skip

    class Meta:
        model = Company
        fields = []

    def search(self, rows, name, text):
        return rows.search(text)

    def in_state(self, rows, name, state):
        return rows.filter(pk__in=self._participations().filter(state=state).values("company"))

    def in_edition(self, rows, name, edition):
        return rows.filter(pk__in=edition.applications.exclude(submitted_at=None).values("company"))

    def in_region(self, rows, name, department):
        return rows.filter(pk__in=in_department(department))

    def with_monitor(self, rows, name, monitor):
        in_course, given = self._participations().in_course(), MonitorAssignment.objects.filter(ends_on=None)
        if monitor == "null":
            return rows.filter(
                pk__in=in_course.in_training().exclude(pk__in=given.values("participation")).values("company")
            )
        return rows.filter(
            pk__in=in_course.filter(pk__in=given.filter(monitor=monitor).values("participation")).values("company")
        )

    def _participations(self):
        """Those of the edition asked for too, if one is."""
        edition = self.form.cleaned_data.get("edicion")
        return Participation.objects.filter(edition=edition) if edition else Participation.objects.all()


def edition_asked(request):
    """The edition the address asks for (`edicion`), or None."""
    asked = request.GET.get("edicion", "")
    return Edition.objects.filter(pk=asked).first() if re.fullmatch(r"[0-9]{1,9}", asked) else None


def reviewers():
    return User.objects.with_duty(Duty.REVIEWER, Duty.COORDINATOR)


def in_department(department):
    return Company.objects.filter(sites__district__department=department).values("pk")
