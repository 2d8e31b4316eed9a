from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia.writing import dmy, hm

from .company import Company

LASTS = timedelta(days=30)
LARGEST = 2000  # characters of one field; no form that keeps a draft takes more


class FormDraftQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, while one may still save such a record."""
        return self.filter(user=user, company__in=Company.objects.edited_by(user))

    def keep(self, typed, **which):
        """Write the fields in `typed` over what is kept of that form, and return the draft."""
        with transaction.atomic():
            draft, _new = self.select_for_update().get_or_create(**which)
            draft.fields, draft.at = draft.fields | typed, timezone.now()
            draft.save(update_fields=["fields", "at"])
        return draft

    def forget_old(self, now):
        return self.filter(at__lt=now - LASTS).delete()[0]


class FormDraft(models.Model):
    """What one person was typing into the form of a record that does not exist yet: theirs alone, and without files."""

    class Form(models.TextChoices):
        SITE = "sede", gettext_lazy("Nueva sede")
        EXPORT = "exportacion", gettext_lazy("Nueva exportación")
        MANDATE = "representante", gettext_lazy("Nuevo representante")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="form_drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts")
    form = models.CharField(max_length=20, choices=Form)
    fields = models.JSONField(default=dict)  # {name: as it was typed}
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = FormDraftQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("borrador de formulario")
        verbose_name_plural = gettext_lazy("borradores de formularios")
        constraints = [models.UniqueConstraint(fields=["company", "user", "form"], name="form_draft_once")]

    def __str__(self):
        return self.get_form_display()

    def when(self, on):
        """When it was kept, in words for somebody who reads them on day `on`."""
        if timezone.localdate(self.at) == on:
            return _("Guardado como borrador a las %(time)s") % {"time": hm(self.at)}
        return _("Guardado como borrador el %(day)s a las %(time)s") % {"day": dmy(self.at), "time": hm(self.at)}
