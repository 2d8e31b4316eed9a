"""What the antivirus holds: an administrator sees what it is and whose, and has it looked at once more."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import has_duty
from companies.held import holdings_of
from companies.models import Duty, Event
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.scanning import scanner
from ecoeficiencia.models import Blob

administrators_only = has_duty(Duty.ADMINISTRATOR)


@administrators_only
@require_safe
def held_files(request):
    """Held files, the newest first. Nobody releases one by hand: only the antivirus says that it is clean."""
    rows = Blob.objects.filter(state__in=Blob.HELD).order_by("-pk")
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    holdings = holdings_of(list(page))
    for blob in page:
        blob.holdings = holdings[blob.pk]
    context = {
        "page": page,
        "waiting": Blob.objects.filter(state=Blob.State.PENDING).count(),
        "scanner": scanner(),
        "nav_current": "jobs",
    }
    return render(request, "panel/held_files.html", context)


@administrators_only
@require_POST
def held_file_rescan(request, pk):
    """The signatures are newer, or the antivirus was ill: it looks again, and nobody gets the file meanwhile."""
    blob, back = get_object_or_404(Blob, pk=pk), "/panel/archivos-retenidos/"
    if not settings.CLAMAV_URL:
        return conflict(request, _("No hay antivirus configurado: el archivo sigue retenido."), back=back)
    if not blob.look_again():
        return conflict(request, _("Ese archivo ya no está retenido."), back=back)
    Event.record(blob, by=request.user, verb="rescan", note=str(blob))
    messages.success(request, _("El antivirus lo revisará otra vez. Mientras tanto nadie puede abrirlo."))
    return redirect(back)
