"""When a person wants each group of notices; and their word that a legal notice arrived."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from companies.kinds import KINDS, Group
from companies.models import Notice, Preference


class PreferencesForm(forms.Form):
    """One choice a group; staff's groups only for staff."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        chosen = dict(user.preferences.values_list("group", "how"))
        for group in Group:
            if group != Group.SYSTEM or user.is_programme_staff:
                self.fields[group.value] = forms.ChoiceField(
                    label=group.label,
                    choices=Preference.How.choices,
                    initial=chosen.get(group.value, Preference.How.NOW),
                    help_text=_named(group),
                )

    def save(self):
        for group, how in self.cleaned_data.items():
            Preference.objects.set_for(self.user, group, how)


def _named(group):
    labels = [str(kind.label) for kind in KINDS.values() if kind.group == group and not (kind.legal or kind.at_once)]
    return ", ".join(labels) + "."


def preferences(request):
    form = PreferencesForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Sus preferencias quedaron guardadas. Valen para los avisos que vengan."))
        return redirect("public:preferences")
    legal = [kind.label for kind in KINDS.values() if kind.legal or kind.at_once]
    status = 422 if form.errors else 200
    return render(request, "public/preferences.html", {"form": form, "legal": legal}, status=status)


@require_POST
def acknowledge(request, pk):
    row = get_object_or_404(Notice.objects.visible_to(request.user).unacknowledged(), pk=pk)
    row.acknowledge(by=request.user)
    messages.success(request, _("Quedó registrado que usted recibió este aviso."))
    return redirect("public:notices")
