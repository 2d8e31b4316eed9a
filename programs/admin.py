from django.contrib import admin

from ecoeficiencia.admin import MasterData, ReadOnly

from .models import Edition, ParameterValue, Program


@admin.register(Program)
class ProgramAdmin(MasterData):
    list_display = ["name", "owner", "standard"]


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    """Editions are edited in the panel, where each change leaves its history."""

    list_display = ["name", "program", "opens_on", "closes_on", "published"]


@admin.register(ParameterValue)
class ParameterValueAdmin(ReadOnly):
    list_display = ["key", "value", "program", "edition", "set_by", "set_at"]
    list_filter = ["key"]
