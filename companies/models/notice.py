from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.kinds import kind_of, legal_keys

from .delivery import Delivery
from .preference import Preference
from .snooze import Snooze


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What was told to `user`; a draft is not told yet."""
        return self.filter(user=user, held=False)

    def unread(self):
        return self.filter(read_at=None, held=False)

    def mark_read(self):
        return self.unread().update(read_at=timezone.now())

    def unacknowledged(self):
        return self.filter(kind__in=legal_keys(), acknowledged_at=None)


class Notice(models.Model):
    """Something one person must know, written with the change it tells of. `key` makes it arrive once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    company = models.ForeignKey(
        "companies.Company", null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    title = models.CharField(_("título"), max_length=200)
    body = models.TextField(_("texto"), blank=True)
    url = models.CharField(max_length=300, blank=True)
    # {"uid", "summary", "starts", "ends", "place"}: what goes into the reader's calendar, when a date is announced.
    calendar = models.JSONField(null=True, blank=True)
    held = models.BooleanField(_("sin publicar"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acuse de recibo"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once_per_person_and_key")]
        indexes = [models.Index(fields=["user", "read_at"], name="notice_unread")]

    def __str__(self):
        return self.title

    @property
    def is_legal(self):
        return kind_of(self.kind).legal

    @property
    def kind_label(self):
        return kind_of(self.kind).label

    def mark_read(self):
        """Read now, unless it was read before."""
        Notice.objects.filter(pk=self.pk).mark_read()

    def acknowledge(self, *, by):
        """Its reader says it arrived; the first time counts."""
        if by.pk == self.user_id and self.is_legal:
            Notice.objects.filter(pk=self.pk, acknowledged_at=None).update(acknowledged_at=timezone.now())
            self.mark_read()

    def snooze(self, *, on, days):
        """Remind its reader again `days` after day `on`; returns that day, or None when that would be too late."""
        if days not in Snooze.days_for(self, on):
            return None
        until = on + timedelta(days=days)
        Snooze.objects.update_or_create(user=self.user, about=Snooze.of(self)[0], defaults={"until": until})
        self.mark_read()
        return until

    @classmethod
    def tell(cls, users, *, key, kind, title, body="", url="", company=None, calendar=None):
        """Write one notice a person and the mail that carries it; both exist only if the change is committed.

        key: what is told, stable, so that telling twice changes nothing. url: path inside the site.
        kind: of companies/kinds.py; it and the person's preferences say when the mail leaves.
        """
        facts = {"key": key, "kind": kind, "title": str(title)[:200], "body": body, "url": url, "company": company}
        people = list({user.pk: user for user in users}.values())
        with transaction.atomic():
            told = cls._write(people, held=kind_of(kind).draft_first, calendar=calendar, **facts)
            Delivery.objects.plan(told, Preference.objects.chosen(people, kind))
        return told

    @classmethod
    def note_skipped(cls, users, *, reason, **facts):
        """Keep on record what was not sent, under the key it would have had; nobody sees it in their centre."""
        with transaction.atomic():
            rows = cls._write(list(users), held=True, **facts)
            skipped = [Delivery(notice=row, state=Delivery.State.SKIPPED, error=reason) for row in rows]
            Delivery.objects.bulk_create(skipped)

    @classmethod
    def _write(cls, people, *, key, **facts):
        """The new rows; whoever was told before, or is being told by somebody else now, is left out."""
        if not people:
            return []
        had = set(cls.objects.filter(user__in=people, key=key).values_list("user_id", flat=True))
        new = [cls(user=user, key=key, **facts) for user in people if user.pk not in had]
        try:
            with transaction.atomic():
                return cls.objects.bulk_create(new)
        except IntegrityError:  # told at the same moment by another transaction
            made = [cls.objects.get_or_create(user=row.user, key=key, defaults=facts) for row in new]
            return [row for row, is_new in made if is_new]
