"""What the registers loaded by PROMPERÚ say of a RUC: SUNAT's padrón and the list of pending accounts."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from ecoeficiencia.writing import dmy

from .models import Debtor, Padron, TableImport, Taxpayer

NOT_LISTED = "NO FIGURA"


@dataclass(frozen=True)
class Standing:
    """found: the fields of Company as the register tells them. source: which register. as_of: its day."""

    found: dict
    source: str
    as_of: date
    words: str


def taxpayer_standing(ruc):
    """What the padrón in force says; None when none was loaded."""
    padron = Padron.objects.first()
    if padron is None:
        return None
    row = Taxpayer.objects.filter(pk=ruc).first()
    state, condition = (row.state, row.condition) if row else (NOT_LISTED, NOT_LISTED)
    words = f"{state}, {condition}" if row else _("El RUC no figura en el padrón.")
    return Standing({"ruc_state": state, "ruc_condition": condition}, str(padron), padron.as_of, words)


def newest_debts():
    """The list of pending accounts that counts, or None when none was imported."""
    debts = TableImport.objects.filter(kind="debtors", state=TableImport.State.CONFIRMED)
    return debts.order_by("-as_of", "-pk").first()


def loaded():
    """{"ruc" or "debts": which register there is and of which day, as a sentence}"""
    padron, debts = Padron.objects.first(), newest_debts()
    no_padron, no_debts = _("No hay padrón cargado."), _("No hay lista de cuentas pendientes cargada.")
    of_padron, of_debts = _("El padrón cargado es del %(day)s."), _("La lista de cuentas pendientes es del %(day)s.")
    return {
        "ruc": of_padron % {"day": dmy(padron.as_of)} if padron else no_padron,
        "debts": of_debts % {"day": dmy(debts.as_of)} if debts else no_debts,
    }


def debts_standing(ruc):
    """What the newest list of pending accounts says; None when none was imported."""
    newest = newest_debts()
    if newest is None:
        return None
    owed = {debtor.kind: debtor for debtor in Debtor.objects.filter(source=newest, ruc=ruc)}
    found = {"economic_debt": "economic" in owed, "documentary_debt": "documentary" in owed}
    lines = [f"{d.get_kind_display()}: {d.detail}".removesuffix(": ") for d in owed.values()]
    source = _("Lista de cuentas pendientes del %(day)s, %(file)s") % {
        "day": f"{newest.as_of:%d/%m/%Y}",
        "file": newest.filename,
    }
    return Standing(found, source, newest.as_of, ". ".join(lines) or _("Sin cuentas pendientes."))
