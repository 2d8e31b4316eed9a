"""The one door for files: what a person sends is checked by its content before any row refers to it.

Each refusal is a sentence that says what is wrong with which file and how to mend it.
"""

import io
import re
import unicodedata
import zipfile

import filetype
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from .models import Blob

KINDS = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
}
PREVIEWED = {"application/pdf", "image/jpeg", "image/png", "image/webp"}
MAX_PIXELS = 60_000_000
MAX_UNZIPPED = 200 * 1024 * 1024


def clean_name(name):
    """The name a person sees: no paths, no control or direction characters, at most 150."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: 149 - len(extension)]}{dot}{extension}"[:150] or "archivo"


def check_upload(file, kinds=KINDS):
    """Return the content type of `file` as its bytes tell it.

    Raises ValidationError for an empty, too large, disguised, broken or encrypted file.
    """
    name, limit = clean_name(file.name), settings.UPLOAD_MAX_BYTES
    if file.size == 0:
        raise ValidationError(_("«%(name)s» está vacío (0 bytes). Elija el archivo otra vez.") % {"name": name})
    if file.size > limit:
        raise ValidationError(
            _("«%(name)s» pesa %(size)s MB. El máximo es %(limit)s MB; puede dividirlo.")
            % {"name": name, "size": round(file.size / 1048576), "limit": limit // 1048576}
        )
    file.seek(0)
    kind = filetype.guess_mime(file.read(8192))
    if kind not in KINDS:
        kind = _office_kind(file)
    if kind not in kinds:
        raise ValidationError(
            _("«%(name)s» no es un archivo admitido, aunque su nombre lo parezca. Se admite: %(kinds)s.")
            % {"name": name, "kinds": ", ".join(KINDS[k] for k in kinds)}
        )
    file.seek(0)
    try:
        _open(file, kind)
    except ValidationError:
        raise
    except Exception as error:  # each parser has its own family of errors; to the person all mean "broken"
        raise ValidationError(
            _("«%(name)s» está dañado o incompleto: no se puede abrir. Vuelva a exportarlo y súbalo.") % {"name": name}
        ) from error
    finally:
        file.seek(0)
    return kind


def _office_kind(file):
    """XLSX and DOCX are ZIP files whose members say which."""
    file.seek(0)
    try:
        names = set(zipfile.ZipFile(file).namelist())
    except zipfile.BadZipFile:
        return None
    base = "application/vnd.openxmlformats-officedocument."
    if "xl/workbook.xml" in names:
        return base + "spreadsheetml.sheet"
    return base + "wordprocessingml.document" if "word/document.xml" in names else None


def _open(file, kind):
    name = clean_name(file.name)
    if kind == "application/pdf":
        import pikepdf

        try:
            with pikepdf.open(file) as pdf:
                if not len(pdf.pages):
                    raise ValidationError(_("«%(name)s» no tiene páginas.") % {"name": name})
        except pikepdf.PasswordError as error:
            raise ValidationError(
                _("«%(name)s» tiene contraseña. Guárdelo sin contraseña y súbalo otra vez.") % {"name": name}
            ) from error
    elif kind.startswith("image/"):
        from PIL import Image

        image = Image.open(io.BytesIO(file.read()), formats=["JPEG", "PNG", "WEBP"])
        if image.width * image.height > MAX_PIXELS:
            raise ValidationError(_("«%(name)s» es demasiado grande en píxeles. Redúzcala.") % {"name": name})
        image.verify()
    else:
        members = zipfile.ZipFile(file).infolist()
        if len(members) > 2000 or sum(m.file_size for m in members) > MAX_UNZIPPED:
            raise ValidationError(_("«%(name)s» se expande demasiado al abrirlo. Divídalo.") % {"name": name})
        if any(re.search(r"vbaProject|\.exe$", m.filename) for m in members):
            raise ValidationError(_("«%(name)s» contiene macros. Guárdelo sin macros.") % {"name": name})


class UploadInput(forms.ClearableFileInput):
    template_name = "django/forms/widgets/file.html"


class UploadField(forms.FileField):
    """A file checked by its content. The cleaned file carries `content_type` as its bytes tell and a clean `name`."""

    widget = UploadInput

    def __init__(self, *, kinds=KINDS, **kwargs):
        self.kinds = kinds
        kwargs.setdefault("help_text", _("%(kinds)s. Hasta 25 MB.") % {"kinds": ", ".join(KINDS[k] for k in kinds)})
        super().__init__(**kwargs)

    def to_python(self, data):
        if data in self.empty_values:
            return None
        # Django's own «empty file» sentence says neither which file nor what to do.
        data.content_type = check_upload(data, self.kinds)
        data.name = clean_name(data.name)
        return data

    def widget_attrs(self, widget):
        return {"accept": ",".join(self.kinds)}


def store(file):
    """Keep a file that UploadField has cleaned; return its Blob."""
    return Blob.store(file, file.content_type)


def serve(blob, filename, *, inline=False):
    """Answer with the bytes of `blob`; the view has already checked who asks.

    Shown in the page only when the type is safe to show; everything else is a download.
    """
    inline = inline and blob.content_type in PREVIEWED
    response = FileResponse(
        blob.open(), as_attachment=not inline, filename=clean_name(filename), content_type=blob.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    if inline:
        # The page that shows it may frame it; nothing inside it may run.
        response._csp_update = {"frame-ancestors": ["'self'"]}
        response.xframe_options_exempt = True
    else:
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
