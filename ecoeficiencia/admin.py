"""Django's admin is for master data. No state is moved and nothing is deleted here: that happens at the doors."""

from django.apps import apps
from django.contrib import admin
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
