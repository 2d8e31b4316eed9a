"""The tables this room reads: pending accounts with PROMPERÚ."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia.fields import MarkedField
from ecoeficiencia.jobs import Job
from ecoeficiencia.tables import Column, one_of

from .imports import Importer, imports, repeated, tally
from .models import Debtor, Duty
from .ruc import check_digit


def any_ruc(text):
    """A RUC of any prefix: natural persons owe, too."""
    text = MarkedField.MARKS.sub("", text)
    if not (len(text) == 11 and text.isascii() and text.isdigit()):
        raise ValueError(_("«%(text)s» no es un RUC de 11 dígitos") % {"text": text})
    if check_digit(text[:10]) != int(text[10]):
        raise ValueError(_("el último dígito de %(text)s no corresponde a un RUC") % {"text": text})
    return text


@imports
class Debtors(Importer):
    key = "debtors"
    label = gettext_lazy("Cuentas pendientes con PROMPERÚ")
    help = gettext_lazy("Reemplaza a la lista anterior: quien no figura está al día. Una fila por RUC y tipo.")
    as_of_label = gettext_lazy("Fecha de la lista")
    image = "cash-coin"
    duties = (Duty.COORDINATOR, Duty.ADMINISTRATOR, Duty.REVIEWER)
    columns = (
        Column("ruc", gettext_lazy("RUC"), any_ruc),
        Column(
            "kind",
            gettext_lazy("Tipo"),
            one_of(dict(Debtor.Kind.choices)),
            help=gettext_lazy("Económica o Documentaria"),
        ),
        Column("name", gettext_lazy("Razón social"), needed=False),
        Column("detail", gettext_lazy("Detalle"), needed=False),
    )

    def check(self, rows, source):
        return repeated(rows, _("RUC"), "ruc", "kind")

    def describe(self, row):
        return f"{row['ruc']} · {Debtor.Kind(row['kind']).label} · {row['name'] or '—'}"

    def apply(self, rows, source, by):
        Debtor.objects.bulk_create(
            Debtor(
                source=source,
                ruc=row["ruc"],
                kind=row["kind"],
                name=(row["name"] or "")[:250],
                detail=row["detail"] or "",
            )
            for row in rows
        )
        Job.enqueue("programs.recheck", key=f"recheck:debtors:{source.pk}", payload={})
        kinds = tally(Debtor.Kind(row["kind"]).label.lower() for row in rows)
        return _("%(n)s cuentas: %(kinds)s.") % {"n": len(rows), "kinds": kinds}
