import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import Job


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user=user)

    def unread(self):
        return self.filter(read_at=None)

    def mark_read(self):
        return self.unread().update(read_at=timezone.now())


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
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once_per_person_and_key")]
        indexes = [models.Index(fields=["user", "read_at"], name="notice_unread")]

    def __str__(self):
        return self.title

    def mark_read(self):
        """Read now, unless it was read before."""
        Notice.objects.filter(pk=self.pk).mark_read()

    @classmethod
    def tell(cls, users, *, key, kind, title, body="", url="", company=None):
        """Write one notice a person and the mail that carries it; both exist only if the change is committed.

        key: what is told, stable, so that telling twice changes nothing. url: path inside the site.
        """
        told = []
        for user in users:
            notice, new = cls.objects.get_or_create(
                user=user,
                key=key,
                defaults={"kind": kind, "title": title, "body": body, "url": url, "company": company},
            )
            if new:
                delivery = Delivery.objects.create(notice=notice)
                Job.enqueue("companies.deliver", key=f"deliver:{delivery.pk}", payload={"delivery": delivery.pk})
                told.append(notice)
        return told


class Delivery(models.Model):
    """One mail of one notice; sent only after the mail server said so."""

    class State(models.TextChoices):
        PENDING = "pending", _("Por enviar")
        SENT = "sent", _("Enviado")
        FAILED = "failed", _("Fallido")

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="delivery")
    message_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("entrega")
        verbose_name_plural = _("entregas")

    def __str__(self):
        return f"{self.notice} → {self.notice.user.email}"
