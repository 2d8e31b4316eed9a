from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from companies.models import ConsentText


@require_safe
def doors(request):
    """Where a person goes after signing in: their first door."""
    return redirect(f"{request.user.doors[0]}:home")


@login_not_required
@require_safe
def help_page(request):
    return render(request, "public/help.html")


@login_not_required
@require_safe
def privacy(request):
    """The words a person agrees to at sign-up, in their current version."""
    return render(request, "public/privacy.html", {"consent": ConsentText.current()})
