"""The staff's door: what an edition asks for and the letters it writes."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.merging import is_stale, merge
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.blob import store
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove
from programs.forms.edition_setup import LetterTextForm, RequiredDocumentForm
from programs.letters import LETTERS, PLACEHOLDERS
from programs.models import Edition, RequiredDocument
from programs.models.letter_text import fill_letter

SAMPLE = {
    "empresa": "Empresa de Ejemplo S.A.C.",
    "ruc": "20999000015",
    "representante": "Rosa Huamán Quispe",
    "expediente": "EXP-2026-00001",
    "motivacion": "Cumple los requisitos de la convocatoria.",
    "fecha": "30/11/2026",
    "dias": "15",
}


def _edition(request, pk):
    return get_object_or_404(Edition.objects.managed_by(request.user).select_related("program"), pk=pk)


@require_safe
def documents(request, pk):
    """The catalogue of one edition, and what it asked for once."""
    edition = _edition(request, pk)
    rows = list(edition.documents.select_related("template"))
    context = {"edition": edition, "asked": [r for r in rows if not r.withdrawn]}
    context["withdrawn"] = [r for r in rows if r.withdrawn]
    return render(request, "panel/documents.html", context)


def document_create(request, pk):
    edition = _edition(request, pk)
    form = RequiredDocumentForm(request.POST or None, request.FILES or None, instance=RequiredDocument(edition=edition))
    if request.method == "POST" and form.is_valid():
        edition.add_document(_with_template(form), by=request.user)
        messages.success(request, _("Añadió el documento al catálogo."))
        return redirect("panel:edition_documents", pk)
    return _document_page(request, form, edition)


def _document_page(request, form, edition, document=None, status=0):
    status = status or (422 if request.method == "POST" else 200)
    context = {"form": form, "edition": edition, "document": document}
    return render(request, "panel/document_form.html", context, status=status)


def _with_template(form):
    document, file = form.instance, form.cleaned_data["template_file"]
    if file:
        document.template, document.template_filename = store(file), file.name
    return document


def _document(request, pk):
    rows = RequiredDocument.objects.managed_by(request.user).select_related("edition__program", "template")
    return get_object_or_404(rows, pk=pk)


def document(request, pk):
    found = _document(request, pk)
    form = RequiredDocumentForm(request.POST or None, request.FILES or None, instance=found)
    if request.method != "POST" or not form.is_valid():
        return _document_page(request, form, found.edition, found)
    changed = [name for name in form.changed_data if name not in {"seen", "template_file"}]
    changed += ["template", "template_filename"] if form.cleaned_data["template_file"] else []
    found.version = form.cleaned_data["seen"] if form.cleaned_data["seen"] is not None else found.version
    try:
        _with_template(form).keep(by=request.user, fields=[*dict.fromkeys([*changed, "validity_number"])])
    except IllegalMove:
        return merge(request, form, _document(request, pk), edition=found.edition)
    messages.success(request, _("Guardó el documento."))
    return redirect("panel:edition_documents", found.edition_id)


@require_POST
def document_withdraw(request, pk):
    """Stop asking for a document, or ask for it again."""
    found = _document(request, pk)
    back = reverse("panel:edition_documents", args=[found.edition_id])
    try:
        found.withdraw(by=request.user, asked_again=found.withdrawn)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(request, _("Ya no se pide.") if found.withdrawn else _("Se vuelve a pedir."))
    return redirect(back)


@require_safe
def document_template(request, pk):
    found = _document(request, pk)
    if found.template is None:
        raise Http404
    return serve(request, found.template, found.template_filename)


@require_safe
def letters(request, pk):
    edition = _edition(request, pk)
    newest = {row.kind: row for row in edition.letter_texts.order_by("number").select_related("written_by")}
    rows = [(kind, newest.get(kind.key)) for kind in LETTERS.values()]
    return render(request, "panel/letter_texts.html", {"edition": edition, "rows": rows})


def letter_text(request, pk, letter):
    """The words of one letter: write, with the preview and the history beside them."""
    edition = _edition(request, pk)
    if letter not in LETTERS:
        raise Http404
    last = edition.lettered(letter)
    form = LetterTextForm(request.POST or None, initial={"text": last.text, "version": last.number})
    page = partial(_letter_page, request, edition, LETTERS[letter], form)
    if request.method != "POST" or not form.is_valid():
        return page(status=422 if request.method == "POST" else 200)
    if "preview" in request.POST:
        return page()
    if is_stale(form, last):
        return merge(request, form, last, since={"text": edition.lettered(letter, form.cleaned_data["version"]).text})
    try:
        edition.write_letter(letter, form.cleaned_data["text"], by=request.user)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        return page(status=409)
    messages.success(request, _("Guardó el texto. Vale para las cartas que se emitan desde ahora."))
    return redirect("panel:edition_letter", pk, letter)


def _letter_page(request, edition, kind, form, status=200):
    words = form.cleaned_data["text"] if form.is_bound and form.is_valid() else edition.letter_text(kind.key)
    values = SAMPLE | {"edicion": str(edition), "asistencia": edition.parameter("minimum_attendance")}
    context = {
        "edition": edition,
        "kind": kind,
        "form": form,
        "preview": fill_letter(words, values),
        "placeholders": [("{" + name + "}", label) for name, label in PLACEHOLDERS.items()],
        "history": edition.letter_texts.filter(kind=kind.key).select_related("written_by")[:20],
    }
    return render(request, "panel/letter_text.html", context, status=status)
