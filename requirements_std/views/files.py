from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from companies.models import Event
from ecoeficiencia.files.serving import serve
from requirements_std.models import Evidence


@require_safe
def evidence(request, pk):
    """The bytes of a proof: shown in the page with ?ver=1 when that is safe, else a download."""
    found = get_object_or_404(Evidence.objects.living().readable_by(request.user).select_related("blob"), pk=pk)
    Event.note_reading(found, found.filename, by=request.user)
    return serve(request, found.blob, found.filename, inline=bool(request.GET.get("ver")))
