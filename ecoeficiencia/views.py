"""Pages of the workshop, never of the product: the styles on show and the development mailbox."""

from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render

from . import demo
from .badges import BADGES
from .forms import SampleForm
from .lifecycle import Missing


@login_not_required
def styles(request):
    """Every component of the interface, for whoever writes pages. Debug and demonstration only."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    form = SampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "Guardado.")
    context = {
        "form": form,
        "badges": [(model, [(v, *look) for v, look in values.items()]) for model, values in BADGES.items()],
        "steps": demo.STEPS,
        "missing": [Missing(**kept) for kept in demo.MISSING],
        "page": Paginator(range(1, 61), 25).get_page(request.GET.get("page")),
        "standard_notice": "Propuesta de trabajo 0.1, hasta que PROMPERÚ cargue su estándar.",
    }
    return render(request, "estilos.html", context, status=422 if form.errors else 200)


def _letters():
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", "") or "/nonexistent")
    return sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True) if folder.is_dir() else []


@login_not_required
def mailbox(request):
    """The mails this demonstration has sent, newest first."""
    if not settings.DEMO:
        raise Http404
    return render(request, "correo.html", {"letters": read_letters(_letters()[:200])})
