"""What a browser calls itself, in words a person recognises in the list of their sessions."""

import re

from django.utils.translation import gettext as _

# The first that fits: Edge and Opera also say Chrome, everybody says Safari.
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device(user_agent):
    """«Chrome en Windows»; whatever is not known is called a browser or a device."""
    browser, system = _named(BROWSERS, user_agent), _named(SYSTEMS, user_agent)
    return _("%(browser)s en %(system)s") % {
        "browser": browser or _("Un navegador"),
        "system": system or _("un equipo desconocido"),
    }


def _named(table, user_agent):
    return next((name for pattern, name in table if re.search(pattern, user_agent)), "")
