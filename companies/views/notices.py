"""What a person was told: the list, one opened, all read."""

from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from companies.models import Notice


def notices(request):
    """Unread first, then the newest."""
    rows = Notice.objects.visible_to(request.user).select_related("company")
    unread_first = rows.order_by(F("read_at").desc(nulls_first=True), "-created_at", "-pk")
    page = Paginator(unread_first, 25).get_page(request.GET.get("page"))
    return render(request, "public/notices.html", {"page": page, "unread": rows.unread().count()})


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
