from django import forms
from django.utils.translation import gettext_lazy as _

from audits.gates import decider_refusals, grant_refusals, proposer_refusals
from audits.models import Decision, MarkLicence


class OutcomeForm(forms.Form):
    """An outcome with its grounds. Why it may not be given is said here, and checked again by the model."""

    outcome = forms.ChoiceField(
        label=_("Sentido"),
        choices=Decision.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Elija otorgar o no otorgar.")},
    )
    grounds = forms.CharField(
        label=_("Sustento"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Escriba en qué se sustenta.")},
    )
    refusals = None

    def __init__(self, *args, decision, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.decision, self.user = decision, user

    def clean(self):
        data = super().clean()
        for reason in type(self).refusals(self.decision, self.user):
            self.add_error(None, str(reason))
        if data.get("outcome") == Decision.Outcome.GRANT:
            for reason in grant_refusals(self.decision):
                self.add_error("outcome", str(reason))
        return data


class ProposalForm(OutcomeForm):
    refusals = staticmethod(proposer_refusals)


class DecisionForm(OutcomeForm):
    refusals = staticmethod(decider_refusals)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["grounds"].label = _("Motivación de la decisión")
        self.fields["grounds"].help_text = _("La lee la empresa.")


class LicenceForm(forms.Form):
    uses = forms.MultipleChoiceField(
        label=_("Usos que se autorizan"),
        choices=MarkLicence.Use.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Elija al menos un uso.")},
    )
