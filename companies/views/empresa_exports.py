"""Exports by the table: pasted or from a file, read first, put on record when every row is sound."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.export_table import LIMIT, MENDED, ExportTable, Unmatched, read_lines, rows_as_text
from companies.forms.exports import ExportTableForm, MatchForm, row_fields
from companies.models import Company
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import Closed
from ecoeficiencia.tables import Unreadable, read_grid

from .empresa_profile import way_back


def export_table(request, company):
    """Three steps on one address: the table, which column is which (when in doubt), the rows before they count."""
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    back = way_back(request, company)
    if lock := company.applications.lock_on("exportaciones"):
        return conflict(request, lock, back=back)
    page = {"company": company, "back": back, "nav_current": "profile", "limit": LIMIT}
    if request.method != "POST":
        return render(request, "empresa/exports_paste.html", {**page, "form": ExportTableForm()})
    form = ExportTableForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "empresa/exports_paste.html", {**page, "form": form}, status=422)
    try:
        return _read(request, form, page)
    except Unreadable as refusal:
        form.add_error("file" if form.cleaned_data["file"] else "text", str(refusal))
        return render(request, "empresa/exports_paste.html", {**page, "form": form}, status=422)


def _read(request, form, page):
    rows, problems = read_grid(form.content, LIMIT)
    match = MatchForm(request.POST, rows=rows) if "columnas" in request.POST else None
    if match and not match.is_valid():
        return _ask_columns(request, page, match)
    try:
        lines = read_lines(rows, match and match.places, match and match.cleaned_data["titled"])
    except Unmatched as unmatched:
        return _ask_columns(request, page | {"why": unmatched.why}, MatchForm(rows=rows, guess=unmatched.guess))
    for line in lines:
        line.take(request.POST)
    table = ExportTable(page["company"], lines)
    if "registrar" in request.POST and not table.wrong:
        return _keep(request, table, page["back"])
    status = 422 if "registrar" in request.POST else 200
    context = page | {"table": table, "problems": problems, "rows": _fields(table)}
    return render(request, "empresa/exports_preview.html", context, status=status)


def _ask_columns(request, page, match):
    context = {"why": ""} | page | {"form": match, "text": rows_as_text(match.rows)}
    return render(request, "empresa/exports_columns.html", context, status=422 if match.is_bound else 200)


def _fields(table):
    """The wrong rows with a field for each of their cells, as many as a page mends at once."""
    labels = [field.label for field in row_fields().values()]
    lines = table.to_mend[:MENDED]
    return [(line, [(label, *cell) for label, cell in zip(labels, line.cells, strict=True)]) for line in lines]


def _keep(request, table, back):
    try:
        with table.company.hold_open("exportaciones"):
            kept = table.keep(by=request.user)
    except Closed as refusal:
        return conflict(request, str(refusal), back=back)
    done = ngettext("Registró %(n)s exportación.", "Registró %(n)s exportaciones.", kept) % {"n": kept}
    messages.success(request, done if kept else _("No había exportaciones nuevas que registrar."))
    return redirect(back)
