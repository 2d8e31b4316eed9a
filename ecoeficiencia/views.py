"""Pages of the workshop, never of the product: the styles on show and the development mailbox."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render

from . import mailbox, samples
from .badges import BADGES


@login_not_required
def styles(request):
    """Every component of the interface, for whoever writes pages. Debug and demonstration only."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    form = samples.SampleForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        messages.success(request, "Presentó 3 requisitos a revisión.")
        return redirect("styles")
    context = {
        "form": form,
        "filter": {"form": samples.SampleFilter(request.GET, auto_id="f_%s")},
        "badges": {model: [(value, *look) for value, look in looks.items()] for model, looks in BADGES.items()},
        "steps": samples.STEPS,
        "missing": samples.missing(),
        "events": samples.events(),
        "page": Paginator(range(60), 25).get_page(request.GET.get("page")),
        "standard_notice": "Propuesta de trabajo 0.1, hasta que PROMPERÚ cargue su estándar.",
    }
    return render(request, "estilos.html", context, status=422 if form.errors else 200)


@login_not_required
def sent_mails(request):
    """The mails this demonstration has sent, newest first."""
    if not settings.DEMO:
        raise Http404
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    found = mailbox.letters(folder) if folder else []
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return render(request, "correo.html", {"page": page})
