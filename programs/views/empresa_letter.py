"""The company's door: its commitment letter, to download, sign and hand in."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.timeline import Timeline
from programs.forms.letter import SignedCopyForm
from programs.models import CommitmentLetter

from .answers import answer


def letter(request, pk):
    """Members read the page; those who edit hand in the signed copy."""
    found = get_object_or_404(CommitmentLetter.objects.belonging_to(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, found)
    found = get_object_or_404(CommitmentLetter.objects.editable_by(request.user), pk=pk)
    form = SignedCopyForm(request.POST, request.FILES)
    return answer(
        request, form, partial(found.sign, by=request.user),
        said=_("Recibimos la carta firmada. PROMPERÚ la verificará y le avisará."),
        to=reverse("empresa:letter", args=[pk]), page=partial(_page, request, found, form=form),
    )  # fmt: skip


def _page(request, letter, status=200, form=None):
    participation = letter.participation
    context = {
        "letter": letter,
        "participation": participation,
        "company": participation.company,
        "missing": participation.missing_to_start(timezone.localdate()),
        "events": Timeline.of(request, letter),
        "can_edit": CommitmentLetter.objects.editable_by(request.user).filter(pk=letter.pk).exists(),
        "form": form or SignedCopyForm(),
    }
    return render(request, "empresa/letter.html", context, status=status)
