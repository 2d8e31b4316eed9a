from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies import imports
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.models import Blob
from ecoeficiencia.tables import Table, Unreadable, read_table

from .event import Event


class TableImportQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Those of the kinds `user` may import."""
        return self.filter(kind__in=[kind.key for kind in imports.kinds_for(user)])


class TableImport(models.Model):
    """A table somebody brings: read first, put in place when they confirm what they saw, once."""

    class State(models.TextChoices):
        READ = "read", _("Por confirmar")
        CONFIRMED = "confirmed", _("Importado")
        DISCARDED = "discarded", _("Descartado")

    kind = models.CharField(_("qué se importa"), max_length=20)
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.READ)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(_("archivo"), max_length=200)
    as_of = models.DateField(_("fecha de los datos"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(_("resultado"), max_length=300, blank=True)

    objects = TableImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("importación")
        verbose_name_plural = _("importaciones")

    def __str__(self):
        return f"{self.importer.label} · {self.filename}"

    @property
    def importer(self):
        return imports.kind_of(self.kind)

    @cached_property
    def table(self) -> Table:
        """The rows as the file has them, and all that is wrong with them today."""
        with self.blob.open() as file:
            table = read_table(file.read(), self.importer.columns)
        if not table.problems:
            table.problems += self.importer.check(table.rows, self)
        return table

    @classmethod
    def receive(cls, kind, *, content, filename, as_of, by):
        """Keep a file that can be read as a table of `kind`. Raises Unreadable, and then keeps nothing."""
        if not read_table(content, imports.kind_of(kind).columns).rows:
            raise Unreadable(_("El archivo no tiene filas debajo de los títulos."))
        with transaction.atomic():
            blob = Blob.store(content, "application/octet-stream")
            return cls.objects.create(kind=kind, blob=blob, filename=filename[:200], as_of=as_of, uploaded_by=by)

    def confirm(self, *, by):
        """Put every row in place, or none. Raises IllegalMove when it was confirmed before, or something is wrong."""
        with transaction.atomic():
            self._close(self.State.CONFIRMED, by)
            self.__dict__.pop("table", None)
            if self.table.problems:
                raise IllegalMove(_("El archivo tiene problemas que corregir. No se importó nada."))
            self.result = str(self.importer.apply(self.table.rows, self, by))[:300]
            self.save(update_fields=["result"])
            Event.record(self, by=by, verb="import", note=f"{self}: {self.result}")

    def discard(self, *, by):
        self._close(self.State.DISCARDED, by)

    def _close(self, state, by):
        now = timezone.now()
        waiting = type(self).objects.filter(pk=self.pk, state=self.State.READ)
        if waiting.update(state=state, closed_by=by, closed_at=now) != 1:
            raise IllegalMove(_("Esta importación ya se confirmó o se descartó. No se hizo nada más."))
        self.state, self.closed_by, self.closed_at = state, by, now


class Debtor(models.Model):
    """A line of a list of pending accounts with PROMPERÚ, by RUC: the debtor may not be in the programme."""

    class Kind(models.TextChoices):
        ECONOMIC = "economic", _("Económica")
        DOCUMENTARY = "documentary", _("Documentaria")

    source = models.ForeignKey(TableImport, on_delete=models.PROTECT, related_name="debtors")
    ruc = models.CharField(_("RUC"), max_length=11)
    kind = models.CharField(_("tipo"), max_length=12, choices=Kind)
    name = models.CharField(_("razón social"), max_length=250, blank=True)
    detail = models.CharField(_("detalle"), max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("cuenta pendiente")
        verbose_name_plural = _("cuentas pendientes")
        constraints = [models.UniqueConstraint(fields=["source", "ruc", "kind"], name="debtor_once_per_list_and_kind")]

    def __str__(self):
        return f"{self.ruc} {self.get_kind_display()}"
