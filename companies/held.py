"""Files the antivirus holds: which rows have them, whose they are, and who is told."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.sweeping import referring
from ecoeficiencia.models import Blob

from .models import Duty, Membership, Notice, User
from .sent import SENT

PANEL = "/panel/archivos-retenidos/"
LEADS = (Membership.Role.REPRESENTATIVE, Membership.Role.COORDINATOR)


@dataclass(frozen=True)
class Holding:
    """One row whose file is held. company and sender: None when it has none."""

    row: models.Model
    name: str
    company: models.Model | None
    sender: User | None

    @property
    def what(self):
        return self.row._meta.verbose_name

    @property
    def url(self):
        """Where its company finds it."""
        own = getattr(self.row, "get_absolute_url", None)
        return own() if own else f"/empresa/{self.company.pk}/" if self.company else ""

    def people(self):
        """Who can send another copy: whoever sent this one, else those who run the company."""
        if self.sender:
            return [self.sender]
        if not self.company:
            return []
        leads = self.company.memberships.in_force(timezone.localdate()).filter(role__in=LEADS)
        return [member.user for member in leads.select_related("user")]


def holdings_of(blobs):
    """{id of the file: [Holding]}, in as many statements for many files as for one."""
    found = defaultdict(list)
    for model, column in referring():
        company, sender, name = SENT.get(model._meta.label, ("", "", ""))
        if not name:
            continue  # made by the system, never looked at
        rows = model._base_manager.filter(**{f"{column}__in": [blob.pk for blob in blobs]})
        for row in rows.select_related(*filter(None, (company, sender))):
            held = Holding(row, getattr(row, name), _follow(row, company), _follow(row, sender))
            found[getattr(row, column)].append(held)
    return found


def _follow(row, path):
    for step in path.split("__") if path else ():
        row = getattr(row, step)
    return row if path else None


WORDS = {
    Blob.State.INFECTED: (
        _("El antivirus retuvo «%(file)s»"),
        _(
            "Nadie puede abrirlo ni descargarlo. Revise el equipo del que salió y suba otra copia, limpia: este mismo "
            "archivo ya no se acepta."
        ),
    ),
    Blob.State.UNVERIFIABLE: (
        _("No se pudo revisar «%(file)s»"),
        _(
            "El antivirus no pudo leerlo en varios intentos y nadie puede abrirlo. Suba otra copia, por ejemplo "
            "guardada de nuevo como PDF."
        ),
    ),
}


def tell(blob):
    """Tell who sent a held file and who administers; once a finding."""
    key, (title, body) = f"held:{blob.pk}:{blob.state}", WORDS[blob.state]
    holdings = holdings_of([blob])[blob.pk]
    for held in holdings:
        facts = {"company": held.company, "url": held.url, "title": title % {"file": held.name}, "body": str(body)}
        Notice.tell(held.people(), key=key, kind="held", **facts)
    facts = {"title": title % {"file": holdings[0].name if holdings else blob}, "body": blob.finding, "url": PANEL}
    Notice.tell(User.objects.with_duty(Duty.ADMINISTRATOR), key=f"{key}:panel", kind="held", **facts)
