from django import forms
from django.utils.translation import gettext_lazy as _

from companies.forms.versioned import VersionedForm
from companies.models import Site
from ecoeficiencia.files.forms import UploadsField
from requirements_std.models import Condition, Evidence


def day():
    return forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d")


class UploadForm(forms.Form):
    files = UploadsField(
        label=_("Subir archivos"),
        help_text=_(
            "PDF, Excel, Word, CSV, JPG, PNG, WebP o HEIC de hasta 25 MB. En el teléfono puede tomar una foto."
        ),
    )


class EvidenceForm(VersionedForm):
    """What a proof is called and which time it speaks of."""

    class Meta:
        model = Evidence
        fields = ["title", "document_date", "covers_from", "covers_to", "expires_on"]
        widgets = {"document_date": day(), "covers_from": day(), "covers_to": day(), "expires_on": day()}

    def clean(self):
        data = super().clean()
        since, until = data.get("covers_from"), data.get("covers_to")
        if since and until and until < since:
            self.add_error("covers_to", _("El período termina antes de empezar. Revise las dos fechas."))
        return data


class EvidenceFilter(forms.Form):
    q = forms.CharField(label=_("Título o archivo"), required=False, max_length=100)
    uso = forms.ChoiceField(
        label=_("Uso"),
        required=False,
        choices=[
            ("", _("Todas")),
            ("sin", _("Sin requisito")),
            ("con", _("Con requisito")),
            ("eliminadas", _("Eliminadas")),
        ],
    )


class ConditionsForm(forms.Form):
    """Which facts of the standard hold at one site, and whether the site is in the scope."""

    in_scope = forms.BooleanField(label=_("Esta sede entra en el alcance"), required=False)
    keys = forms.MultipleChoiceField(
        label=_("Condiciones que se cumplen aquí"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, site, conditions, **kwargs):
        kwargs.setdefault("initial", {"in_scope": site.in_scope, "keys": [flag.key for flag in site.flags.all()]})
        super().__init__(*args, prefix=f"sede{site.pk}", **kwargs)
        self.site: Site = site
        self.fields["keys"].choices = [(c.key, c.description) for c in conditions if c.key != Condition.LICENSED]
