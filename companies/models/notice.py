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
        facts = {"key": key, "title": title, "body": body, "url": url, "company": company, "calendar": calendar}
        return cls.tell_all([cls(user=user, **facts) for user in users], kind=kind)

    @classmethod
    def tell_all(cls, notices, *, kind):
        """As `tell`, for notices of one kind not yet saved, in as many statements for a thousand as for one."""
        for notice in notices:
            notice.kind, notice.held, notice.title = kind, kind_of(kind).draft_first, str(notice.title)[:200]
        with transaction.atomic():
            told = cls._write(notices)
            Delivery.objects.plan(told, Preference.objects.chosen([notice.user_id for notice in told], kind))
        return told

    @classmethod
    def note_skipped(cls, missed, *, kind):
        """Keep on record what was not sent, as (notice not yet saved, why); nobody sees it in their centre."""
        reasons = {}
        for notice, reason in missed:
            notice.kind, notice.held, notice.title = kind, True, str(notice.title)[:200]
            reasons[notice.user_id, notice.key] = reason
        with transaction.atomic():
            rows, state = cls._write([notice for notice, _reason in missed]), Delivery.State.SKIPPED
            skipped = [Delivery(notice=row, state=state, error=reasons[row.user_id, row.key]) for row in rows]
            Delivery.objects.bulk_create(skipped)

    @classmethod
    def _write(cls, notices):
        """The new rows; what was told before, or is being told by somebody else now, is left out."""
        if not notices:
            return []
        once = {(notice.user_id, notice.key): notice for notice in notices}
        people, keys = {user for user, _key in once}, {key for _user, key in once}
        had = set(cls.objects.filter(user__in=people, key__in=keys).values_list("user_id", "key"))
        new = [notice for told, notice in once.items() if told not in had]
        try:
            with transaction.atomic():
                return cls.objects.bulk_create(new)
        except IntegrityError:  # told at the same moment by another transaction
            return [row for row in new if row._write_alone()]

    def _write_alone(self):
        try:
            with transaction.atomic():
                self.save(force_insert=True)
        except IntegrityError:
            return False
        return True
