from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from ecoeficiencia.files.forms import UploadsField, UploadsInput
from requirements_std.models import Comment, Evidence, Fulfilment

State = Fulfilment.State


class AnswerForm(forms.Form):
    """What the company says and shows of one row. `version` is the one it read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    work = forms.TypedChoiceField(label=_("Avance"), coerce=int, choices=Fulfilment.Work.choices)
    statement = forms.CharField(
        label=_("Cómo lo cumple"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Qué hace su empresa, desde cuándo y qué prueba cada archivo."),
    )
    files = UploadsField(
        label=_("Subir archivos"),
        required=False,
        # The page shows it beside the evidence, outside its form.
        widget=UploadsInput(attrs={"form": "respuesta"}),
        help_text=_(
            "PDF, Excel, Word, CSV, JPG, PNG, WebP o HEIC de hasta 25 MB. En el teléfono puede tomar una foto."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Needed to hand in, so not marked optional; a draft may still be saved without it.
        self.fields["statement"].required = True
        self.fields["statement"].empty_values = []


class LinkForm(forms.Form):
    """Evidence of the library that also proves this row."""

    evidence = forms.ModelMultipleChoiceField(Evidence.objects.none(), label=_("Evidencias de la biblioteca"))

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = row.assessment.company.evidences.living().exclude(links__fulfilment=row)


class NotApplicableForm(forms.Form):
    reason = forms.CharField(
        label=_("Por qué no aplica"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Su monitor debe estar de acuerdo. Mientras tanto el requisito cuenta como aplicable."),
    )


class ReviewForm(forms.Form):
    """The monitor's decision on a row handed in."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    decision = forms.ChoiceField(label=_("Su decisión"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Observación o comentario para la empresa"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Obligatorio si observa: diga qué debe corregir."),
    )
    note.owed = True  # «(opcional)» beside it would mislead

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        if row.state == State.CLAIMED_NA:
            choices = [(State.NOT_APPLICABLE, _("De acuerdo: no aplica")), (State.RETURNED, _("Sí aplica"))]
        else:
            choices = [(State.ACCEPTED, _("Aceptar")), (State.RETURNED, _("Observar"))]
        self.fields["decision"].choices = [choice for choice in choices if row.can_move(choice[0])]
        self.row = row

    @property
    def is_stale(self):
        """Whether the row changed after the page of this form was opened."""
        opened = self.data.get("version", "")
        return opened.isdecimal() and opened != str(self.row.version)

    def clean(self):
        data = super().clean()
        if data.get("decision") == State.RETURNED and not data.get("note", "").strip():
            self.add_error("note", _("Escriba qué debe corregir la empresa."))
        return data


class CommentForm(forms.Form):
    """A message. People outside the company choose who reads it; at first only their side does."""

    text = forms.CharField(label=_("Escribir un mensaje"), max_length=3000, widget=forms.Textarea(attrs={"rows": 3}))
    audience = forms.ChoiceField(label=_("Lo verá"), choices=Comment.Audience.choices)

    def __init__(self, *args, user, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.default = Comment.default_audience(user, company)
        self.fields["audience"].initial = self.default
        if Company.objects.belonging_to(user).filter(pk=company.pk).exists():
            del self.fields["audience"]

    @property
    def chosen(self):
        return self.cleaned_data.get("audience", self.default)
