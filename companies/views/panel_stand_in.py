"""Staff see the product as somebody, or act in a company's name: begin, and come back."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from companies import standing_in
from companies.access import has_duty
from companies.merging import overtaken
from companies.models import Company, StandIn, User
from ecoeficiencia.lifecycle import IllegalMove


class StandInForm(forms.ModelForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Qué necesita"),
        choices=[
            (StandIn.Kind.SEE, gettext_lazy("Ver como: solo mirar lo que esa persona ve, 30 minutos")),
            (StandIn.Kind.ACT, gettext_lazy("En nombre de: hacer lo que pide por teléfono, 60 minutos")),
        ],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = StandIn
        fields = ["kind", "reason"]
        help_texts = {
            "reason": gettext_lazy("La empresa lo lee. Por ejemplo: «Llamó el 12/3, no puede subir su licencia».")
        }


@has_duty(*standing_in.DUTIES)
@require_http_methods(["GET", "POST"])
def stand_in(request, pk):
    person = get_object_or_404(User, pk=pk)
    form = StandInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = StandIn.start(person=person, by=request.user, **form.cleaned_data)
        except IllegalMove as refusal:
            return overtaken(request, refusal, back=reverse("panel:home"), form=form)
        request.session[standing_in.SESSION_KEY] = row.pk
        return redirect("public:doors")
    companies = Company.objects.belonging_to(person)
    context = {"form": form, "person": person, "companies": companies}
    return render(request, "panel/stand_in.html", context, status=422 if form.errors else 200)


@require_POST
def stand_in_end(request):
    """Be oneself again; pressing twice changes nothing."""
    if row := request.standing_in:
        row.end()
        del request.session[standing_in.SESSION_KEY]
        messages.success(request, _("Vuelve a ser usted."))
    return redirect("public:doors")
