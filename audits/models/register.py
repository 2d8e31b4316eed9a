"""The public register: lines that only grow, each carrying the hash of the one before."""

import hashlib
import json
from functools import partial

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia import heads
from ecoeficiencia.models import Counter

from .certificate import Certificate

SERIES = "registro"
STATE_AFTER = {
    "granted": "issued", "suspended": "suspended", "reinstated": "issued", "withdrawn": "withdrawn",
    "replaced": "replaced",
}  # fmt: skip


def canonical(value):
    """`value` as the one JSON text that is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class RegisterEntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The register is public; it holds no personal data."""
        return self

    def about(self, code):
        """The lines about the certificate with this code, with it and its licence, the newest first."""
        return self.filter(certificate__code=code).select_related("certificate__licence").order_by("-sequence")

    def update(self, **kwargs):
        raise TypeError("The register only grows.")

    def delete(self):
        raise TypeError("The register only grows.")

    def at_odds(self):
        """(certificate, reason) of each that does not say what the register says of it: written past the product."""
        rows = Certificate.objects.select_related("licence").order_by("pk")
        lines = models.Prefetch("register", queryset=self.order_by("sequence"))
        for certificate in rows.prefetch_related(lines).iterator(chunk_size=500):
            if reason := _difference(certificate, certificate.register.all()):
                yield certificate, reason

    def first_broken(self):
        """The first line that does not follow from the one before, with the reason; (None, "") when all do."""
        previous = ""
        for sequence, entry in enumerate(self.order_by("sequence").iterator(), 1):
            if entry.sequence != sequence:
                return entry, _("falta el asiento %(n)s") % {"n": sequence}
            if entry.previous != previous:
                return entry, _("no enlaza con el asiento anterior")
            if entry.digest != entry.computed_digest():
                return entry, _("su contenido no corresponde a su huella")
            previous = entry.digest
        return None, ""


def _payload(certificate, reason):
    printed = certificate.printed
    facts = {key: printed.get(key, "") for key in ("company_name", "ruc", "standard", "version", "body")}
    facts |= {
        "number": certificate.number,
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": certificate.valid_until.isoformat(),
        "sites": [site["name"] for site in printed.get("sites", [])],
    }
    return facts | {"reason": reason} if reason else facts


def _difference(certificate, lines):
    """In what `certificate` differs from its `lines`, the oldest first, or ""."""
    if not lines or lines[0].act != RegisterEntry.Act.GRANTED:
        return _("no está en el registro")
    facts = _payload(certificate, "")
    for line in lines:
        if any(facts.get(key) != value for key, value in line.payload.items() if key != "reason"):
            return _("no dice lo mismo que su asiento %(n)s") % {"n": line.sequence}
    if certificate.state != _last_state(lines, ""):
        return _("no está en el estado que dice el registro")
    licence = certificate.licence_or_none
    if licence and licence.state != _last_state(lines, "licence_"):
        return _("su licencia de marca no está en el estado que dice el registro")
    return ""


def _last_state(lines, prefix):
    """The state that the last act of `lines` whose name begins with `prefix` left behind, or ""."""
    acts = [line.act.removeprefix(prefix) for line in lines if line.act.startswith(prefix)]
    states = [STATE_AFTER[act] for act in acts if act in STATE_AFTER]
    return states[-1] if states else ""


class RegisterEntry(models.Model):
    """One line of the public register. History cannot be rewritten unseen: each carries the hash of the one before."""

    GROWS_ONLY = True

    class Act(models.TextChoices):
        GRANTED = "granted", _("Certificado otorgado")
        SUSPENDED = "suspended", _("Certificado suspendido")
        REINSTATED = "reinstated", _("Certificado restituido")
        WITHDRAWN = "withdrawn", _("Certificado retirado")
        REPLACED = "replaced", _("Certificado reemplazado")
        HOLDER = "holder", _("Cambio del titular")
        LICENCE_GRANTED = "licence_granted", _("Licencia de uso de la marca otorgada")
        LICENCE_SUSPENDED = "licence_suspended", _("Licencia de marca suspendida junto con el certificado")
        LICENCE_REINSTATED = "licence_reinstated", _("Licencia de marca restituida junto con el certificado")
        LICENCE_WITHDRAWN = "licence_withdrawn", _("Licencia de marca retirada junto con el certificado")

    sequence = models.PositiveIntegerField(unique=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="register")
    act = models.CharField(_("acto"), max_length=20, choices=Act)
    on = models.DateField(_("fecha"))
    payload = models.JSONField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RegisterEntryQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        verbose_name = _("asiento del registro")
        verbose_name_plural = _("registro público")

    def __str__(self):
        return f"{self.sequence} · {self.act}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise TypeError("The register only grows.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The register only grows.")

    @classmethod
    def append(cls, certificate, act, *, on, reason=""):
        """Write the next line, about `certificate`; call inside a transaction."""
        return cls.append_all([(certificate, act, on, reason)])[0]

    @classmethod
    def append_all(cls, lines):
        """Write the next lines, each (certificate, act, on, reason), in order; call inside a transaction.

        The counter's row is locked to the end of the transaction, so that lines follow one another.
        """
        before = Counter.next(SERIES, 0, len(lines)) - len(lines)
        last = cls.objects.filter(sequence=before).values_list("digest", flat=True).first() or ""
        entries = []
        for sequence, (certificate, act, on, reason) in enumerate(lines, before + 1):
            entry = cls(sequence=sequence, certificate=certificate, act=act, on=on, previous=last)
            entry.payload = _payload(certificate, reason)
            entry.digest = last = entry.computed_digest()
            entries.append(entry)
        transaction.on_commit(partial(heads.keep, SERIES, entries[-1].sequence, last), robust=True)
        return cls.objects.bulk_create(entries, batch_size=500)

    def computed_digest(self):
        """SHA-256, in hexadecimal, of the canonical JSON of the line with the hash of the one before."""
        line = {
            "act": str(self.act),
            "on": self.on.isoformat(),
            "payload": self.payload,
            "previous": self.previous,
            "sequence": self.sequence,
        }
        return hashlib.sha256(canonical(line).encode()).hexdigest()

    @property
    def reason(self):
        return self.payload.get("reason", "")
