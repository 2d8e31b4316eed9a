"""The company's door: its commitment letter, to download, sign and hand in."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from companies.timeline import Timeline
from programs import sworn_statement
from programs.forms.letter import SignedCopyForm
from programs.models import CommitmentLetter
from programs.models.letter_signing import signatory
from programs.models.signing import name_of_version

from . import signing
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


def letter_sign(request, pk):
    """The letter's words on screen: members read them, the legal representative signs with a code."""
    found = get_object_or_404(CommitmentLetter.objects.belonging_to(request.user), pk=pk)
    page = partial(_sign_page, request, found)
    if request.method != "POST":
        return page()
    get_object_or_404(CommitmentLetter.objects.signable_by(request.user), pk=pk)
    here, back = reverse("empresa:letter_sign", args=[pk]), reverse("empresa:letter", args=[pk])
    if request.POST.get("act") == "code":
        return signing.ask_code(request, found.ask_code, page=page, back=here)
    said = _("Firmó la carta de compromiso. PROMPERÚ la verificará y le avisará.")
    return signing.sign(request, found.sign_on_screen, page=page, back=here, said=said, to=back)


def _sign_page(request, letter, *, status=200, **forms):
    company, application = letter.participation.company, letter.participation.application
    mandate = company.mandate_on(timezone.localdate())
    words = letter.words(signatory(mandate))
    context = {
        "letter": letter,
        "participation": letter.participation,
        "company": company,
        "mandate": mandate,
        "text_name": capfirst(name_of_version(letter.text_version)),
        "may_sign": CommitmentLetter.objects.signable_by(request.user).filter(pk=letter.pk).exists(),
        **signing.on_screen(request, application, "commitment", words, sworn_statement.digest(words)),
    }
    return render(request, "empresa/letter_sign.html", context | forms, status=status)


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
