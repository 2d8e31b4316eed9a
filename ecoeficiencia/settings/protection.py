"""What a browser is told, and what is trusted of a request."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from .accounts import OIDC_URL
from .environment import SECURE, SITE_URL, env, flag

CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "companies.views.account.token_refused"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        # Signing in there begins with a form of ours that leads to theirs.
        "form-action": [SELF, *(["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_URL))] if OIDC_URL else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-sesion" if SECURE else "sesion"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
BEHIND_PROXY = flag("ECO_BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours stand before us: the client is that many places from the end of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("ECO_PROXY_COUNT", "1")) if BEHIND_PROXY else 0
# Without a token, /metrics answers on this machine only, and never behind a proxy.
METRICS_TOKEN = env("ECO_METRICS_TOKEN")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
