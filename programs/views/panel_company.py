"""The staff's door: the companies of the programme, wherever they are."""

from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, Subquery
from django.shortcuts import get_object_or_404, render

from companies.access import staff_only
from companies.models import Company, Event
from programs.forms.filters import CompanyFilter
from programs.models import Application, MonitorAssignment, Participation

ORDERS = {"empresa": "legal_name", "ruc": "ruc", "desde": "since"}


@staff_only
def companies(request):
    """Companies that handed in an application once; a draft stays the company's own business."""
    rows = Company.objects.visible_to(request.user).filter(pk__in=handed_in().values("company"))
    filtered = CompanyFilter(request.GET, queryset=rows, request=request)
    latest = Participation.objects.filter(company=OuterRef("pk")).order_by("-edition__opens_on")
    order = request.GET.get("orden", "empresa")
    field = ORDERS.get(order.removeprefix("-"), "legal_name")
    found = filtered.qs.annotate(
        since=Subquery(latest.values("state_since")[:1]), latest=Subquery(latest.values("pk")[:1])
    )
    page = Paginator(found.order_by(("-" if order.startswith("-") else "") + field, "pk"), 25).get_page(
        request.GET.get("page")
    )
    with_places(page.object_list)
    return render(request, "panel/companies.html", {"filter": filtered, "page": page, "total": rows.count()})


def handed_in():
    return Application.objects.exclude(submitted_at=None)


def with_places(companies):
    """Give each company of a page its latest participation, monitor and regions, in a fixed number of queries."""
    current = MonitorAssignment.objects.filter(ends_on=None).select_related("monitor")
    rows = Participation.objects.select_related("edition", "assessment").prefetch_related(
        Prefetch("assignments", current, to_attr="current")
    )
    by_pk = rows.in_bulk([company.latest for company in companies if company.latest])
    places = dict.fromkeys([company.pk for company in companies], ())
    found = Company.objects.filter(pk__in=places, sites__closed_on=None, sites__isnull=False)
    for pk, department in found.values_list("pk", "sites__district__department").distinct():
        places[pk] = (*places[pk], department)
    for company in companies:
        company.row = by_pk.get(company.latest)
        company.departments = ", ".join(sorted(places[company.pk]))


@staff_only
def company(request, pk):
    found = get_object_or_404(
        Company.objects.visible_to(request.user).filter(pk__in=handed_in().values("company")), pk=pk
    )
    context = {
        "company": found,
        "sites": found.sites.select_related("district").prefetch_related("documents__blob"),
        "members": found.memberships.select_related("user").order_by("ends_on", "starts_on"),
        "mandates": found.mandates.order_by("-starts_on"),
        "exports": found.exports.all()[:10],
        "applications": handed_in().filter(company=found).select_related("edition"),
        "participations": found.participations.select_related("edition").order_by("-edition__opens_on"),
        "events": Event.objects.filter(company=found).select_related("actor").order_by("-at", "-pk")[:20],
    }
    return render(request, "panel/company.html", context)
