"""The outbox: what is held, what left, what failed; drafts edited, discarded or sent; failed ones tried again."""

import django_filters
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.access import coordinators_only, staff_only
from companies.kinds import KINDS
from companies.mail import words_of_delivery
from companies.merging import as_seen, merge, overtaken
from companies.models import Delivery, Duty, Event
from companies.timeline import Timeline
from ecoeficiencia.lifecycle import Overtaken

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
    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    @property
    def words(self):
        return {name: self.cleaned_data[name] for name in ("subject", "body")}

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
        form = DraftForm(initial={"subject": subject, "body": body, "version": row.version})
    context = {"row": row, "subject": subject, "body": body, "form": form, "editable": editable}
    context["events"] = Timeline.of(request, row, inside=True)
    return render(request, "panel/mail.html", context, status=422 if form and form.errors else 200)


@coordinators_only
@require_POST
def mail_edit(request, pk):
    row, form = _editable(request, pk), DraftForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    done = row.rewrite(by=request.user, seen=form.cleaned_data["version"], **form.words)
    return _answer(request, row, done, _("El borrador quedó guardado."), form)


@coordinators_only
@require_POST
def mail_send(request, pk):
    """Send it with the words on the sender's screen, where these came along."""
    row, form, done = _editable(request, pk), None, True
    if request.POST.keys() & {"subject", "body"}:
        form = DraftForm(request.POST)
        if not form.is_valid():
            return _page(request, row, form)
        if tuple(form.words.values()) != tuple(words_of_delivery(row)):
            done = row.rewrite(by=request.user, seen=form.cleaned_data["version"], **form.words)
    done = done and row.release(by=request.user)
    return _answer(request, row, done, _("El correo está por enviar y el aviso, publicado."), form)


@coordinators_only
@require_POST
def mail_discard(request, pk):
    row = as_seen(_editable(request, pk), request.POST)
    return _answer(request, row, row.discard(by=request.user), _("El borrador quedó descartado."))


@coordinators_only
@require_POST
def mail_retry(request, pk):
    row = _editable(request, pk)
    return _answer(request, row, row.retry(by=request.user), _("El correo se intentará otra vez."))


def _answer(request, row, done, sentence, form=None):
    if not done:
        return _contested(request, row, form)
    messages.success(request, sentence)
    return redirect("panel:mail", row.pk)


def _contested(request, row, form):
    """409: a colleague was first. Of a draft, both texts to choose from; nothing leaves until they were read."""
    row.refresh_from_db()
    page = reverse("panel:mail", args=[row.pk])
    if row.state != Delivery.State.HELD:
        words = _("El correo ya está «%(state)s»: alguien lo atendió antes.") % {"state": row.get_state_display()}
        return overtaken(request, Overtaken(words, row), back=page, form=form)
    if form is None:
        words = _("Otra persona corrigió el borrador antes que usted: léalo otra vez y decida.")
        return overtaken(request, Overtaken(words, row), back=page)
    messages.warning(request, _("El correo sigue en borrador. Elija el texto, guárdelo y envíelo después."))
    action = reverse("panel:mail_edit", args=[row.pk])
    return merge(request, form, row, since=_since(row, form.cleaned_data["version"]), action=action, back=page)


def _since(row, version):
    """What the fields that somebody changed after `version` said; of the first change, the template's words."""
    subject, body = words_of_delivery(Delivery(notice=row.notice))
    told = Event.objects.changes_since(row, version or 0)
    said = {name: told[name] or words for name, words in (("subject", subject), ("body", body)) if name in told}
    return {name: words for name, words in said.items() if words != getattr(row, name)}


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
    rows = [as_seen(row, {"version": request.POST.get(f"version-{row.pk}", "")}) for row in rows]
    discards = request.POST["sure"] == "discard"
    done = sum(row.discard(by=request.user) if discards else row.release(by=request.user) for row in rows)
    said = (
        ngettext("%(n)s borrador descartado.", "%(n)s borradores descartados.", done)
        if discards
        else ngettext("%(n)s correo por enviar.", "%(n)s correos por enviar.", done)
    )
    messages.success(request, said % {"n": done})
    if left := len(rows) - done:
        kept = ngettext(
            "%(n)s cambió mientras usted lo leía: revíselo otra vez.",
            "%(n)s cambiaron mientras usted los leía: revíselos otra vez.",
            left,
        )
        messages.warning(request, kept % {"n": left})
    return redirect("panel:mails")
