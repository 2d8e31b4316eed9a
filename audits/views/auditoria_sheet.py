"""The sheet of one aspect: its checks answered together."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.models import Audit
from audits.sheet import Sheet


def sheet(request, pk, aspect):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user).for_list(), pk=pk)
    sheet = Sheet(audit, aspect, request.GET.get("sede", ""))
    if sheet.at is None:
        raise Http404
    if request.method != "POST":
        return _page(request, sheet)
    recorded = sheet.save(request.POST, by=request.user)
    said = ngettext("Guardó %(n)s respuesta", "Guardó %(n)s respuestas", recorded) % {"n": recorded}
    if sheet.left:
        said = _("%(said)s; %(n)s por corregir.") % {"said": said, "n": len(sheet.left)}
        return _page(request, sheet, said=said, status=422 if sheet.is_open else 409)
    if recorded:
        messages.success(request, _("%(said)s.") % {"said": said})
    else:
        messages.info(request, _("No cambió ninguna respuesta."))
    if "seguir" in request.POST and sheet.following:
        return redirect("auditoria:sheet", pk, sheet.following["code"])
    return redirect(request.get_full_path())


def _page(request, sheet, said="", status=200):
    context = {
        "audit": sheet.audit,
        "sheet": sheet,
        "groups": list(sheet.groups),
        "refused": sheet.refused if sheet.left else [],
        "said": said,
        "standard_notice": sheet.audit.scope.assessment.standard_version.notice,
        "nav_current": "checklist",
    }
    return render(request, "auditoria/sheet.html", context, status=status)
