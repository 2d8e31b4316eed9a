from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.changes import differences, in_force, label_of
from ecoeficiencia.lifecycle import Overtaken

READ = "read"
ONCE_IN = timedelta(hours=1)
SHORT = 80  # characters a change may have to be told within its sentence


class EventQuerySet(models.QuerySet):
    def about(self, obj):
        """The history of one record, oldest first."""
        return self.about_any([obj])

    def about_any(self, records):
        """The history of several records together, oldest first."""
        told = models.Q()  # not one that nothing meets: SQLite then reads the history of everybody
        for record in records:
            told |= models.Q(object_type=record._meta.label_lower, object_id=record.pk)
        return (self.filter(told) if told else self.none()).order_by("at", "pk")

    def about_each(self, rows):
        """The history of each of `rows`, a QuerySet, oldest first."""
        return self.filter(object_type=rows.model._meta.label_lower, object_id__in=rows.values("pk")).order_by(
            "at", "pk"
        )

    def visible_to(self, user):
        """Members read what their company is told of; staff read all."""
        if user.is_programme_staff:
            return self
        companies = apps.get_model("companies", "Company").objects.belonging_to(user).values("pk")
        return self.filter(company__in=companies).told_to_company()

    def told_to_company(self):
        """Acts on records that say they are the company's reading, without the verbs such a record keeps inside."""
        told = models.Q()
        for model in apps.get_models():
            if getattr(model, "TOLD_TO_COMPANY", False):
                kept = getattr(model, "KEPT_INSIDE", ())
                told |= models.Q(object_type=model._meta.label_lower) & ~models.Q(verb__in=kept)
        return self.filter(told)

    def changes_since(self, record, version):
        """{field: what it said at `version`, in words} of the fields of `record` that somebody saved after it."""
        found = {}
        for data in self.about(record).since_version(version).values_list("data", flat=True):
            for name, words in data.get("changes", {}).items():
                found.setdefault(name, words[0])
        return found

    def since_version(self, version):
        """Those that came after `version` of the record they are about."""
        return self.filter(data__version__gt=version)

    def acts(self):
        """All but who opened which file."""
        return self.exclude(verb=READ)

    def readings(self):
        return self.filter(verb=READ)

    def newest_first(self):
        return self.select_related("actor").order_by("-at", "-pk")

    def update(self, **kwargs):
        raise TypeError("History is not rewritten.")

    def delete(self):
        raise TypeError("History is not deleted.")


class Event(models.Model):
    """What happened, when, by whom. Written in the transaction of the change; never changed."""

    GROWS_ONLY = True

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
    def record(cls, obj, *, by, verb, old="", new="", note="", data=None, company=None, changes=None):
        """Write that `by` did `verb` to `obj`. Without a company given, the record's own is used.

        changes: {field: [words before, words after]}, as ecoeficiencia.changes finds them.
        While staff stand in for a person, what the code attributes to that person was done by staff: both are written.
        """
        from companies.standing_in import actor_for

        by, in_whose_name = actor_for(by)
        if company is None:
            company = obj.event_company() if hasattr(obj, "event_company") else getattr(obj, "company", None)
        data = dict(data or {})
        if in_whose_name:
            data |= {"on_behalf_of": in_whose_name.pk, "on_behalf_of_name": str(in_whose_name)}
        if changes:
            data["changes"] = changes
        if hasattr(obj, "version"):
            data["version"] = obj.version
        return cls.objects.create(
            actor=by,
            company=company,
            object_type=obj._meta.label_lower,
            object_id=obj.pk,
            verb=verb,
            old=old,
            new=new,
            note=note,
            data=data,
        )

    @classmethod
    def note_reading(cls, record, name, *, by):
        """Note that `by`, from outside the record's company, opened its file `name`; once an hour is enough."""
        from companies.standing_in import actor_for

        reader, in_whose_name = actor_for(by)
        company = record.event_company() if hasattr(record, "event_company") else record.company
        own = company and company._meta.model.objects.belonging_to(by).filter(pk=company.pk).exists()
        if own and not in_whose_name:
            return
        read = cls.objects.about(record).filter(verb=READ, actor=reader, note=name)
        if not read.filter(at__gt=timezone.now() - ONCE_IN).exists():
            cls.record(record, by=by, verb=READ, note=name, company=company)

    @classmethod
    def record_edit(cls, obj, *, by, before, note="", verb="edit", **more):
        """Write which fields of `obj`, just saved, differ from `before`; nothing when none does and nobody says why."""
        changes = differences(obj, before)
        if changes or note:
            return cls.record(obj, by=by, verb=verb, note=note, changes=changes, **more)

    @staticmethod
    def _take_version(obj):
        rows = type(obj)._base_manager.filter(pk=obj.pk, version=obj.version)
        if rows.update(version=models.F("version") + 1) != 1:
            raise Overtaken(now_("Otra persona guardó antes que usted. Compare y elija."), obj)
        obj.version += 1

    @classmethod
    def save_and_record(cls, obj, *, by, fields=None, **more):
        """Save `obj`, new or edited, and write what it says now or what changed, in one transaction.

        fields: those that were edited; every field of the record when missing. Raises Overtaken when the record
        bears a version and somebody saved it since it was read.
        """
        names = fields or [f.name for f in obj._meta.concrete_fields if not f.primary_key and f.editable]
        with transaction.atomic():
            before = in_force(obj, names)
            if before and hasattr(obj, "version"):
                cls._take_version(obj)
            obj.save(
                update_fields=[*names, *(["version"] if hasattr(obj, "version") else [])] if fields and before else None
            )
            if before:
                return cls.record_edit(obj, by=by, before=before, **more)
            return cls.record(obj, by=by, verb="create", **({"note": str(obj)} | more))

    @property
    def model(self):
        return apps.get_model(self.object_type)

    @property
    def who(self):
        """Who did it and in whose name, for a timeline; nothing for the system."""
        if name := self.data.get("on_behalf_of_name"):
            return now_("%(staff)s, de PROMPERÚ, en nombre de %(person)s") % {"staff": self.actor, "person": name}
        return str(self.actor or "")

    @property
    def summary(self):
        """One sentence for a timeline."""
        what = self.model._meta.verbose_name
        if self.verb == "move":
            labels = dict(self.model._meta.get_field("state").flatchoices)
            return f"{what.capitalize()}: {labels.get(self.new, self.new)}"
        if self.verb in NAMED:
            return NAMED[self.verb] % {"what": what}
        return VERBS.get(self.verb, self.verb)

    def told_changes(self, inside=True):
        """What changed, for the page; without `inside`, not what the record keeps from the company."""
        kept = () if inside else getattr(self.model, "INSIDE_FIELDS", ())
        return [
            Change(label_of(self.model, name), *words)
            for name, words in self.data.get("changes", {}).items()
            if name not in kept and not (self.note and words[1] == self.note)
        ]


@dataclass(frozen=True)
class Change:
    """One field of a record: what it said before and what it says since."""

    label: str
    old: str
    new: str

    @property
    def is_long(self):
        return len(self.old) > SHORT or len(self.new) > SHORT or "\n" in self.old + self.new

    def __str__(self):
        if not self.old:
            return now_("%(field)s: «%(new)s»") % {"field": self.label, "new": self.new}
        if not self.new:
            return now_("%(field)s: antes «%(old)s», ahora vacío") % {"field": self.label, "old": self.old}
        return now_("%(field)s: de «%(old)s» a «%(new)s»") % {"field": self.label, "old": self.old, "new": self.new}


# Sentences that name the kind of record.
NAMED = {
    "edit": _("Cambios en: %(what)s"),
    "create": _("Se creó: %(what)s"),
    "delete": _("Se eliminó: %(what)s"),
    "add": _("Se añadió a: %(what)s"),
    "remove": _("Se quitó de: %(what)s"),
}
VERBS = {
    "section": _("Sección completa"),
    "unsection": _("Sección por completar otra vez"),
    READ: _("Archivo abierto"),
    "self_check": _("Autoevaluación respondida"),
    "sign": _("Declaración jurada firmada"),
    "sign_code": _("Código de firma enviado por correo"),
    "print": _("Declaración jurada impresa para firmar"),
    "mend": _("Punto subsanado"),
    "unmend": _("Punto vuelto a abrir antes de presentar"),
    "invite": _("Invitación enviada"),
    "join": _("Integrante nuevo"),
    "role": _("Cambio de rol"),
    "leave": _("Integrante retirado"),
    "cancel": _("Sesión cancelada"),
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
    "keep": _("Archivo subido a la biblioteca"),
    "evidence": _("Evidencia añadida"),
    "unlink": _("Evidencia retirada"),
    "eliminate": _("Evidencia eliminada"),
    "version": _("Versión nueva"),
    "load": _("Catálogo cargado y publicado"),
    "sync": _("Requisitos actualizados"),
    "claim": _("Intento de registro de un RUC que ya existe"),
    "holder": _("Cambio del titular del certificado"),
    "absorb": _("Absorbió a otra empresa"),
    "unabsorb": _("Se deshizo la absorción de otra empresa"),
    "undo": _("Registro deshecho"),
    "attend": _("Asistencia registrada"),
    "unattend": _("Asistencia retirada"),
    "open": _("Expediente abierto"),
    "appeal": _("Reconsideración pedida"),
    "appeal_upheld": _("Reconsideración fundada"),
    "appeal_dismissed": _("Reconsideración infundada"),
    "catalogue": _("Documento requerido cambiado"),
    "letter": _("Texto de carta cambiado"),
    "import": _("Tabla importada"),
    "decree": _("Día no laborable registrado"),
    "undecree": _("Día no laborable retirado"),
    "lengthen": _("Plazo alargado por un día no laborable"),
    "lapse": _("Venció el plazo para subsanar"),
    "act_for": _("PROMPERÚ actúa en nombre de"),
    "see_as": _("PROMPERÚ ve el sistema como"),
    "stand_in_end": _("Terminó de actuar o ver por"),
    "uninvite": _("Invitación anulada"),
    "accept": _("Invitación aceptada"),
    "appoint": _("Función dada"),
    "dismiss": _("Función terminada"),
    "reset_second_factor": _("Verificación en dos pasos restablecida"),
    "close_session": _("Sesión cerrada"),
    "rescan": _("Archivo enviado otra vez al antivirus"),
}
