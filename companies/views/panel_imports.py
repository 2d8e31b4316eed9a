"""The staff's door: tables brought from elsewhere. Read first, put in place when confirmed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies import imports
from companies.access import staff_only
from companies.forms.imports import TableForm
from companies.models import Padron, TableImport
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.names import clean_name
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.tables import Unreadable, csv_file

SHOWN = 200


@staff_only
@require_safe
def home(request):
    """What may be imported, what was, and which padrón is in force."""
    rows = TableImport.objects.managed_by(request.user).select_related("uploaded_by")[:30]
    context = {"kinds": imports.kinds_for(request.user), "rows": rows, "padron": Padron.objects.first()}
    return render(request, "panel/imports.html", context)


def _kind(request, key):
    """The kind `key`, when this person may import it."""
    if not request.user.is_authenticated:
        raise Http404
    found = next((kind for kind in imports.kinds_for(request.user) if kind.key == key), None)
    if found is None:
        raise Http404
    return found


def upload(request, table):
    kind = _kind(request, table)
    form = TableForm(request.POST or None, request.FILES or None, importer=kind)
    if request.method == "POST" and form.is_valid():
        file, as_of = form.cleaned_data["file"], form.cleaned_data["as_of"]
        try:
            found = TableImport.receive(
                kind.key, content=file.read(), filename=clean_name(file.name), as_of=as_of, by=request.user
            )
        except Unreadable as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("panel:import", found.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "panel/import_upload.html", {"form": form, "kind": kind}, status=status)


@require_safe
def model_file(request, table):
    """An empty table with the right titles."""
    kind = _kind(request, table)
    return csv_file(f"{kind.key}.csv", [column.title for column in kind.columns], delimiter=";")


@require_safe
def table_import(request, pk):
    """What the file says and what confirming it will do. Nothing is in place until then."""
    found = get_object_or_404(TableImport.objects.managed_by(request.user), pk=pk)
    return _page(request, found)


def _page(request, found, status=200):
    table = found.table if found.state == found.State.READ else None
    context = {"import": found, "kind": found.importer, "shown": SHOWN}
    if table:
        lines = [] if table.problems else [(row.number, found.importer.describe(row)) for row in table.rows[:SHOWN]]
        context |= {"count": len(table.rows), "problems": table.problems[:SHOWN], "lines": lines}
        context["wrong"] = len(table.problems)
    return render(request, "panel/import.html", context, status=status)


@require_POST
def confirm(request, pk):
    found = get_object_or_404(TableImport.objects.managed_by(request.user), pk=pk)
    try:
        found.confirm(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("panel:import", args=[pk]))
    messages.success(request, _("Importado. %(result)s") % {"result": found.result})
    return redirect("panel:import", pk)


@require_POST
def discard(request, pk):
    found = get_object_or_404(TableImport.objects.managed_by(request.user), pk=pk)
    try:
        found.discard(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("panel:import", args=[pk]))
    messages.success(request, _("Descartó el archivo. No se importó nada."))
    return redirect("panel:imports")
