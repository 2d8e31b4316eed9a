from django.contrib import admin

from ecoeficiencia.admin import MasterData, ReadOnly

from .models import Aspect, Assessment, Condition, Evidence, Requirement, SiteFlag, Standard, StandardVersion


@admin.register(Standard)
class StandardAdmin(MasterData):
    list_display = ["name", "code"]


@admin.register(StandardVersion)
class StandardVersionAdmin(MasterData):
    """A version is loaded and published by load_standard; once published it is only read."""

    list_display = ["edition", "standard", "is_official", "published_at"]
    readonly_fields = ["published_at", "digest"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.is_frozen)


class PartAdmin(MasterData):
    """A part of a version: written while the version is a draft."""

    list_filter = ["version"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.version.is_frozen)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "version":
            kwargs["queryset"] = StandardVersion.objects.filter(published_at=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Condition)
class ConditionAdmin(PartAdmin):
    list_display = ["key", "description", "version"]


@admin.register(Aspect)
class AspectAdmin(PartAdmin):
    list_display = ["code", "name", "version"]


@admin.register(Requirement)
class RequirementAdmin(PartAdmin):
    list_display = ["code", "title", "criticality", "level", "version"]
    search_fields = ["code", "title"]


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly):
    list_display = ["company", "standard_version", "applicable", "accepted", "opened_at"]


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly):
    list_display = ["title", "company", "uploaded_at"]


@admin.register(SiteFlag)
class SiteFlagAdmin(ReadOnly):
    list_display = ["site", "key"]
