"""Django's admin is for master data. No state is moved and nothing is deleted here: that happens at the doors."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .jobs import Job
from .models import NonWorkingDay


def _history():
    return apps.get_model("companies", "Event")


class MasterData(admin.ModelAdmin):
    """Rows an administrator keeps: created and edited, not deleted. Each change leaves its history."""

    def save_model(self, request, obj, form, change):
        fields = [name for name in form.changed_data if name in form._meta.fields] if change else None
        if fields != []:
            _history().save_and_record(obj, by=request.user, fields=fields)

    def history_view(self, request, object_id, extra_context=None):
        """Our history of the record, as at the doors: who changed which field, from what to what."""
        obj = self.get_object(request, unquote(object_id), self.model._meta.pk.name)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        page = self.get_paginator(request, _history().objects.about(obj).newest_first(), 100)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Historia: %s") % obj,
            "object": obj,
            "opts": self.opts,
            "events": page.get_page(request.GET.get(PAGE_VAR)),
        } | (extra_context or {})
        return render(request, "admin/object_history.html", context)

    # Django's own log would be a second history that nobody seals.

    def log_addition(self, request, obj, message):
        pass

    log_change = log_addition

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnly(MasterData):
    """Rows an administrator may look at."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(NonWorkingDay)
class NonWorkingDayAdmin(ReadOnly):
    """Days are decreed in the panel, where the open terms follow."""

    list_display = ["on", "reason", "norm"]


@admin.register(Job)
class JobAdmin(ReadOnly):
    """What the machine has to do. Dead jobs can be given another chance; that is no state of the programme."""

    list_display = ["key", "kind", "state", "attempts", "run_at", "done_at", "error"]
    list_filter = ["state", "kind"]
    search_fields = ["key", "error"]
    ordering = ["-created_at"]
    actions = ["revive"]

    def get_exclude(self, request, obj=None):
        return ["payload"] if obj and obj.is_secret else []

    @admin.action(description=_("Volver a intentar los abandonados"), permissions=["view"])
    def revive(self, request, queryset):
        dead = list(queryset.filter(state=Job.State.DEAD))
        for job in dead:
            job.revive()
        text = ngettext("Se intentará de nuevo %(n)s trabajo.", "Se intentarán de nuevo %(n)s trabajos.", len(dead))
        self.message_user(request, text % {"n": len(dead)})
