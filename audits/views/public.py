import re
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from audits.catalogue import OPEN_DATA, CatalogueFilter, card, open_row, region_map
from audits.models import Certificate, RegisterEntry
from audits.printed import verification_url
from companies import throttle
from ecoeficiencia.errors import too_many_requests
from ecoeficiencia.pdf import qr
from ecoeficiencia.tables import csv_file
from ecoeficiencia.walls.acting import as_public
from ecoeficiencia.writing import dmyhm

PER_PAGE = 24
# Where the time goes in a page that is kept. What people write is escaped and cannot look like it.
NOW = mark_safe("<!-- ahora -->")


def paced(view):
    """Looking for numbers, and the cards they lead to, one after another gets slow. Counted together, by network."""

    @wraps(view)
    def slowed(request, *args, **kwargs):
        try:
            throttle.pace(request, "cards")
        except throttle.Throttled as pause:
            return too_many_requests(request, wait=pause.wait, reading=True)
        return view(request, *args, **kwargs)

    return slowed


@login_not_required
@require_safe
@cache_control(no_store=True)
def verify(request):
    """Find a certificate by the code printed on it, or by its number."""
    typed = request.GET.get("codigo", "").strip()
    return _answer(request, typed) if typed else render(request, "public/verify.html", {"typed": ""})


@login_not_required
@require_safe
@cache_control(no_store=True)
def verification(request, code):
    """What the register says today of the certificate with this code."""
    return _answer(request, code)


def _answer(request, typed):
    """The certificate's page for a code; the company's public card for a number; else what to check."""
    today = timezone.localdate()
    code = re.sub(r"[^0-9a-f]", "", typed.lower())
    if len(code) == 32 and (page := _page(request, code, today)):
        return HttpResponse(page.replace(NOW, dmyhm(timezone.now())))
    return _numbered(request, typed, today)


@paced
def _numbered(request, typed, today):
    rows = Certificate.objects.public(today)
    number = re.sub(r"[^A-Z0-9-]", "", re.sub(r"[\s\-–_/.]+", "-", typed.strip()).upper())[:30]
    if certificate := rows.filter(number=number).first():
        return redirect("public:certified", certificate.slug)
    return render(request, "public/verify.html", {"typed": typed[:60], "unknown": True}, status=404)


def _page(request, code, today):
    """The page of a certificate, None without one, with NOW for the time.

    A visitor without a session gets it as it was last written for this standing and day. The standing is read at each
    request, so that nothing shown is older than the register.
    """
    if not (standing := Certificate.objects.standing(code)):
        return None
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return _written(request, code, today)
    key = ":".join(map(str, (code, today, get_language(), *standing)))
    return caches["pages"].get_or_set(key, lambda: _written(request, code, today))


def _written(request, code, today):
    entries = list(RegisterEntry.objects.about(code))
    certificate = entries[0].certificate if entries else Certificate.objects.get(code=code)
    if certificate.valid_from > today:
        return None
    context = {
        "certificate": certificate,
        "card": card(certificate, today),
        "licence": certificate.licence_or_none,
        "since": next((entry.on for entry in entries if entry.act == certificate.state), None),
        "now": NOW,
        "qr": qr(verification_url(certificate)),
        "entries": entries,
    }
    return render_to_string("public/verification.html", context, request)


@login_not_required
@require_safe
def catalogue(request):
    """The certified organisations, as cards and on the map."""
    today = timezone.localdate()
    with as_public():
        context = _catalogue_page(request, today)
    return render(request, "public/catalogue.html", context)


def _catalogue_page(request, today):
    found = CatalogueFilter(request.GET, on=today)
    page = Paginator(found.qs.select_related("licence").order_by("company__legal_name", "pk"), PER_PAGE)
    page = page.get_page(request.GET.get("page"))
    counts = found.by_region()
    return {
        "filter": found,
        "page": page,
        "cards": [card(row, today) for row in page.object_list],
        "map": region_map(counts, request.GET),
        "in_force": Certificate.objects.in_force(today).count(),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
        "query": request.GET.urlencode(),
    }


@login_not_required
@require_safe
@paced
def certified(request, slug):
    """The public card of a company, with every certificate it was granted."""
    today = timezone.localdate()
    company = re.match(r"\d{1,18}", slug)
    rows = (
        list(Certificate.objects.public(today).select_related("licence").filter(company=company[0])) if company else []
    )
    if not rows:
        raise Http404
    if slug != rows[0].slug:
        return redirect("public:certified", rows[0].slug, permanent=True)
    cards = [card(row, today) for row in rows]
    return render(request, "public/certified.html", {"cards": cards, "first": cards[0]})


def _open_rows(request):
    today = timezone.localdate()
    rows = CatalogueFilter(request.GET, on=today).qs.select_related("licence").order_by("company__legal_name", "pk")
    with as_public():
        return [open_row(row, today) for row in rows]


@login_not_required
@require_safe
def catalogue_csv(request):
    """The catalogue under the same filters, for a spreadsheet."""
    return csv_file("organizaciones-certificadas.csv", OPEN_DATA, [row.values() for row in _open_rows(request)])


@login_not_required
@require_safe
def catalogue_json(request):
    """The catalogue under the same filters, for a program."""
    rows = _open_rows(request)
    return JsonResponse({"total": len(rows), "organizaciones": rows}, json_dumps_params={"ensure_ascii": False})
