"""Papers of a company, shown to those who may see the company's working papers."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from companies.models import Event, RucHistory, SiteDocumentFile
from ecoeficiencia.files.serving import serve


@require_safe
def site_document(request, pk):
    """A file of a licence or an ITSE: members, the assigned monitor and PROMPERÚ; inline unless `?descargar`."""
    rows = SiteDocumentFile.objects.visible_to(request.user).select_related("blob", "document__company")
    file = get_object_or_404(rows, pk=pk)
    if file.blob is None:
        raise Http404
    Event.note_reading(file, file.filename, by=request.user)
    return serve(request, file.blob, file.filename, inline="descargar" not in request.GET)


@require_safe
def registry_file(request, pk):
    """What showed that the company has another RUC, or another owner."""
    act = get_object_or_404(RucHistory.objects.visible_to(request.user).select_related("blob"), pk=pk)
    if act.blob is None:
        raise Http404
    Event.note_reading(act, act.filename, by=request.user)
    return serve(request, act.blob, act.filename, inline="descargar" not in request.GET)
