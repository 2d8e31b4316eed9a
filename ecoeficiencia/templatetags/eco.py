"""The small vocabulary of our templates. A builtin library: templates use it without loading it."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.defaulttags import CsrfTokenNode
from django.templatetags.static import static
from django.urls import NoReverseMatch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia import demo, once
from ecoeficiencia import isotype as drawing
from ecoeficiencia.addresses import address
from ecoeficiencia.badges import badge as badge_of
from ecoeficiencia.devices import device
from ecoeficiencia.files.signatures import FACT, signatures_of
from ecoeficiencia.writing import dmy, dmyhm, due, filesize, hm, number, pct, short_day, since, soles

register = template.Library()

SEGMENTS = ("ok", "info", "warn", "bad", "mute")
SEGMENT_WORDS = {
    "ok": gettext_lazy("%d aceptados"),
    "info": gettext_lazy("%d en revisión"),
    "warn": gettext_lazy("%d observados"),
    "bad": gettext_lazy("%d vencidos"),
    "mute": gettext_lazy("%d en proceso"),
}


class FormKeyNode(CsrfTokenNode):
    """Django's own token and, beside it, the key by which a form that comes twice is known (see once.py)."""

    def render(self, context):
        token = super().render(context)
        if not token:
            return token
        person = getattr(context.get("request"), "at_keyboard", None)
        key = once.new_key(person.pk if person else None)
        return token + format_html('<input type="hidden" name="{}" value="{}">', once.FIELD, key)


@register.tag
def csrf_token(parser, token):
    return FormKeyNode()


# Icons and badges


@register.simple_tag
def isotype(label=""):
    """The isotype: `{% isotype %}` on a page, `{% isotype "Isotipo" %}` in a document."""
    return drawing.on_paper(label) if label else drawing.on_page()


@register.simple_tag
@lru_cache(maxsize=500, typed=True)  # a page has a hundred; typed, lest a text be taken for one marked as safe
def icon(name, css=""):
    """One drawing of the sprite, silent for screen readers: text always stands beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"i {css}".strip(),
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def sprite():
    return static("img/icons.svg")


@register.simple_tag
def badge(tone, icon_name, label, large=False):
    return format_html('<span class="st t-{}{}">{}{}</span>', tone, " st-lg" if large else "", icon(icon_name), label)


@register.simple_tag
def state(obj, field="state", large=False):
    """The badge of a record's state (or of another choice field)."""
    return _state(obj._meta.model_name, type(obj), field, getattr(obj, field), large)


@lru_cache(maxsize=500)  # a list has one a row, and there is one language
def _state(name, model, field, value, large):
    tone, icon_name = badge_of(name, value)
    words = dict(model._meta.get_field(field).flatchoices) if hasattr(model, f"get_{field}_display") else {}
    return badge(tone, icon_name, words.get(value, value), large)


@register.simple_tag
def state_icon(obj, field="state"):
    """Only the drawing of a record's state, for lists whose text says the rest."""
    return state_icon_of(obj._meta.model_name, getattr(obj, field))


@register.simple_tag
def state_icon_of(model, value):
    """The same of a value without a record."""
    tone, icon_name = badge_of(model, value)
    return icon(icon_name, f"c-{'mute' if tone == 'none' else tone}")


@register.simple_tag
def state_of(model, value, label, large=False):
    """The badge of a value without a record: {% state_of "certificate" "valid" _("Vigente") %}."""
    tone, icon_name = badge_of(model, value)
    return badge(tone, icon_name, label, large)


@register.simple_tag
def level(value, label=""):
    """What the company declares, 0 to 3 boxes; never a verdict."""
    boxes = format_html_join(
        "",
        '<rect x="{}" y="1" width="9" height="12" rx="1.5"{}/>',
        ((1 + 11 * n, mark_safe(' class="on"') if n < int(value or 0) else "") for n in range(3)),
    )
    return format_html('<svg class="lv" viewBox="0 0 34 14" aria-hidden="true">{}</svg>{}', boxes, label)


# Figures


@register.simple_tag
def bar(total=0, ok=0, info=0, warn=0, bad=0, mute=0, label="", thin=False):
    """A bar of counts in the fixed order; `label` replaces the sentence read aloud."""
    counts = dict(zip(SEGMENTS, (ok or 0, info or 0, warn or 0, bad or 0, mute or 0), strict=True))
    whole = max(int(total or 0), sum(counts.values())) or 1
    spoken = label or ", ".join(str(SEGMENT_WORDS[k]) % n for k, n in counts.items() if n) or _("sin iniciar")
    parts, at = [], 0
    for kind, count in counts.items():
        if count:
            parts.append((kind, f"{at * 100 / whole:.2f}", f"{count * 100 / whole:.2f}"))
            at += count
    return format_html(
        '<svg class="bar{}" role="img" aria-label="{}"><rect class="f-bg" width="100%" height="100%"/>{}</svg>',
        " thin" if thin else "",
        spoken,
        format_html_join("", '<rect class="f-{}" x="{}%" width="{}%" height="100%"/>', parts),
    )


for written in (soles, number, pct, filesize, dmy, short_day, dmyhm, hm, since, due):
    register.filter(written)


# Blocks that wrap content


@register.simple_block_tag
def panel(content, title="", link="", link_text="", note="", id="", flush=False, level=2):
    """A card. `flush` leaves the padding to the content (tables)."""
    head = ""
    if title:
        aside = ""
        if link:
            aside = format_html('<a class="small" href="{}">{}</a>', link, link_text or _("Ver todo"))
        elif note:
            aside = format_html('<span class="small mut">{}</span>', note)
        head = format_html('<div class="panel-h"><h{0}>{1}</h{0}>{2}</div>', level, title, aside)
    body = content if flush else format_html('<div class="panel-b stack">{}</div>', content)
    return format_html('<section class="panel"{}>{}{}</section>', format_html(' id="{}"', id) if id else "", head, body)


NOTE_ICONS = {
    "info": "info-circle-fill",
    "ok": "check-circle-fill",
    "warn": "exclamation-triangle-fill",
    "bad": "x-octagon-fill",
}


@register.simple_block_tag
def note(content, tone="info", title=""):
    """A notice inside a page; never for what holds everywhere (that is a strip)."""
    heading = format_html("<h2>{}</h2>", title) if title else ""
    body = content if "<" in content else format_html("<p>{}</p>", mark_safe(content.strip()))
    return format_html(
        '<div class="note t-{}">{}<div>{}{}</div></div>',
        tone,
        icon(NOTE_ICONS.get(tone, "info-circle-fill")),
        heading,
        body,
    )


@register.simple_block_tag
def crumbs(content):
    return format_html('<nav aria-label="{}"><ol class="crumbs">{}</ol></nav>', _("Ruta"), content)


@register.simple_tag
def crumb(text, url=""):
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, text)
    return format_html('<li aria-current="page">{}</li>', text)


@register.simple_block_tag
def menu(content, label=gettext_lazy("Acciones"), icon_name="three-dots-vertical", text=""):
    """A ⋮ menu of links and buttons; works without scripts."""
    shown = format_html("{}{}", icon(icon_name), text or format_html('<span class="vh">{}</span>', label))
    css = "btn" if text else "btn btn-icon"
    return format_html(
        '<details class="menu"><summary class="{}">{}</summary><div class="menu-l">{}</div></details>',
        css,
        shown,
        content,
    )


# Lists: sort links, pages


def _query(context, **changes):
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = value
    return "?" + params.urlencode()


@register.simple_tag(takes_context=True)
def sort(context, field, label, param="orden"):
    """A column head that sorts; a second press turns it round. Keeps filters, goes back to page 1."""
    current = context["request"].GET.get(param, "")
    turned = current == field
    href = _query(context, **{param: f"-{field}" if turned else field, "page": None})
    arrow = ""
    if current.lstrip("-") == field:
        arrow = icon("arrow-up" if turned else "arrow-down")
    hint = _("orden ascendente") if turned else _("orden descendente")
    spoken = format_html('<span class="vh">({})</span>', hint) if arrow else ""
    return format_html('<a href="{}">{}{}{}</a>', href, label, arrow, spoken)


@register.simple_tag(takes_context=True)
def page_url(context, number):
    return _query(context, page=number)


@register.simple_tag
def page_numbers(page):
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag(takes_context=True)
def without(context, key, value=None):
    """The address without one filter (or one value of it)."""
    params = context["request"].GET.copy()
    kept = [v for v in params.getlist(key) if value is not None and v != str(value)]
    params.setlist(key, kept)
    params.pop("page", None)
    return "?" + params.urlencode()


@register.simple_tag(takes_context=True)
def active_filters(context, form):
    """The filters in use as (label, value shown, address without it)."""
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = []
    for name, value in chosen.items():
        field = form.fields[name]
        if value in (None, "", []) or name == "orden":
            continue
        labels = dict(getattr(field, "choices", None) or ())
        shown = labels.get(context["request"].GET.get(name), value)
        rows.append((field.label or name, shown, without(context, name)))
    return rows


@register.simple_tag(takes_context=True)
def nav_items(context, public=False):
    """The door's sections, as far as their pages exist, with what waits for this person; or the public door's."""
    door = context.get("door")
    return door.items(context.flatten(), public) if door else []


@register.filter
def undocked(sections):
    """Those of a menu's sections that have no place in the bar at the foot of a phone: they unfold from it."""
    return [section for section in sections if not section["dock"]]


@register.inclusion_tag("includes/signatures.html")
def signatures(blob):
    """What the digital signatures of a PDF say; nothing of a file of which nobody asked."""
    asked = FACT in blob.facts
    return {"asked": asked, "found": signatures_of(blob) if asked else []}


@register.simple_tag
def demo_accounts():
    """The accounts of the demonstration, offered on the sign-in page; none outside it."""
    if not settings.DEMO:
        return []
    return [
        {"email": email, "words": words, "password": demo.PASSWORD, "door": door, "door_label": label}
        for (email, words), (door, label) in zip(demo.ACCOUNTS, demo.DOORS, strict=True)
    ]


register.simple_tag(address)  # {% address %} in lists, where {% url %} would look for each row: a tenth of the page


@register.simple_tag
def maybe_url(name, *args):
    """An address, or nothing while the page does not exist."""
    try:
        return address(name, *args)
    except NoReverseMatch:
        return ""


register.filter("device", device)


@register.filter
def toward(who):
    """«a la empresa», «al monitor»."""
    who = str(who)
    return f"al {who[3:]}" if who.startswith("el ") else f"a {who}"


@register.filter
def turn_words(turn):
    """«le toca a la empresa»; «no le toca a nadie»."""
    words = _("le toca %(whom)s") % {"whom": toward(turn.label)}
    return _("no le toca a nadie") if turn.value == "nobody" else words


@register.filter
def behind(address, door):
    """Whether an address lies behind this door: a list that several doors show links to what its reader can open."""
    return address.startswith(f"/{door}/")
