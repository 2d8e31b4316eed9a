from django.contrib import admin

from ecoeficiencia.admin import ReadOnly

from .models import Certificate, CertificationBody, RegisterEntry


@admin.register(CertificationBody)
class CertificationBodyAdmin(ReadOnly):
    """Bodies are enabled and suspended in the panel, with their resolution."""

    list_display = ["name", "status", "resolution", "enabled_from", "enabled_until"]


@admin.register(Certificate)
class CertificateAdmin(ReadOnly):
    list_display = ["number", "company", "state", "valid_from", "valid_until"]
    list_select_related = ["company"]


@admin.register(RegisterEntry)
class RegisterEntryAdmin(ReadOnly):
    list_display = ["sequence", "act", "on", "certificate", "digest"]
    list_select_related = ["certificate"]
