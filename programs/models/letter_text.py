from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Event
from companies.models.template import fill_in, known_placeholders
from ecoeficiencia.lifecycle import IllegalMove
from programs.letters import LETTERS, PLACEHOLDERS


def known_in_letters(text):
    known_placeholders(text, PLACEHOLDERS)


class LetterText(models.Model):
    """One version of the words of a letter in an edition. Versions are never changed; the newest counts."""

    edition = models.ForeignKey("programs.Edition", on_delete=models.CASCADE, related_name="letter_texts")
    kind = models.CharField(_("carta"), max_length=12)
    number = models.PositiveSmallIntegerField(_("versión"))
    text = models.TextField(_("texto"), max_length=6000, validators=[known_in_letters])
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "-number"]
        verbose_name = _("texto de carta")
        verbose_name_plural = _("textos de cartas")
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "number"], name="letter_text_version_once"),
        ]

    def __str__(self):
        return f"{LETTERS[self.kind].label} v{self.number}"


def fill_letter(text, values):
    """`text` with its data filled in. Raises BrokenTemplate when a datum is missing."""
    return fill_in(text, values, PLACEHOLDERS)


class Lettered:
    """An edition's half that holds the words of its letters."""

    def letter_text(self, kind):
        """The words of letter `kind` now: the newest version, else the default ones."""
        return self.lettered(kind).text

    def letter(self, kind, values):
        """The words of letter `kind` with its data filled in."""
        return fill_letter(self.letter_text(kind), values)

    def lettered(self, kind, number=None):
        """Version `number` of the words of letter `kind`, the newest when missing; number 0 holds the default ones."""
        rows = self.letter_texts.filter(kind=kind).order_by("-number")
        if number is not None:
            rows = rows.filter(number__lte=number)
        return rows.first() or self.letter_texts.model(kind=kind, number=0, text=str(LETTERS[kind].text))

    def write_letter(self, kind, text, *, by):
        """Add a version. Raises IllegalMove when somebody added one at this moment."""
        last = self.lettered(kind)
        try:
            with transaction.atomic():
                row = self.letter_texts.create(kind=kind, number=last.number + 1, text=text, written_by=by)
                changes = {str(_("texto")): [last.text, text]} if text != last.text else {}
                Event.record(self, by=by, verb="letter", note=str(row), changes=changes)
        except IntegrityError:
            raise IllegalMove(_("Otra persona guardó antes que usted. Compare y elija.")) from None
        return row

    def copy_letters(self, other, *, by):
        """Take the newest words of each letter of edition `other` as this one's first version."""
        for kind in LETTERS:
            newest = other.letter_texts.filter(kind=kind).order_by("-number").first()
            if newest:
                self.letter_texts.create(kind=kind, number=1, text=newest.text, written_by=by)
