"""The staff's door: which days do not count as business days."""

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from companies.access import has_duty, staff_only
from companies.models import Event
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.models import NonWorkingDay
from ecoeficiencia.workdays import national_holidays
from programs.forms.calendar import NonWorkingDayForm, WithdrawDayForm
from programs.models.keepers import KEEPERS

keepers_only = has_duty(*KEEPERS)


@staff_only
def workdays(request):
    """The decreed days, with the form that adds one, and the holidays of this year and the next."""
    if request.method == "POST":
        return _decree(request)
    return _page(request, NonWorkingDayForm())


def _page(request, form, status=200, came_back=None):
    """came_back: {key of a day that was to be taken back: its form with the errors}"""
    year, days = timezone.localdate().year, list(NonWorkingDay.objects.order_by("-on"))
    for day in days:
        day.withdraw_form = (came_back or {}).get(day.pk) or WithdrawDayForm()
    context = {
        "form": form,
        "days": days,
        "holidays": [(y, national_holidays(y).items()) for y in (year, year + 1)],
        "may_keep": request.user.has_duty(*KEEPERS),
        "events": Timeline(request, Event.objects.filter(object_type="ecoeficiencia.nonworkingday"), inside=True),
    }
    return render(request, "panel/workdays.html", context, status=status)


@keepers_only
def _decree(request):
    form = NonWorkingDayForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    day = form.save(commit=False)
    try:
        longer = day.decree(by=request.user)
    except IntegrityError:  # somebody else wrote the same day at this moment
        form.add_error("on", _("Ese día ya está registrado como no laborable."))
        return _page(request, form, status=409)
    said = ngettext(
        "Registró el día. Se alargó %(n)s plazo y se avisó a la empresa.",
        "Registró el día. Se alargaron %(n)s plazos y se avisó a las empresas.",
        longer,
    )
    messages.success(request, said % {"n": longer} if longer else _("Registró el día. Ningún plazo abierto cambia."))
    return redirect("panel:workdays")


@keepers_only
@require_POST
def workday_withdraw(request, pk):
    day = NonWorkingDay.objects.filter(pk=pk).first()
    if day is None:
        return conflict(request, _("Ese día ya se retiró."), back=reverse("panel:workdays"))
    form = WithdrawDayForm(request.POST)
    if not form.is_valid():
        return _page(request, NonWorkingDayForm(), status=422, came_back={day.pk: form})
    day.withdraw(by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, _("Retiró el día. Los plazos ya alargados quedan como están."))
    return redirect("panel:workdays")
