"""Two people at one record: a page with both texts. Edited by both, to choose from field by field and save; done by one
first, to read what was done beside what the other wrote. Nothing is lost."""

import re
from dataclasses import dataclass

from django import forms
from django.shortcuts import render

from ecoeficiencia.changes import in_words
from ecoeficiencia.fields import LongField, NameField

from .models import Event
from .timeline import Timeline

VERSIONS = ("version", "seen")  # what a form calls the version its page was opened with


@dataclass(frozen=True)
class Choice:
    """One field both wrote: what is stored and what this person wrote, in words and as the form sends them."""

    name: str
    label: str
    stored: str
    written: str
    stored_value: str
    written_value: str


def version_of(record):
    """The version of `record`; of one whose every wording is a row of its own, the number of the last."""
    return getattr(record, "version", None) if hasattr(record, "version") else getattr(record, "number", None) or 0


def is_stale(form, record):
    """Whether somebody saved `record` after the page of this valid `form` was opened."""
    opened = form.cleaned_data.get(_version_of(form))
    return opened is not None and opened != version_of(record)


def as_seen(record, data):
    """`record` at the version its page showed: what somebody changed meanwhile is not decided on unseen.

    Any move of it then raises Overtaken. A page from before this was asked sends no version.
    """
    opened = data.get("version", "")
    if re.fullmatch(r"[0-9]{1,9}", opened):
        record.version = int(opened)
    return record


def merge(request, form, record, /, *, since=None, history=None, files_kept=False, **context):
    """409: what is stored in `record` beside what the valid `form` says. Sending the page saves what was chosen.

    A field only one of the two touched is decided already. since: what the page said of the fields that changed, in
    words; from the history of the record when missing. history: the record whose history tells who saved, when it is
    another. files_kept: whether files of this request were saved. In the context, action: where what was
    chosen is sent, when not where this was; back: where what is stored is shown, when not there.
    """
    if since is None:
        since = Event.objects.changes_since(record, form.cleaned_data.get(_version_of(form)) or 0)
    choices, settled = [], [(form.add_prefix(_version_of(form)), version_of(record))]
    for name, field in form.fields.items():
        if name in VERSIONS or isinstance(field, forms.FileField):
            continue
        column = _column(record, name)
        theirs = column is not None and name in since
        if not theirs or _same(record, name, form):
            settled += [(form.add_prefix(name), value) for value in _sent(form, name)]
        elif in_words(column, _key(form.cleaned_data[name])) == since[name]:  # this person left it as it was
            settled.append((form.add_prefix(name), _as_sent(field, column.value_from_object(record))))
        else:
            choices.append(choice_of(form, name, record))
    context = dict.fromkeys(("action", "back"), request.get_full_path()) | context
    context |= {
        "choices": choices,
        "settled": settled,
        "saved": Event.objects.about(history or record).newest_first().first(),
        "record": record,
        "files_lost": bool(request.FILES) and not files_kept,
        "base": f"{request.resolver_match.namespace or 'public'}/base.html",
    }
    page = "includes/merge.html" if request.headers.get("HX-Request") else "merge.html"
    return render(request, page, context, status=409)


def overtaken(request, refusal, /, *, back, form=None, instead=None):
    """409: what somebody did first beside what this person wrote in the bound `form`.

    instead: what can still be done with those words: {"action": address, "fields": {name: value}, "label": button}.
    """
    record = getattr(refusal, "record", None)
    context = {
        "message": str(refusal),
        "record": record,
        "stored": next(iter(Timeline.of(request, record, events=_told(request, record))), None) if record else None,
        "written": written_in(form) if form else [],
        "instead": instead,
        "back": back,
    }
    return render(request, "overtaken.html", context, status=409)


def _told(request, record):
    """What happened to `record`; to the company, without what the record keeps inside PROMPERÚ."""
    kept = getattr(record, "KEPT_INSIDE", ()) if request.resolver_match.namespace == "empresa" else ()
    return Event.objects.about(record).exclude(verb__in=kept)


def written_in(form):
    """[(label, words)] of what a person wrote in a bound form; not what was picked, nor numbers and days."""
    words = [(form[name].label, form[name].value()) for name, field in form.fields.items() if _is_text(field)]
    return [(label, value) for label, value in words if value]


def _is_text(field):
    return isinstance(field.widget, (forms.Textarea, forms.TextInput)) and type(field) in (
        forms.CharField,
        LongField,
        NameField,
    )


def _version_of(form):
    return next(name for name in VERSIONS if name in form.fields)


def _column(record, name):
    return next((field for field in record._meta.concrete_fields if field.name == name), None)


def _key(value):
    return getattr(value, "pk", value)


def _same(record, name, form):
    column = _column(record, name)
    return in_words(column, column.value_from_object(record)) == in_words(column, _key(form.cleaned_data[name]))


def _sent(form, name):
    """The field's values as this person's browser sent them; none for a box that was not ticked."""
    return form.data.getlist(form.add_prefix(name))


def _as_sent(field, value):
    """`value` as a browser sends it for `field`."""
    if isinstance(field.widget, forms.CheckboxInput):
        return "on" if value else ""
    if isinstance(field, forms.ModelChoiceField):
        return "" if value is None else str(value)
    shown = field.widget.format_value(field.prepare_value(value))
    if isinstance(shown, (list, tuple)):
        shown = shown[0] if shown else ""
    return "" if shown is None else str(shown)


def choice_of(form, name, record):
    """What is stored in the field `name` of `record` beside what the `form` says."""
    field, column = form.fields[name], _column(record, name)
    stored = column.value_from_object(record)
    return Choice(
        name=form.add_prefix(name),
        label=str(field.label or column.verbose_name),
        stored=in_words(column, stored),
        written=in_words(column, _key(form.cleaned_data[name])),
        stored_value=_as_sent(field, stored),
        written_value=next(iter(_sent(form, name)), ""),
    )
