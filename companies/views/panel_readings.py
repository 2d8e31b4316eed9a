from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from companies.access import has_duty
from companies.models import Duty, Event, User


@has_duty(Duty.ADMINISTRATOR)
@require_safe
def readings(request):
    """Who from outside opened which file of a company; of one person with `?persona=`."""
    rows = Event.objects.readings().select_related("actor", "company").order_by("-at", "-pk")
    person, asked = None, request.GET.get("persona", "")
    if asked:
        person = get_object_or_404(User, pk=asked if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0)
        rows = rows.filter(actor=person)
    context = {"page": Paginator(rows, 50).get_page(request.GET.get("page")), "person": person, "nav_current": "jobs"}
    return render(request, "panel/readings.html", context)
