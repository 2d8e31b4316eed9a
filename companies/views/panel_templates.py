"""The words of each kind of mail: write, look at them on real data, send a test to oneself, go back to the original."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import coordinators_only
from companies.kinds import KINDS, PLACEHOLDERS
from companies.mail import sample_mail, words_of
from companies.merging import is_stale, merge
from companies.models import BrokenTemplate, MailTemplate, Notice
from companies.models.template import known_placeholders
from companies.sending import hand_over


class TemplateForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    subject = forms.CharField(label=_("Asunto"), max_length=200, validators=[known_placeholders])
    body = forms.CharField(
        label=_("Texto"), max_length=10000, validators=[known_placeholders], widget=forms.Textarea(attrs={"rows": 10})
    )


@coordinators_only
@require_safe
def templates(request):
    written = {}
    for row in MailTemplate.objects.order_by("number").select_related("written_by"):
        written[row.kind] = None if row.is_default else row
    rows = [(kind, written.get(kind.key)) for kind in KINDS.values()]
    return render(request, "panel/templates.html", {"rows": rows})


def _kind(key):
    try:
        return KINDS[key]
    except KeyError:
        raise Http404 from None


@coordinators_only
def template(request, template):
    """Write, with `preview` and `test` as other ways to send the same form."""
    kind = _kind(template)
    current = MailTemplate.objects.current(kind.key) or kind
    last = MailTemplate.objects.worded(kind.key)
    initial = {"subject": current.subject, "body": current.body, "version": last.number}
    form = TemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if "test" in request.POST:
            _send_test(request, kind, form)
        elif "preview" not in request.POST:
            if is_stale(form, last):
                opened = MailTemplate.objects.worded(kind.key, form.cleaned_data["version"])
                return merge(request, form, last, since={"subject": opened.subject, "body": opened.body})
            words = {name: form.cleaned_data[name] for name in ("subject", "body")}
            MailTemplate.objects.write(kind.key, by=request.user, **words)
            messages.success(request, _("La plantilla quedó guardada. Vale para los correos que salgan desde ahora."))
            return redirect("panel:template", kind.key)
    return _page(request, kind, current, form)


def _page(request, kind, current, form):
    words = _Words(form) if form.is_bound and form.is_valid() else current
    subject, body = _preview(kind, request.user, words)
    context = {
        "kind": kind,
        "form": form,
        "subject": subject,
        "body": body,
        "placeholders": [("{" + name + "}", label) for name, label in PLACEHOLDERS.items()],
        "history": MailTemplate.objects.filter(kind=kind.key).select_related("written_by")[:20],
        "changed": current is not kind,
    }
    return render(request, "panel/template.html", context, status=422 if form.errors else 200)


class _Words:
    def __init__(self, form):
        self.subject, self.body = form.cleaned_data["subject"], form.cleaned_data["body"]


def _sample(kind, user):
    """The newest real notice of this kind; without one, an invented notice to the person who looks."""
    newest = Notice.objects.filter(kind=kind.key).select_related("user", "company").order_by("-pk").first()
    body = _("Aquí va el texto del aviso.")
    return newest or Notice(user=user, kind=kind.key, title=str(kind.label), body=str(body), url="/avisos/")


def _preview(kind, user, words):
    try:
        return words_of(_sample(kind, user), words)
    except BrokenTemplate as error:
        return str(error), ""


def _send_test(request, kind, form):
    sample = _sample(kind, request.user)
    try:
        hand_over(sample_mail(sample, *words_of(sample, _Words(form)), request.user))
    except Exception:  # whatever the transport raises: a test is only a test
        messages.error(request, _("El servidor de correo no aceptó la prueba. Lo escrito sigue aquí, sin guardar."))
    else:
        words = _("La prueba salió a %(email)s. La plantilla aún no está guardada.") % {"email": request.user.email}
        messages.success(request, words)


@coordinators_only
@require_POST
def template_restore(request, template):
    kind = _kind(template)
    MailTemplate.objects.restore(kind.key, by=request.user)
    messages.success(request, _("Los correos vuelven a salir con el texto original."))
    return redirect("panel:template", kind.key)
