from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import Job, NonWorkingDay


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """What the machine has to do. Read, and give dead jobs another chance; nothing else."""

    list_display = ["key", "kind", "state", "attempts", "run_at", "done_at", "error"]
    list_filter = ["state", "kind"]
    search_fields = ["key", "error"]
    ordering = ["-created_at"]
    actions = ["revive"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description=_("Volver a intentar los abandonados"), permissions=["view"])
    def revive(self, request, queryset):
        dead = list(queryset.filter(state=Job.State.DEAD))
        for job in dead:
            job.revive()
        text = ngettext("Se intentará de nuevo %(n)s trabajo.", "Se intentarán de nuevo %(n)s trabajos.", len(dead))
        self.message_user(request, text % {"n": len(dead)}, messages.SUCCESS)


@admin.register(NonWorkingDay)
class NonWorkingDayAdmin(admin.ModelAdmin):
    list_display = ["on", "reason", "norm"]
