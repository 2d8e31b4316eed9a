"""A part of a page that waits for something the machine is making, and shows it by itself once it is there."""

from django import template
from django.template.loader import render_to_string

register = template.Library()
TIMES = 20  # a minute, at the pace of includes/waiting.html; what takes longer is not worth the asking


@register.simple_block_tag(takes_context=True)
def waiting(context, content, name, until):
    """The part called `name`, which fetches itself anew while `until` is not there. Without scripts it has a link."""
    request = context["request"]
    times = _asked(request)
    told = {"name": name, "target": f"#{name}", "content": content, "there": bool(until), "request": request}
    return render_to_string("includes/waiting.html", told | {"next": times + 1, "asks": times < TIMES})


def _asked(request):
    text = request.GET.get("intento", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
