"""Django's admin is for master data. No state is moved and nothing is deleted here: that happens at the doors."""

from django.contrib import admin

from .jobs import Job
from .models import NonWorkingDay


class MasterData(admin.ModelAdmin):
    """Rows an administrator keeps: created and edited, not deleted."""

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnly(MasterData):
    """Rows an administrator may look at."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(NonWorkingDay)
class NonWorkingDayAdmin(admin.ModelAdmin):
    list_display = ["on", "reason", "norm"]


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ["kind", "state", "attempts", "run_at", "error"]
    list_filter = ["state", "kind"]
