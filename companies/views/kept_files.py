"""What every page of a document made of files shows of them, and how one of them is replaced or taken away."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.forms.files import RemovalForm, ReplacementForm
from companies.quota import use_of
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove


def files_of_page(request, company, holder, *, rules, opened=0):
    """holder: the document with its files, or None. rules: what another version of a file may be.

    opened: the id of the file whose form came back with errors.
    """
    files = holder.current if holder and holder.pk else []
    return {
        "files": files,
        "former": holder.former if holder and holder.pk else [],
        "shown": _shown(files, str(opened or request.GET.get("archivo", ""))),
        "use": use_of(company),
        "replacement": ReplacementForm(rules=rules),
        "removal": RemovalForm(),
        "opened": opened,
    }


def _shown(files, asked):
    """The file that is looked at: the one asked for, else the newest."""
    return next((file for file in files if str(file.pk) == asked), files[-1] if files else None)


def tell_kept(request, files, new):
    """Say how many of the `files` sent are `new`, which were there, and why others were refused."""
    said = ngettext("Subió %(n)s archivo.", "Subió %(n)s archivos.", new) % {"n": new} if new else _("Guardado.")
    messages.success(request, said)
    if len(files) > new:
        messages.info(request, _("Lo que ya estaba en este documento no se repitió."))
    for sentence in getattr(files, "refused", ()):
        messages.warning(request, sentence)


def change_file(request, form, act, *, held, said, back, page):
    """Let `act` do to one file what `form` says; else `page(status=422)`, or 409 with why not.

    held: the context in which it is done, so that nobody hands in what changes in that moment.
    """
    if not form.is_valid():
        return page(status=422)
    try:
        with held:
            act(by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(request, said)
    return redirect(back)
