"""The chain over the history: each link carries the digest of one event and of the link before."""

import hashlib
import json
import secrets
from functools import partial

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia import heads
from ecoeficiencia.models import Counter

from .event import Event

STREAM = "historia"
AT_ONCE = 2000  # events a transaction; on SQLite it holds the only writer
REACH = 10_000  # how many events back one may appear late, its transaction having taken longer


def digest_of(value):
    """SHA-256, in hexadecimal, of `value` as JSON with sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(event, salt):
    """The digest of what an event says. An empty column counts as absent, so that one can be added later."""
    said = {"salt": salt}
    for field in event._meta.concrete_fields:
        value = getattr(event, field.attname)
        if value not in (None, "", {}):
            said[field.attname] = value.isoformat() if hasattr(value, "isoformat") else value
    return digest_of(said)


class SealQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError("The chain is not rewritten.")

    def delete(self):
        raise TypeError("The chain is not rewritten.")

    def unsealed(self):
        """Events no link covers yet, oldest first, as far back as one may appear late."""
        last = self.aggregate(last=models.Max("event_id"))["last"] or 0
        return Event.objects.filter(seal=None, pk__gt=last - REACH).order_by("pk")

    def seal(self):
        """Add a link for each event not yet covered, at most AT_ONCE; return how many."""
        with transaction.atomic():
            if not self.unsealed().exists():
                return 0
            before = Counter.next(STREAM, 0, 0)  # holds the counter's row: links follow one another
            previous = self.filter(sequence=before).values_list("digest", flat=True).first() or ""
            links = []
            for sequence, event in enumerate(self.unsealed()[:AT_ONCE], before + 1):
                link = self.model(sequence=sequence, event=event, salt=secrets.token_hex(8))
                link.content = content_of(event, link.salt)
                link.digest = previous = link.computed_digest(previous)
                links.append(link)
            if links:
                Counter.next(STREAM, 0, len(links))
                self.bulk_create(links)
                transaction.on_commit(partial(heads.keep, STREAM, links[-1].sequence, previous), robust=True)
        return len(links)

    def faults(self):
        """One sentence for the first link that does not hold, else for each head that is not in the chain."""
        previous, sequence = "", 0
        for sequence, link in enumerate(self.select_related("event").order_by("sequence").iterator(), 1):
            if reason := link.fault(sequence, previous):
                yield reason
                return
            previous = link.digest
        given = Counter.objects.filter(series=STREAM, year=0).values_list("last", flat=True).first() or 0
        if given != sequence:
            yield _("faltan los últimos eslabones: hubo %(n)s") % {"n": given}
        known = dict(self.filter(sequence__in=[n for n, _d in heads.kept(STREAM)]).values_list("sequence", "digest"))
        yield from heads.faults(STREAM, known.get)


class Seal(models.Model):
    """One link. The salt keeps what an event said from being guessed from its digest."""

    GROWS_ONLY = True

    sequence = models.PositiveBigIntegerField(unique=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seal")
    salt = models.CharField(max_length=16)
    content = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = "eslabón de la historia"
        verbose_name_plural = "cadena de la historia"

    def __str__(self):
        return f"{self.sequence} → {self.event_id}"

    def computed_digest(self, previous):
        return digest_of([previous, self.sequence, self.event_id, self.content])

    def fault(self, sequence, previous):
        """Why this link is not the one of place `sequence` after the digest `previous`; "" when it is."""
        names = {"n": sequence, "event": self.event_id}
        if self.sequence != sequence:
            return _("falta el eslabón %(n)s") % names
        if self.digest != self.computed_digest(previous):
            return _("el eslabón %(n)s (hecho %(event)s) no enlaza con el anterior") % names
        if self.content != content_of(self.event, self.salt):
            return _("el hecho %(event)s (eslabón %(n)s) no dice lo que decía") % names
        return ""
