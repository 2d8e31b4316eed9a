from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.changes import in_force
from ecoeficiencia.lifecycle import Overtaken

from .event import Event


class Versioned(models.Model):
    """A record several people edit: whoever saves last is told what the others saved meanwhile."""

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def event_company(self):
        return self.company

    def derived(self):
        """Columns that follow from the edited ones and are saved with them."""
        return {}

    def save_edit(self, *, by, fields, note=""):
        """Save the named `fields` and write what changed; raises Overtaken when the row changed since it was read."""
        values = {name: getattr(self, name) for name in fields} | self.derived()
        with transaction.atomic():
            before = in_force(self, fields)
            rows = type(self)._base_manager.filter(pk=self.pk, version=self.version)
            if rows.update(version=F("version") + 1, **values) != 1:
                raise Overtaken(_("Otra persona guardó antes que usted. Compare y elija."), self)
            self.version += 1
            Event.record_edit(self, by=by, before=before, note=note)
