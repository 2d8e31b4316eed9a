"""A part of a page that waits for something the machine is making, and shows it by itself once it is there."""

from django import template
from django.template.loader import render_to_string

register = template.Library()
TIMES = 20  # a minute, at the pace of includes/waiting.html; what takes longer is not worth the asking


@register.simple_block_tag(takes_context=True)
def waiting(context, content, name, until, css="stack"):
    """The part called `name`, which fetches itself anew while `until` is not there. Without scripts it has a link.

    The page is asked for as it was, with the filters or the point of its address.
    """
    request = context["request"]
    times, query = _asked(request), request.GET.copy()
    query.pop("intento", None)
    told = {"name": name, "target": f"#{name}", "css": css, "content": content, "there": bool(until)}
    kept = [(key, value) for key, values in query.lists() for value in values]
    told |= {"request": request, "query": query, "kept": kept}
    return render_to_string("includes/waiting.html", told | {"next": times + 1, "asks": times < TIMES})


def _asked(request):
    text = request.GET.get("intento", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
