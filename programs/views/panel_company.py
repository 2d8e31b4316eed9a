"""The staff's door: the companies of the programme, wherever they are."""

from django.core.paginator import Paginator
from django.db.models import Count, FilteredRelation, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from companies import standing_in
from companies.access import staff_only
from companies.models import Company, Duty, Event
from companies.timeline import Timeline
from programs.forms.filters import CompanyFilter
from programs.models import Application, Participation

ALIKE = 5  # companies named in the warning that a name is taken for another
ORDERS = {"empresa": "legal_name", "ruc": "ruc", "desde": "since"}


@staff_only
@require_safe
def companies(request):
    """Companies that handed in an application once; a draft stays the company's own business."""
    rows = Company.objects.visible_to(request.user).filter(pk__in=handed_in().values("company"))
    filtered = CompanyFilter(request.GET, queryset=rows, request=request)
    latest = Participation.objects.filter(company=OuterRef("pk")).order_by("-edition__opens_on")
    order = request.GET.get("orden", "empresa")
    field = ORDERS.get(order.removeprefix("-"), "legal_name")
    found = filtered.qs.only("legal_name", "ruc").annotate(
        since=Subquery(latest.values("state_since")[:1]), latest=Subquery(latest.values("pk")[:1])
    )
    shown = Count("pk", filter=Q(pk__in=filtered.qs.order_by().values("pk")))
    total, shown = rows.order_by().aggregate(total=Count("pk"), shown=shown).values()
    paginator = Paginator(found.order_by(("-" if order.startswith("-") else "") + field, "pk"), 25)
    paginator.count = shown
    page = paginator.get_page(request.GET.get("page"))
    _complete(page.object_list)
    return render(request, "panel/companies.html", {"filter": filtered, "page": page, "total": total})


def handed_in():
    return Application.objects.exclude(submitted_at=None)


def _complete(companies):
    """Give each company of a page its latest participation with its monitor, and its regions, in two statements."""
    current = FilteredRelation("assignments", condition=Q(assignments__ends_on=None))
    shown = ("state", "state_since", "edition__name", "assessment__accepted", "assessment__applicable")
    rows = Participation.objects.annotate(current=current)
    rows = rows.select_related("edition", "assessment", "current__monitor").only(*shown)
    by_pk = rows.in_bulk([company.latest for company in companies if company.latest])
    departments = Company.objects.filter(pk__in=[company.pk for company in companies]).departments()
    for company in companies:
        company.row, company.departments = by_pk.get(company.latest), departments.get(company.pk, "—")


@staff_only
@require_safe
def company(request, pk):
    found = get_object_or_404(
        Company.objects.visible_to(request.user).filter(pk__in=handed_in().values("company")), pk=pk
    )
    context = {
        "company": found,
        "alike": found.taken_for()[:ALIKE],
        "may_stand_in": request.user.has_duty(*standing_in.DUTIES),
        "sites": found.sites.select_related("district").with_papers(),
        "members": found.memberships.select_related("user").order_by("ends_on", "starts_on"),
        "mandates": found.mandates.order_by("-starts_on"),
        "exports": found.exports.all()[:10],
        "applications": handed_in().filter(company=found).select_related("edition"),
        "registry": found.former_rucs.all(),
        "absorbed": found.absorbed.all(),
        "may_register": request.user.has_duty(Duty.COORDINATOR),
        "participations": found.participations.select_related("edition").order_by("-edition__opens_on"),
        "events": Timeline(request, Event.objects.filter(company=found).acts(), inside=True),
    }
    return render(request, "panel/company.html", context)
