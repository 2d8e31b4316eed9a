"""The way from the list of applications to one of them and back: the list's own filters, carried in the address."""

from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

CHOSEN = "elegida"  # the key of an application whose box is checked


def list_as_left(filters):
    """The list with `filters`, the query of its address; read as a query, it leads nowhere else."""
    query = _filters(filters)
    return reverse("panel:applications") + (f"?{query}" if query else "")


def with_chosen(address, keys):
    """The list at `address` with the boxes of `keys` checked."""
    return and_more(address) + urlencode({CHOSEN: keys}, doseq=True)


def _filters(text):
    """A query as it may stand in an address of the list: without what was chosen there, and what filters nothing."""
    kept = [(key, value) for key, values in QueryDict(text).lists() for value in values if value and key != CHOSEN]
    return urlencode(kept)


def carried(request):
    """What every address of the page ends with (`?desde=…`), so that its acts keep the way back; "" without filters."""
    return as_parameter(request.GET.get("desde", ""))


def as_parameter(filters):
    query = _filters(filters)
    return "?" + urlencode({"desde": query}) if query else ""


def way(request):
    """What every page about one application needs to lead back: the list as it was left, and how addresses end."""
    return {"list_url": list_as_left(request.GET.get("desde", "")), "came": carried(request)}


def page_of(request, application):
    """The address of the application's page, with the way back."""
    return reverse("panel:application", args=[application.pk]) + carried(request)


def and_more(address):
    """`address`, ready for one more parameter."""
    return address + ("&" if "?" in address else "?")
