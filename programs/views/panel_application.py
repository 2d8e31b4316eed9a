"""The staff's door: applications, from the queue to admission."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from companies import registers
from companies.access import staff_only
from companies.merging import merge, overtaken
from companies.models import Company, Duty
from ecoeficiencia.lifecycle import IllegalMove, Overtaken, Party
from ecoeficiencia.workdays import decreed_days, workdays_between
from ecoeficiencia.writing import since
from programs.comparison import compare, readable
from programs.forms import panel as forms
from programs.forms.deciding import AssignForm
from programs.forms.filters import HANDED_IN, ApplicationFilter
from programs.models import Application, ApplicationCheck, Waiver
from programs.models.application import to_be_reviewed
from programs.review_desk import ReviewDesk

from .answers import answer
from .panel_application_page import application_page
from .panel_way import CHOSEN, and_more, as_parameter, page_of, way

ORDERS = {"espera": "state_since", "empresa": "company__legal_name", "estado": "state", "presentada": "submitted_at"}
TURN_FIRST = Case(
    When(state__in=["submitted", "mended"], then=Value(0)),
    When(state="observed", then=Value(1)),
    When(state="waiting", then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)
# Of what waits, the longest first; of what is over, the latest.
AGE_FIRST = [Case(When(state__in=["submitted", "mended", "observed", "waiting"], then="state_since")), "-state_since"]


@staff_only
@require_safe
def applications(request):
    rows = Application.objects.readable_in_panel(request.user)
    filtered = ApplicationFilter(request.GET, queryset=rows, request=request)
    counts, (total, shown, waits, nobodys) = _counted(rows, filtered.qs)
    order = request.GET.get("orden", "")
    field = ORDERS.get(order.removeprefix("-"))
    ordered = [("-" if order.startswith("-") else "") + field] if field else [TURN_FIRST, *AGE_FIRST]
    paginator = Paginator(filtered.qs.for_list().order_by(*ordered, "pk"), 25)
    paginator.count = shown
    page = paginator.get_page(request.GET.get("page"))
    _complete(page.object_list, chosen=request.GET.getlist(CHOSEN))
    tabs = [(state, label, counts.get(state, (0,))[0]) for state, label in HANDED_IN]
    context = {"filter": filtered, "page": page, "tabs": tabs, "total": total}
    context["came"] = as_parameter(request.GET.urlencode())
    return render(request, "panel/applications.html", context | _workload(request, waits, nobodys))


def _counted(rows, filtered):
    """How many there are, are shown, wait to be reviewed, and wait with nobody: by state, and in all; one statement."""
    waits, nobodys = to_be_reviewed(), to_be_reviewed() & Q(reviewer=None)
    conditions = Q(), Q(pk__in=filtered.order_by().values("pk")), waits, nobodys
    counts = {f"n{n}": Count("pk", filter=condition) for n, condition in enumerate(conditions)}
    by_state = {state: n for state, *n in rows.order_by().values_list("state").annotate(**counts)}
    return by_state, [sum(column) for column in zip((0,) * len(conditions), *by_state.values(), strict=True)]


def _workload(request, waits, nobodys):
    """How many files wait with each reviewer, the reader first, and the form that gives them the chosen ones."""
    if not request.user.has_duty(Duty.REVIEWER, Duty.COORDINATOR):
        return {"load": [], "assign_form": None, "can_decide": False}
    form, path = AssignForm(), "applications_to_review"
    reviewers = form.fields["reviewer"].queryset.annotate(load=Count(path, filter=to_be_reviewed(f"{path}__")))
    people = [(str(person.pk), str(person), person.load) for person in sorted(reviewers, key=request.user.__ne__)]
    form.fields["reviewer"].choices = [("", form.fields["reviewer"].empty_label), *(row[:2] for row in people)]
    load = [("", _("Todas"), waits), *people, ("null", _("Sin asignar"), nobodys)]
    chosen = request.GET.get("revisor", "") if request.GET.get("estado") == "por-revisar" else None
    load = [(*row, row[0] == chosen) for row in load]
    return {"load": load, "assign_form": form, "can_decide": request.user.has_duty(Duty.COORDINATOR)}


def _complete(rows, chosen=()):
    """Give each application of a page its wait and its company's regions, as the list shows them."""
    today, decreed = timezone.localdate(), decreed_days()
    departments = Company.objects.filter(pk__in=[row.company_id for row in rows]).departments()
    for row in rows:
        row.wait = since(row.state_since) if row.turn == Party.NOBODY else _workdays(row.state_since, today, decreed)
        row.is_chosen = str(row.pk) in chosen
        row.departments = departments.get(row.company_id, "—")


def _workdays(start, today, decreed):
    n = workdays_between(timezone.localdate(start), today, decreed)
    return ngettext("%d día hábil", "%d días hábiles", n) % n


@staff_only
@require_safe
def application(request, pk):
    found = get_object_or_404(
        Application.objects.readable_in_panel(request.user).for_panel().with_next(request.user), pk=pk
    )
    return application_page(request, found, read=True)


@staff_only
@require_safe
def revisions(request, pk):
    """Two versions the company handed in, side by side, field by field: those chosen, else the last two."""
    found = get_object_or_404(Application.objects.readable_in_panel(request.user).select_related("company"), pk=pk)
    versions = list(found.revisions.select_related("submitted_by").order_by("-number"))
    form = forms.VersionsForm.of(request.GET, versions)
    old, new = form.pair()
    changes = readable(compare(old.data, new.data)) if old else []
    context = {"application": found, "versions": versions, "form": form, "old": old, "new": new, "changes": changes}
    context |= {"nav_current": "applications", **way(request)}
    return render(request, "panel/application_revisions.html", context, status=422 if form.errors else 200)


def _reviewed(request, pk):
    return get_object_or_404(Application.objects.reviewable_by(request.user), pk=pk)


def _decided(request, pk):
    return get_object_or_404(Application.objects.decidable_by(request.user), pk=pk)


@require_POST
def item(request, pk, item):
    application = _reviewed(request, pk)
    row = get_object_or_404(application.items.select_related("site"), pk=item)
    form = forms.ItemForm(request.POST, item=row)
    if not form.is_valid():
        return application_page(request, application, current=row, status=422, item_form=form)
    try:
        application.decide_item(row, by=request.user, **form.cleaned_data)
    except Overtaken as refusal:
        if refusal.record != row:
            return overtaken(request, refusal, back=page_of(request, application), form=form)
        row.refresh_from_db()
        both = dict.fromkeys(["verdict", "reason"])
        back = page_of(request, application)
        return merge(request, form, row, since=both, history=application, back=back, nav_current="applications")
    messages.success(request, _("Guardado: %(item)s.") % {"item": row.title})
    following = application.next_pending(row)
    page = page_of(request, application)
    return redirect(f"{and_more(page)}punto={following.pk}" if following else page + "#decidir")


@require_POST
def accept(request, pk):
    """Accept at once the items whose check says it all."""
    application = get_object_or_404(Application.objects.reviewable_by(request.user).for_panel(), pk=pk)
    desk = ReviewDesk(application, timezone.localdate())
    form = forms.AcceptForm(request.POST, items=desk.items)
    n = len(form.cleaned_data["points"]) if form.is_valid() else 0
    return answer(
        request, form, partial(application.accept_items, complying=desk.complying, by=request.user),
        said=ngettext("Aceptó %d punto que cumple.", "Aceptó %d puntos que cumplen.", n) % n,
        to=page_of(request, application),
        page=partial(application_page, request, application, accept_form=form),
    )  # fmt: skip


@require_POST
def reviewer(request, pk):
    application = _reviewed(request, pk)
    form = forms.ReviewerForm(request.POST, prefix="revisor")
    return answer(
        request, form, partial(application.assign_reviewer, by=request.user),
        said=_("Quedó asignado quien revisa."), to=page_of(request, application),
        page=partial(application_page, request, application, reviewer_form=form),
    )  # fmt: skip


@require_POST
def checks(request, pk):
    application = _reviewed(request, pk)
    form = forms.ChecksForm(request.POST, prefix="consulta", application=application)
    return answer(
        request, form, partial(application.record_checks, by=request.user),
        said=_("Quedó registrada la verificación."), to=page_of(request, application),
        page=partial(application_page, request, application, checks_form=form),
    )  # fmt: skip


@require_POST
def recheck(request, pk):
    """Look the company up again in the registers loaded, as the job after each load does."""
    application = _reviewed(request, pk)
    found = application.check_registers(on=timezone.localdate(), moment="asked", by=request.user)
    say = messages.success if found else messages.warning
    say(request, " ".join(_what_registers_said(application, found)))
    return redirect(page_of(request, application))


def _what_registers_said(application, found):
    """Of each kind of check what was found, where and of which day; or why nothing was."""
    told, there = {check.kind: check.told for check in found}, registers.loaded()
    words = _(
        "%(kind)s: sin novedad. %(register)s Sirve si tiene hasta %(days)s días y es posterior a lo anotado a mano."
    )
    days = application.edition.parameter("register_max_days")
    for kind, label in ApplicationCheck.Kind.choices:
        yield told.get(kind) or words % {"kind": label, "register": there[kind], "days": days}


@require_POST
def observe(request, pk):
    application = _reviewed(request, pk)
    try:
        application.observe(by=request.user)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        return application_page(request, application, status=409)
    messages.success(
        request,
        _("Envió las observaciones. La empresa tiene hasta el %(day)s.") % {"day": f"{application.due_on:%d/%m/%Y}"},
    )
    return redirect(page_of(request, application))


@require_POST
def propose(request, pk):
    application = _reviewed(request, pk)
    form = forms.ProposalForm(request.POST, prefix="propuesta")
    return answer(
        request, form, partial(application.propose, by=request.user),
        said=_("Su propuesta llegó a quien coordina."), to=page_of(request, application),
        page=partial(application_page, request, application, proposal_form=form),
    )  # fmt: skip


def _decision(verb, prefix, said):
    """The view of one way to decide: with its grounds, which the company reads once the mail is sent."""

    @require_POST
    def decide(request, pk):
        application = _decided(request, pk)
        form = forms.GroundsForm(request.POST, prefix=prefix)
        return answer(
            request, form, partial(getattr(application, verb), by=request.user),
            said=said, to=page_of(request, application),
            page=partial(application_page, request, application, **{f"{verb}_form": form}),
        )  # fmt: skip

    return decide


admit = _decision(
    "admit", "admitir",
    gettext_lazy("Admitió a la empresa. El aviso quedó en borrador en Correos; la carta se está preparando."),
)  # fmt: skip
wait = _decision(
    "wait", "esperar", gettext_lazy("La empresa quedó en lista de espera. El aviso quedó en borrador en Correos.")
)
reject = _decision(
    "reject", "rechazar", gettext_lazy("La empresa quedó como no admitida. El aviso quedó en borrador en Correos.")
)


@require_POST
def extend(request, pk):
    application = _decided(request, pk)
    form = forms.ExtensionForm(request.POST, prefix="plazo")
    return answer(
        request, form, partial(application.extend, by=request.user),
        said=_("Amplió el plazo y avisó a la empresa."), to=page_of(request, application),
        page=partial(application_page, request, application, extension_form=form),
    )  # fmt: skip


@require_POST
def waive(request, pk):
    application = _decided(request, pk)
    conditions = application.waivable_conditions(timezone.localdate())
    form = forms.WaiverForm(request.POST, prefix="dispensa", conditions=conditions)
    return answer(
        request, form, partial(Waiver.grant, application=application, by=request.user),
        said=_("Otorgó la dispensa y avisó a la empresa."), to=page_of(request, application),
        page=partial(application_page, request, application, waiver_form=form),
    )  # fmt: skip
