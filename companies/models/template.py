import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.kinds import PLACEHOLDERS, kind_of
from ecoeficiencia.changes import differences

from .event import Event

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class BrokenTemplate(Exception):
    """The words name something that does not exist, or leave a brace open."""


def known_placeholders(text, placeholders=PLACEHOLDERS):
    """A validator: every {word} is one we can fill in, and no brace is left alone."""
    for name in PLACEHOLDER.findall(text):
        if name not in placeholders:
            known = ", ".join(f"{{{key}}}" for key in placeholders)
            raise ValidationError(
                gettext("«{%(name)s}» no es un dato que el sistema conozca. Use uno de estos: %(known)s.")
                % {"name": name, "known": known}
            )
    if set("{}") & set(PLACEHOLDER.sub("", text)):
        raise ValidationError(gettext("Hay una llave suelta. Escriba cada dato entre dos llaves, como {empresa}."))


def fill_in(text, values, placeholders=PLACEHOLDERS):
    """`text` with its placeholders filled in; raises BrokenTemplate. Values are never read as templates."""
    try:
        known_placeholders(text, placeholders)
        return PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), text)
    except (ValidationError, KeyError) as error:
        raise BrokenTemplate(str(error)) from None


class MailTemplateQuerySet(models.QuerySet):
    def current(self, kind):
        """The words PROMPERÚ wants for this kind; None for the default ones."""
        newest = self.filter(kind=kind).order_by("-number").first()
        return None if newest is None or newest.is_default else newest

    def worded(self, kind, number=None):
        """Version `number` of this kind's words, the newest when missing, with the words a default stands for."""
        rows = self.filter(kind=kind, number__lte=number) if number is not None else self.filter(kind=kind)
        row = rows.order_by("-number").first() or self.model(kind=kind, number=0, is_default=True)
        if row.is_default:
            row.subject, row.body = str(kind_of(kind).subject), str(kind_of(kind).body)
        return row

    def write(self, kind, *, subject, body, by):
        return self._add(kind, by, subject=" ".join(subject.split()), body=body)

    def restore(self, kind, *, by):
        """Back to the default words; what was written stays in the history."""
        return self._add(kind, by, is_default=True)

    def _add(self, kind, by, **fields):
        for _attempt in range(3):
            number = (self.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1
            try:
                with transaction.atomic():
                    return self._write(kind, number, by, fields)
            except IntegrityError:  # somebody wrote that number at this moment
                continue
        raise RuntimeError(f"Could not number a template of {kind}.")

    def _write(self, kind, number, by, fields):
        before = self.worded(kind)
        made = self.create(kind=kind, number=number, written_by=by, **fields)
        told = differences(self.worded(kind), {"subject": before.subject, "body": before.body})
        Event.record(made, by=by, verb="edit", note=str(kind_of(kind).label), changes=told)
        return made


class MailTemplate(models.Model):
    """One version of the words of a kind's mail. Versions are never changed; the newest counts."""

    kind = models.CharField(_("aviso"), max_length=40)
    number = models.PositiveSmallIntegerField(_("versión"))
    subject = models.CharField(_("asunto"), max_length=200, blank=True, validators=[known_placeholders])
    body = models.TextField(_("texto"), blank=True, validators=[known_placeholders])
    is_default = models.BooleanField(_("texto original"), default=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    objects = MailTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("plantilla de correo")
        verbose_name_plural = _("plantillas de correo")
        ordering = ["kind", "-number"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="mailtemplate_version_once")]

    def __str__(self):
        return f"{kind_of(self.kind).label} v{self.number}"
