"""The staff's door: who holds which duty at PROMPERÚ."""

from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import render

from companies.access import staff_only
from companies.models import Appointment


@staff_only
def people(request):
    """Appointments in force first; the ended ones stay as history."""
    rows = Appointment.objects.select_related("user").order_by(
        F("ends_on").desc(nulls_first=True), "duty", "user__first_name", "pk"
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(request, "panel/people.html", {"page": page})
