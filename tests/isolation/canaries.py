"""A word of its own in every text and file a company has, so that whatever shows one tells from which column."""

import io
import re
import subprocess
import zipfile

from django.apps import apps
from django.db import models

from audits.models import RegisterEntry
from companies.models import Company, Event
from ecoeficiencia.models import Blob

ROOMS = {"companies", "requirements_std", "programs", "audits"}
WORD = re.compile(r"zq7x[0-9a-z]{3}")
# What anybody may read of a certified company, wherever it stands: the register is public.
PUBLIC = {
    "audits.Certificate.number", "audits.Certificate.printed", "audits.Certificate.search", "audits.Certificate.code",
    "audits.MarkLicence.number", "audits.RegisterEntry.reason",
}  # fmt: skip
# Texts that a machine reads: changing them would break the record, not mark it.
MACHINE = {"sha256", "token_hash", "prev", "hash", "session_key", "object_type", "message_id", "code", "key", "kind"}


def readable(content):
    """The words of an answer or a file: what a person reads of a PDF, what is packed in an archive, or as it is."""
    words = content.decode("utf-8", "ignore")
    if content.startswith(b"%PDF"):
        made = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True)
        words += made.stdout.decode("utf-8", "ignore")
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            words += "".join(readable(archive.read(name)) for name in archive.namelist())
    return words


def paths(model, seen=()):
    """The shortest way from `model` to its company, as a lookup; None when it belongs to none."""
    if model is Company:
        return "pk"
    ways = []
    for field in model._meta.fields:
        related = field.related_model
        follow = field.is_relation and related is not model and related not in seen
        if follow and (way := paths(related, (*seen, model))) is not None:
            ways.append(field.name if way == "pk" else f"{field.name}__{way}")
    return min(ways, key=lambda way: way.count("__"), default=None)


def texts(model):
    for field in model._meta.concrete_fields:
        written = isinstance(field, (models.CharField, models.TextField, models.JSONField)) and not field.choices
        if written and field.name not in MACHINE and not field.primary_key:
            yield field


class Canaries:
    """Put into every row of `company` by UPDATE, past validators and history alike."""

    def __init__(self, company, first=0):
        self.column_of, self.number = {}, first
        for model in apps.get_models():
            if model._meta.app_label in ROOMS and (way := paths(model)):
                for row in model._base_manager.filter(**{way: company.pk}):
                    self._mark(model, row)

    def word(self, column):
        self.number += 1
        word = f"zq7x{self.number:03d}"
        self.column_of[word] = column
        return word

    def _mark(self, model, row):
        new = self._files(model, row)
        for field in texts(model):
            word = self.word(f"{model._meta.label}.{field.name}")
            if isinstance(field, models.JSONField):
                new[field.name] = self._in(getattr(row, field.name), word)
            elif (field.max_length or 99) >= len(word):
                new[field.name] = word
        if new:
            self._write(model, row, new)

    def _files(self, model, row):
        """A file of its own for each that the row bears, with a word in it."""
        new = {}
        for field in model._meta.concrete_fields:
            if field.related_model is Blob and getattr(row, field.attname):
                word = self.word(f"{model._meta.label}.{field.name} (archivo)")
                new[field.attname] = Blob.store(b"%PDF-1.4\n% " + word.encode() + b"\n%%EOF\n", "application/pdf").pk
        return new

    def _write(self, model, row, new):
        """By UPDATE; what is never changed gets one more row that says it, and the public register is left as it is."""
        if model is RegisterEntry:
            return
        if model is Event:
            Event.record(row, by=row.actor, verb="edit", company=row.company, note=new["note"])
        elif getattr(model, "SEALED_BUT", ()):
            row.pk, row.sha256 = None, f"{self.number:064x}"
            for name, value in new.items():
                setattr(row, name, value)
            row.save(force_insert=True)
        else:
            models.QuerySet(model).filter(pk=row.pk).update(**new)

    def _in(self, value, word):
        """The same shape with `word` for each text in it."""
        if isinstance(value, dict):
            return {key: self._in(inner, word) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._in(inner, word) for inner in value]
        return word if isinstance(value, str) else value

    def found_in(self, content):
        """The columns whose words stand in `content`."""
        words = set(WORD.findall(readable(content).lower()))
        return {self.column_of[word] for word in words if word in self.column_of}
