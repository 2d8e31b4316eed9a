from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EventQuerySet(models.QuerySet):
    def about(self, obj):
        """The history of one record, oldest first."""
        return self.filter(object_type=obj._meta.label_lower, object_id=obj.pk).order_by("at", "pk")

    def visible_to(self, user):
        """Members read their company's history; staff read all."""
        if user.is_programme_staff:
            return self
        return self.filter(company__in=apps.get_model("companies", "Company").objects.belonging_to(user))

    def update(self, **kwargs):
        raise TypeError("History is not rewritten.")

    def delete(self):
        raise TypeError("History is not deleted.")


class Event(models.Model):
    """What happened, when, by whom. Written in the transaction of the change; never changed."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    company = models.ForeignKey(
        "companies.Company", null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    old = models.CharField(max_length=40, blank=True)
    new = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("hecho")
        verbose_name_plural = _("historia")
        indexes = [
            models.Index(fields=["object_type", "object_id", "at"], name="event_of_object"),
            models.Index(fields=["company", "-at"], name="event_of_company"),
        ]

    def __str__(self):
        return f"{self.at:%d/%m/%Y %H:%M} {self.object_type} {self.verb}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise TypeError("History is not rewritten.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("History is not deleted.")

    @classmethod
    def record(cls, obj, *, by, verb, old="", new="", note="", data=None, company=None):
        """Write that `by` did `verb` to `obj`. Without a company given, the record's own is used."""
        if company is None and hasattr(obj, "event_company"):
            company = obj.event_company()
        return cls.objects.create(
            actor=by,
            company=company,
            object_type=obj._meta.label_lower,
            object_id=obj.pk,
            verb=verb,
            old=old,
            new=new,
            note=note,
            data=data or {},
        )

    @property
    def model(self):
        return apps.get_model(self.object_type)

    @property
    def summary(self):
        """One sentence for a timeline."""
        if self.verb == "move":
            labels = dict(self.model._meta.get_field("state").flatchoices)
            return f"{self.model._meta.verbose_name.capitalize()}: {labels.get(self.new, self.new)}"
        return VERBS.get(self.verb, self.verb)


VERBS = {
    "edit": _("Datos editados"),
    "create": _("Registro creado"),
    "add": _("Registro añadido"),
    "remove": _("Registro quitado"),
    "section": _("Sección completa"),
    "sign": _("Declaración jurada aceptada"),
    "mend": _("Punto subsanado"),
    "invite": _("Invitación enviada"),
    "join": _("Integrante nuevo"),
    "role": _("Cambio de rol"),
    "leave": _("Integrante retirado"),
    "name_auditor": _("Auditor nombrado"),
    "declare": _("Imparcialidad declarada"),
    "recuse": _("Auditor apartado por conflicto de interés"),
    "record": _("Verificación registrada"),
    "add_action": _("Acción correctiva añadida"),
    "remove_action": _("Acción correctiva quitada"),
    "finish_action": _("Acción correctiva terminada"),
    "review": _("Punto decidido"),
    "propose": _("Propuesta de decisión"),
    "assign": _("Asignación"),
    "extend": _("Plazo ampliado"),
    "check": _("RUC y cuentas verificados"),
    "waive": _("Dispensa otorgada"),
    "revoke": _("Dispensa sin efecto"),
    "set": _("Parámetro cambiado"),
    "publish": _("Edición publicada"),
    "clone": _("Edición copiada"),
    "evidence": _("Evidencia añadida"),
    "unlink": _("Evidencia retirada"),
    "sync": _("Requisitos actualizados"),
    "claim": _("Intento de registro de un RUC que ya existe"),
    "attend": _("Asistencia registrada"),
    "unattend": _("Asistencia retirada"),
    "catalogue": _("Documento requerido cambiado"),
    "letter": _("Texto de carta cambiado"),
    "import": _("Tabla importada"),
    "decree": _("Día no laborable registrado"),
    "undecree": _("Día no laborable retirado"),
    "lengthen": _("Plazo alargado por un día no laborable"),
    "lapse": _("Venció el plazo para subsanar"),
    "uninvite": _("Invitación anulada"),
    "accept": _("Invitación aceptada"),
    "appoint": _("Función dada"),
    "dismiss": _("Función terminada"),
    "reset_second_factor": _("Verificación en dos pasos restablecida"),
    "close_session": _("Sesión cerrada"),
}
