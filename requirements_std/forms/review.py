from django import forms
from django.utils.translation import gettext_lazy as _


class ReviewFilter(forms.Form):
    """Whose rows, and of which aspect. The choices are what is waiting, so none leads to nothing."""

    empresa = forms.ChoiceField(label=_("Empresa"), required=False)
    aspecto = forms.ChoiceField(label=_("Aspecto"), required=False)

    def __init__(self, data, *, waiting):
        super().__init__(data)
        self.waiting = waiting
        found = waiting.order_by().values_list(
            "assessment__company",
            "assessment__company__legal_name",
            "requirement__aspect__code",
            "requirement__aspect__name",
        )
        rows = sorted(set(found), key=lambda row: row[1])
        companies = {str(pk): name for pk, name, _code, _aspect in rows}
        aspects = {code: name for _pk, _name, code, name in rows}
        self.fields["empresa"].choices = [("", _("Todas las empresas")), *companies.items()]
        self.fields["aspecto"].choices = [("", _("Todos los aspectos")), *sorted(aspects.items())]

    @property
    def rows(self):
        """What waits, narrowed by what the address asks for."""
        rows = self.waiting
        self.is_valid()
        if company := self.cleaned_data.get("empresa"):
            rows = rows.filter(assessment__company=company)
        if aspect := self.cleaned_data.get("aspecto"):
            rows = rows.filter(requirement__aspect__code=aspect)
        return rows
