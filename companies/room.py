"""How much one company keeps here, whatever its people sent it for: nobody fills the disk of the others."""

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from ecoeficiencia.files.sweeping import referring
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.models import Blob

from .held import SENT


def require_room(company, file):
    """Raise IllegalMove when `file` would exceed what `company` may keep. Call inside a transaction."""
    company.lock_row()  # two at once count each other's files
    count, size = kept(company)
    if count >= settings.COMPANY_FILES or size + file.size > settings.COMPANY_BYTES:
        raise IllegalMove(
            _("«%(name)s» no cabe: su empresa usa %(used)s MB de %(limit)s. Quite documentos o evidencias que no "
              "sirvan.")
            % {"name": file.name, "used": round(size / 1048576), "limit": settings.COMPANY_BYTES // 1048576}
        )  # fmt: skip


def kept(company):
    """(files, bytes) of all that was sent for `company`; what serves twice in one kind of record counts once."""
    count = size = 0
    for model, column in referring():
        whose, _sender, _name = SENT.get(model._meta.label, ("", "", ""))
        if not whose:
            continue
        rows = model._base_manager.filter(**{whose: company, f"{column}__isnull": False})
        here = Blob.objects.filter(pk__in=rows.values(column)).aggregate(n=Count("pk"), size=Sum("size"))
        count, size = count + here["n"], size + (here["size"] or 0)
    return count, size
