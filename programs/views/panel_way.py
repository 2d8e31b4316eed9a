"""The way from the list of applications to one of them and back: the list's own filters, carried in the address."""

from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse


def list_as_left(filters):
    """The list with `filters`, the query of its address; read as a query, it leads nowhere else."""
    query = QueryDict(filters).urlencode()
    return reverse("panel:applications") + (f"?{query}" if query else "")


def carried(request):
    """What every address of the page ends with (`?desde=…`), so that its acts keep the way back; "" without filters."""
    return as_parameter(request.GET.get("desde", ""))


def as_parameter(filters):
    query = QueryDict(filters).urlencode()
    return "?" + urlencode({"desde": query}) if query else ""


def page_of(request, application):
    """The address of the application's page, with the way back."""
    return reverse("panel:application", args=[application.pk]) + carried(request)


def and_more(address):
    """`address`, ready for one more parameter."""
    return address + ("&" if "?" in address else "?")
