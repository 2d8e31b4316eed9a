"""What a person was told: the list, one opened, all read."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Notice, Snooze
from ecoeficiencia.errors import conflict


@require_safe
def notices(request):
    """Unread first, then the newest."""
    rows = Notice.objects.visible_to(request.user).select_related("company")
    unread_first = rows.order_by(F("read_at").desc(nulls_first=True), "-created_at", "-pk")
    page = Paginator(unread_first, 25).get_page(request.GET.get("page"))
    context = {"page": page, "rows": _with_snoozes(request.user, page), "unread": rows.unread().count()}
    return render(request, "public/notices.html", context)


def _with_snoozes(user, notices):
    """Each notice with the days for which it may be put off, and the day until which it was."""
    on, put_off = timezone.localdate(), dict(user.snoozes.values_list("about", "until"))
    for notice in notices:
        about = Snooze.of(notice)
        until = put_off.get(about[0]) if about else None
        yield notice, Snooze.days_for(notice, on), until if until and until > on else None


@require_safe
def notice(request, pk):
    """Follow a notice to what it tells of; it counts as read."""
    row = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    row.mark_read()
    own = row.url.startswith("/") and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None)
    return redirect(row.url if own else "public:notices")


@require_POST
def notice_read(request, pk):
    get_object_or_404(Notice.objects.visible_to(request.user), pk=pk).mark_read()
    return redirect("public:notices")


@require_POST
def notices_read(request):
    Notice.objects.visible_to(request.user).mark_read()
    return redirect("public:notices")


@require_POST
def notice_snooze(request, pk):
    """Put a reminder off: it comes back on the day chosen, at the latest on the one on which the thing falls due."""
    row = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    days = request.POST.get("days", "")
    until = row.snooze(on=timezone.localdate(), days=int(days) if days.isdecimal() and len(days) < 4 else 0)
    if until is None:
        said = _("Este aviso no se puede posponer tanto: volvería después de su vencimiento.")
        return conflict(request, said, back="/avisos/")
    messages.success(request, _("Se lo recordaremos de nuevo desde el %(day)s.") % {"day": f"{until:%d/%m/%Y}"})
    return redirect("public:notices")
