"""What is typed into the form of a record that does not exist yet is kept, field by field, until its button is pressed.

The page is templates/empresa/record_form.html; what it sends while one types is what companies/autosave.py describes.
"""

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ecoeficiencia import once

from .autosave import FIELD, answer_later
from .models import FormDraft
from .models.form_draft import LARGEST

DISCARD = "descartar"  # the button that gives a draft up


class Drafting:
    """The draft of one form for whoever is asking. It is theirs alone: nobody who stands in for them has it.

    form: of FormDraft.Form; empty where the record exists already and there is nothing to draft.
    """

    def __init__(self, request, company, form):
        self.request, self.form = request, form if request.standing_in is None else ""
        self.which = {"company": company, "user": request.user, "form": self.form}

    @cached_property
    def row(self):
        return FormDraft.objects.visible_to(self.request.user).filter(**self.which).first() if self.form else None

    @property
    def fields(self):
        """What the form begins with."""
        return self.row.fields if self.row else {}

    @property
    def when(self):
        return self.row.when(timezone.localdate()) if self.row else ""

    def drop(self):
        """The record is there now, or was given up."""
        if self.form:
            FormDraft.objects.filter(**self.which).delete()

    def answer(self, form):
        """The answer to a request about the draft, not about the record; None to any other."""
        if DISCARD in self.request.POST:
            self.drop()
            return redirect(self.request.get_full_path())
        if FIELD not in self.request.POST or form.saves_while_typing:
            return None
        return self._keep(form) if self.form else answer_later(self.request)

    def keep_unfinished(self, form):
        """Keep all that was typed of a new record that lacks only what it needs to be made. False when it is not so."""
        if not self.form or form.saves_while_typing or form.is_valid():
            return False
        if {error.code for errors in form.errors.as_data().values() for error in errors} != {"required"}:
            return False
        names = [name for name in form.fields if name != "version"]
        if set(form.changed_data).intersection(names).difference(form.BESIDE):
            FormDraft.objects.keep(_typed(form, names), **self.which)
        return True

    def _keep(self, form):
        """200 with the time; 422 with what is wrong, which is kept as it was typed all the same."""
        name = self.request.POST[FIELD]
        if name not in form.fields:
            raise Http404
        names = form.saved_with(name)
        typed = _typed(form, [*names, *form.BESIDE])
        form.is_valid()
        too_long = [each for each, value in typed.items() if isinstance(value, str) and len(value) > LARGEST]
        for each in too_long:
            form.add_error(each, _("Es demasiado largo: aquí entran %(n)s caracteres.") % {"n": LARGEST})
        if not too_long:
            self.row = once.unless_sent(self.request, lambda: FormDraft.objects.keep(typed, **self.which))
            if self.row is None:  # the record was saved in this very moment
                return answer_later(self.request)
        wrong = [form[each] for each in names if each in form.errors]
        context = {"name": name, "outcome": "wrong" if wrong else "saved", "wrong": wrong, "told": self.when}
        context |= {"drafted": not too_long, "warning": "", "also": "empresa/_draft_discard.html"}
        context |= {"draft": self, "oob": True}
        return render(self.request, "includes/autosaved.html", context, status=422 if wrong else 200)


def _typed(form, names):
    """{name: what was typed}, without the character that no database keeps."""
    found = {}
    for name in names:
        if name in form.fields:
            value = form.fields[name].widget.value_from_datadict(form.data, {}, form.add_prefix(name))
            found[name] = value.replace("\0", "") if isinstance(value, str) else value
    return found
