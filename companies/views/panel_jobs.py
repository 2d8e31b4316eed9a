"""What the machine could not do, or is late with: an administrator reads why and has it tried again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.access import has_duty
from companies.models import Duty
from ecoeficiencia.errors import conflict
from ecoeficiencia.jobs import Job

administrators_only = has_duty(Duty.ADMINISTRATOR)


@administrators_only
@require_safe
def jobs(request):
    """Dead jobs, late ones, and those that have failed for an hour; the dead first."""
    now = timezone.now()
    late, retrying = Job.objects.late(now).values("pk"), Job.objects.retrying(now).values("pk")
    wrong = Q(state=Job.State.DEAD) | Q(pk__in=late) | Q(pk__in=retrying)
    rows = Job.objects.filter(wrong).order_by("state", "run_at", "pk")
    context = {
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "dead": Job.objects.filter(state=Job.State.DEAD).count(),
        "late": late.count(),
        "retrying": retrying.count(),
        "waiting": Job.objects.filter(state=Job.State.PENDING).count(),
    }
    return render(request, "panel/jobs.html", context)


@administrators_only
@require_POST
def job_retry(request, pk):
    job = get_object_or_404(Job, pk=pk)
    if job.state != Job.State.DEAD:
        said = _("El trabajo «%(job)s» no está abandonado: no hace falta reintentarlo.")
        return conflict(request, said % {"job": job}, back="/panel/trabajos/")
    job.revive()
    messages.success(request, _("Se intentará de nuevo «%(job)s».") % {"job": job})
    return redirect("panel:jobs")


@administrators_only
@require_POST
def jobs_retry(request):
    dead = list(Job.objects.filter(state=Job.State.DEAD))
    for job in dead:
        job.revive()
    text = ngettext("Se intentará de nuevo %(n)s trabajo.", "Se intentarán de nuevo %(n)s trabajos.", len(dead))
    messages.success(request, text % {"n": len(dead)})
    return redirect("panel:jobs")
