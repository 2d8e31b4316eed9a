from django.contrib import admin

from ecoeficiencia.admin import MasterData, ReadOnly

from .models import Activity, Appointment, Company, ConsentText, Delivery, District, Event, Membership, User


@admin.register(User)
class UserAdmin(MasterData):
    list_display = ["email", "first_name", "last_name", "is_active"]
    search_fields = ["email", "first_name", "last_name"]
    fields = ["email", "first_name", "last_name", "is_active", "last_login"]
    readonly_fields = ["email", "last_login"]


@admin.register(Appointment)
class AppointmentAdmin(MasterData):
    list_display = ["user", "duty", "starts_on", "ends_on"]
    list_filter = ["duty"]
    autocomplete_fields = ["user"]


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ["user", "company", "role", "starts_on", "ends_on"]
    list_select_related = ["user", "company"]


@admin.register(Company)
class CompanyAdmin(ReadOnly):
    list_display = ["ruc", "legal_name", "activity"]
    search_fields = ["search"]
    list_select_related = ["activity"]


@admin.register(ConsentText)
class ConsentTextAdmin(MasterData):
    """A new wording is a new row; a published one does not change."""

    list_display = ["purpose", "number", "published_on"]

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(District, Activity)
class PlaceAdmin(ReadOnly):
    search_fields = ["code", "name"]


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ["at", "actor", "company", "object_type", "object_id", "verb", "new"]
    list_filter = ["object_type", "verb"]
    list_select_related = ["actor", "company"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["notice", "state", "sent_at", "error"]
    list_filter = ["state"]
    list_select_related = ["notice__user"]
