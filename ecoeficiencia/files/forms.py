"""The field of a form that takes files. A file that is not taken is named, with a sentence that says how to mend it."""

import math

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .blob import Blob
from .inspection import Unavailable, inspector
from .kinds import EXTENSIONS, KINDS
from .names import clean_name
from .receiving import ReceivedFile
from .sentences import SENTENCES
from .signatures import read_signatures

MB = 1024 * 1024


def refusal(code, name, **facts):
    """The sentence of `code` about the file `name`, as the error of a form."""
    return ValidationError(SENTENCES[code] % {"name": name, **facts}, code=code)


def look_into(file, kinds=KINDS, most=None):
    """Find out what `file` is by its content; it then carries `content_type`, `facts`, `rendition` and a clean `name`.

    most: bytes, when fewer are taken here than elsewhere.
    Raises ValidationError for a file that is empty, too large, disguised, broken, encrypted, active or a trap.
    """
    name, limit = clean_name(file.name), min(most or settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_BYTES)
    if file.problem:
        raise refusal(file.problem, name)
    if not file.size:
        raise refusal("empty", name)
    if file.size > limit:
        raise refusal("size", name, size=math.ceil(file.size / MB), limit=limit // MB)
    if settings.CLAMAV_URL and Blob.objects.filter(sha256=file.sha256, state=Blob.State.INFECTED).exists():
        raise refusal("infected", name)
    file.rendition = ReceivedFile(name)
    try:
        found = inspector.ask("check", file, file.rendition, name=name, kinds=list(kinds))
    except Unavailable as error:
        raise refusal(error.code, name) from error
    code = found.get("refused") or (None if found.get("kind") in kinds else "kind")
    if code == "no_space":
        file.problem = code
    if code:
        facts = {key: found[key] for key in ("pages", "limit", "count", "row") if key in found}
        raise refusal(code, name, kinds=", ".join(KINDS[kind] for kind in kinds), **facts)
    file.content_type, file.name = found["kind"], clean_name(file.name, found["kind"])
    file.facts = {key: found[key] for key in ("pages", "width", "height", "shown") if key in found}


class UploadInput(forms.ClearableFileInput):
    template_name = "django/forms/widgets/file.html"


class UploadField(forms.FileField):
    """A file checked by its content. The cleaned file carries `content_type` as its bytes tell and a clean `name`.

    max_mb: how large it may be here. signatures: whether the digital signatures of a PDF are read, too.
    """

    widget = UploadInput

    def __init__(self, *, kinds=KINDS, max_mb=25, signatures=False, **kwargs):
        self.kinds, self.max_mb, self.signatures = kinds, max_mb, signatures
        words = {"kinds": ", ".join(KINDS[kind] for kind in kinds), "n": max_mb}
        kwargs.setdefault("help_text", _("%(kinds)s. Hasta %(n)s MB.") % words)
        super().__init__(**kwargs)

    def to_python(self, data):
        if data in self.empty_values:
            return None
        # Django's own «empty file» sentence says neither which file nor what to do.
        file = data if isinstance(data, ReceivedFile) else ReceivedFile.copy_of(data)
        file.seek(0)
        look_into(file, self.kinds, self.max_mb * MB)
        if self.signatures:
            read_signatures(file)
        return file

    def widget_attrs(self, widget):
        # Without HEIC in the list an iPhone sends its photos as JPEG by itself.
        named = [f".{EXTENSIONS[kind][0]}" for kind in self.kinds if kind == "text/csv"]
        return {"accept": ",".join([*(kind for kind in self.kinds if kind not in {"image/heic", "text/csv"}), *named])}


class UploadsInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self, attrs=None):
        super().__init__({"multiple": True, **(attrs or {})})

    def value_from_datadict(self, data, files, name):
        return files.getlist(name)

    def value_omitted_from_data(self, data, files, name):
        return name not in files


class Uploads(list):
    """The files that may be kept; `refused` holds a sentence for each of the others."""

    refused: tuple[str, ...] = ()


class UploadsField(UploadField):
    """Several files at once, each checked by its content; one that is refused does not take the others along."""

    widget = UploadsInput

    def clean(self, data, initial=None):
        files, errors = Uploads(), []
        for sent in data or ():
            try:
                files.append(self.to_python(sent))
            except ValidationError as error:
                errors.extend(error.error_list)
        if errors and not files:
            raise ValidationError(errors)
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        files.refused = tuple(message for error in errors for message in error.messages)
        return files
