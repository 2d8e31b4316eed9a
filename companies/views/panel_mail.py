"""The outbox: what is held, what left, what failed; drafts edited, discarded or sent; failed ones tried again."""

import django_filters
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.access import coordinators_only, staff_only
from companies.kinds import KINDS
from companies.mail import words_of_delivery
from companies.models import Delivery, Duty
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict

MOST = 500  # drafts in one batch


class DeliveryFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Buscar persona, empresa o texto"), method="search")
    estado = django_filters.ChoiceFilter(
        label=_("Estado"), field_name="state", choices=Delivery.State.choices, empty_label=_("Todos los estados")
    )
    tipo = django_filters.ChoiceFilter(
        label=_("Tipo"),
        field_name="notice__kind",
        choices=[(kind.key, kind.label) for kind in KINDS.values()],
        empty_label=_("Todos los tipos"),
    )

    class Meta:
        model = Delivery
        fields = []

    def search(self, rows, name, value):
        named = Q()
        for field in ("email", "first_name", "last_name"):
            named |= Q(**{f"notice__user__{field}__icontains": value})
        text = Q(notice__title__icontains=value) | Q(notice__body__icontains=value) | Q(subject__icontains=value)
        return rows.filter(named | text | Q(notice__company__legal_name__icontains=value))


class DraftForm(forms.Form):
    subject = forms.CharField(label=_("Asunto"), max_length=200)
    body = forms.CharField(label=_("Texto"), widget=forms.Textarea(attrs={"rows": 10}), max_length=10000)

    def clean_body(self):
        return "\n".join(self.cleaned_data["body"].splitlines())  # browsers send \r\n


@staff_only
@require_safe
def mails(request):
    rows = Delivery.objects.readable_in_panel(request.user).select_related("notice__user", "notice__company")
    filtered = DeliveryFilter(request.GET, queryset=rows.order_by("-notice__created_at", "-pk"))
    page = Paginator(filtered.qs, 25).get_page(request.GET.get("page"))
    held = Delivery.objects.filter(state=Delivery.State.HELD).count()
    context = {"filter": filtered, "page": page, "held": held, "may_act": request.user.has_duty(Duty.COORDINATOR)}
    return render(request, "panel/mails.html", context)


def _readable(request, pk):
    rows = Delivery.objects.readable_in_panel(request.user).select_related("notice__user", "notice__company")
    return get_object_or_404(rows, pk=pk)


def _editable(request, pk):
    rows = Delivery.objects.editable_by(request.user).select_related("notice__user", "notice__company")
    return get_object_or_404(rows, pk=pk)


@staff_only
@require_safe
def mail(request, pk):
    row = _readable(request, pk)
    return _page(request, row)


def _page(request, row, form=None):
    subject, body = words_of_delivery(row)
    editable = Delivery.objects.editable_by(request.user).filter(pk=row.pk).exists()
    if form is None and row.state == Delivery.State.HELD and editable:
        form = DraftForm(initial={"subject": subject, "body": body})
    context = {"row": row, "subject": subject, "body": body, "form": form, "editable": editable}
    context["events"] = Timeline.of(request, row, inside=True)
    return render(request, "panel/mail.html", context, status=422 if form and form.errors else 200)


@coordinators_only
@require_POST
def mail_edit(request, pk):
    row, form = _editable(request, pk), DraftForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    return _answer(request, row, row.rewrite(by=request.user, **form.cleaned_data), _("El borrador quedó guardado."))


@coordinators_only
@require_POST
def mail_send(request, pk):
    """Send it with the words on the sender's screen, where these came along."""
    row = _editable(request, pk)
    if request.POST.keys() & DraftForm.base_fields.keys():
        form = DraftForm(request.POST)
        if not form.is_valid():
            return _page(request, row, form)
        if tuple(form.cleaned_data.values()) != tuple(words_of_delivery(row)):
            row.rewrite(by=request.user, **form.cleaned_data)
    return _answer(request, row, row.release(by=request.user), _("El correo está por enviar y el aviso, publicado."))


@coordinators_only
@require_POST
def mail_discard(request, pk):
    row = _editable(request, pk)
    return _answer(request, row, row.discard(by=request.user), _("El borrador quedó descartado."))


@coordinators_only
@require_POST
def mail_retry(request, pk):
    row = _editable(request, pk)
    return _answer(request, row, row.retry(by=request.user), _("El correo se intentará otra vez."))


def _answer(request, row, done, sentence):
    if not done:
        row.refresh_from_db()
        sentence = _("El correo ya está «%(state)s»: alguien lo atendió antes.") % {"state": row.get_state_display()}
        return conflict(request, sentence, back=f"/panel/correos/{row.pk}/")
    messages.success(request, sentence)
    return redirect("panel:mail", row.pk)


@coordinators_only
@require_POST
def mails_send(request):
    """Several drafts: first what would be sent, then, confirmed, sent or discarded."""
    wanted = [int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal()][:MOST]
    drafts = Delivery.objects.editable_by(request.user).filter(pk__in=wanted, state=Delivery.State.HELD)
    rows = list(drafts.select_related("notice__user", "notice__company").order_by("pk"))
    if not rows:
        messages.warning(request, _("Elija al menos un correo en borrador."))
        return redirect("panel:mails")
    if request.POST.get("sure") not in ("send", "discard"):
        shown = [(row, *words_of_delivery(row)) for row in rows]
        return render(request, "panel/mails_send.html", {"shown": shown})
    discards = request.POST["sure"] == "discard"
    done = sum(row.discard(by=request.user) if discards else row.release(by=request.user) for row in rows)
    said = (
        ngettext("%(n)s borrador descartado.", "%(n)s borradores descartados.", done)
        if discards
        else ngettext("%(n)s correo por enviar.", "%(n)s correos por enviar.", done)
    )
    messages.success(request, said % {"n": done})
    return redirect("panel:mails")
