"""How much one company keeps: every file in its name, whichever page took it, counted once by its bytes."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from ecoeficiencia.files.blob import Blob, digest_of
from ecoeficiencia.files.sweeping import referring
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.writing import number

from .sent import PRINTED, SENT

MB = 1024 * 1024


@dataclass(frozen=True)
class Use:
    """What a company keeps. size: bytes. there: the id of the file that has the bytes asked for, or None."""

    files: int
    size: int
    there: int | None = None

    def admits(self, size):
        """Whether one more file of `size` bytes fits."""
        return self.files < settings.COMPANY_FILES and self.size + size <= settings.COMPANY_BYTES

    @property
    def is_nearly_full(self):
        return self.files * 10 >= settings.COMPANY_FILES * 9 or self.size * 10 >= settings.COMPANY_BYTES * 9

    def __str__(self):
        return _("%(mb)s de %(most_mb)s MB y %(files)s de %(most)s archivos") % {
            "mb": number(round(self.size / MB), 0),
            "most_mb": number(settings.COMPANY_BYTES // MB, 0),
            "files": number(self.files, 0),
            "most": number(settings.COMPANY_FILES, 0),
        }


def use_of(company, sha256=""):
    """What `company` keeps, in one statement. sha256: the bytes to look for among it."""
    first, *rest = (
        model._base_manager.filter(**{path: company, f"{column}__isnull": False}).order_by().values(column)
        for model, column, path in _columns()
    )
    same = Max("pk", filter=Q(sha256=sha256))
    kept = Blob.objects.filter(pk__in=first.union(*rest))
    return Use(**kept.aggregate(files=Count("pk"), size=Sum("size", default=0), there=same))


def require_room(company, file):
    """Refuse `file` when the company has no room for it; return the id of the file with the same bytes, or None.

    What is there already takes no room. Holds the company's row to the end of the caller's transaction, so that two
    uploads at once count each other. Raises IllegalMove.
    """
    company.lock_row()
    use = use_of(company, digest_of(file))
    if use.there is None and not use.admits(file.size):
        sentence = _("«%(name)s» no cabe: su empresa usa %(use)s. Quite evidencias o documentos que no sirvan.")
        raise IllegalMove(sentence % {"name": file.name, "use": use})
    return use.there


@cache
def _columns():
    """(model, column, path to the company) of everything in the name of a company."""
    found = [(model, column, SENT.get(model._meta.label, ("",))[0]) for model, column in referring()]
    return [(model, column, path) for model, column, path in found if path and column != PRINTED]
