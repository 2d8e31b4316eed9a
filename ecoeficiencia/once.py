"""The same form sent twice has one effect, and both get its answer: a double click, a refresh, an answer that was lost.

Every form carries a random key of its own (the `csrf_token` tag writes it). The key is written in the transaction of
the effect, with the answer, so that both exist or neither does. A request without a key behaves as it always did.
"""

import re
import secrets
import time
from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.db import IntegrityError, connection, models, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

FIELD = "envio"
KEY = re.compile(r"[\w.-]{16,64}")
LASTS = timedelta(days=7)
PATIENCE = 3.0  # seconds to wait for the first of two to end
RETRY_AFTER = 5  # seconds
# Our own doors, and signing up. Signing in and out make sessions, which a stored answer cannot give again.
DOORS = {"public", "empresa", "monitor", "auditoria", "panel", "admin"}
SIGN_UP = "account_signup"
TOLD_APART = ("csrfmiddlewaretoken", FIELD)  # fields that differ although a person wrote the same


def new_key(owner=None):
    """A key for one form; it also proves that the form was drawn for `owner`, the id of who is signed in."""
    random = secrets.token_urlsafe(16)
    return f"{random}.{owner}.{_proof(random, owner)}" if owner else random


def owner_of(key):
    """The id of the person whose page had this form; None for a key that is nobody's, or not ours."""
    random, _dot, rest = key.partition(".")
    owner, _dot, proof = rest.partition(".")
    proved = owner.isascii() and owner.isdecimal() and constant_time_compare(proof, _proof(random, owner))
    return int(owner) if proved else None


def _proof(random, owner):
    return salted_hmac("ecoeficiencia.once", f"{random}.{owner}", algorithm="sha256").hexdigest()[:24]


class Running(Exception):
    """The first of two is still being carried out."""


class OnceMiddleware:
    """The last of the middlewares: it calls the view itself, inside the transaction that keeps its answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        match = request.resolver_match
        signing_up = match.view_name == SIGN_UP
        if request.method != "POST" or not (signing_up or DOORS.intersection(match.namespaces)):
            return None
        key = request.POST.get(FIELD, "")
        if not KEY.fullmatch(key) or request.headers.get("X-Requested-With") == "autosave":
            return None
        if signing_up:  # with other words it is another act: a page would have to show the password again
            key = digest_of(request)[:40] + key[:24]
        return answer(request, key, partial(view, request, *args, **kwargs))


def answer(request, key, act):
    """What `act` answers, or what it answered when the same form came before.

    Only redirects and empty answers are kept: they say that something was done. A page with errors, or a preview,
    leaves its key unused.
    """
    actor = str(request.user.pk) if request.user.is_authenticated else ""
    digest, patience = digest_of(request), time.monotonic() + PATIENCE
    while True:
        try:
            with transaction.atomic():
                if Sent.objects.claim(actor, key, digest):
                    response = act()
                    _finish(Sent.objects.filter(actor=actor, key=key), request, response)
                    return response
            return _again(request, Sent.objects.get(actor=actor, key=key), digest)
        except (Running, Sent.DoesNotExist):  # the first is at work, or has just given its key back
            if time.monotonic() > patience:
                return _busy(request)
            time.sleep(0.05)


def unless_sent(request, keep):
    """What `keep` returns, or None when the form of this page was sent already, or is being sent, by its button."""
    actor, key = str(request.user.pk), request.POST.get(FIELD, "")
    if not KEY.fullmatch(key):
        return keep()
    try:
        with transaction.atomic():
            if not Sent.objects.claim(actor, key, digest=""):
                return None
            kept = keep()
            Sent.objects.filter(actor=actor, key=key).delete()
            return kept
    except Running:
        return None


def digest_of(request):
    """HMAC-SHA-256, in hexadecimal, of what is asked: address, fields and files.

    With our secret, since it is stored and a field may be a password.
    """
    digest = salted_hmac("ecoeficiencia.once.digest", request.get_full_path(), algorithm="sha256")
    for name, values in sorted(request.POST.lists()):
        if name not in TOLD_APART:
            digest.update(repr((name, values)).encode(errors="replace"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size, file.sha256)).encode(errors="replace"))
    return digest.hexdigest()


def _finish(row, request, response):
    if 300 <= response.status_code < 400 or response.status_code == 204:
        kept = {name: response[name] for name in ("Location", "HX-Redirect", "HX-Trigger") if name in response}
        said = [[m.level, str(m.message)] for m in messages.get_messages(request)._queued_messages]
        row.update(status=response.status_code, headers=kept, messages=said)
    else:
        row.delete()


def _again(request, row, digest):
    if row.digest != digest:
        context = {"fields": _written(request), "texts": texts_of(request), "files": bool(request.FILES)}
        return render(request, "again.html", context, status=422)
    if "_messages" not in request.session:  # else the first answer's words still wait to be read
        for level, text in row.messages:
            messages.add_message(request, level, text)
    kind = HttpResponseRedirect if "Location" in row.headers else HttpResponse
    response = kind(row.headers.get("Location", ""))
    response.status_code = row.status
    for name, value in row.headers.items():
        response[name] = value
    return response


def texts_of(request):
    """What a person wrote in the form of `request`, not what was picked: whatever has a space in it."""
    return [value for _name, value in _written(request) if " " in value.strip()]


def _written(request):
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in TOLD_APART]


def _busy(request):
    message = _("Su envío anterior todavía se está guardando. No lo repita: espere unos segundos y mire cómo quedó.")
    response = render(request, "409.html", {"message": message, "back": request.get_full_path()}, status=409)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


class SentQuerySet(models.QuerySet):
    def claim(self, actor, key, digest):
        """Write the key in the current transaction; False when it was used. Raises Running while somebody uses it.

        On SQLite the transaction itself waits for the only writer, so nobody is ever seen running.
        """
        now = timezone.now()
        if connection.vendor != "postgresql":
            try:
                with transaction.atomic():
                    return bool(self.create(actor=actor, key=key, digest=digest, at=now))
            except IntegrityError:
                return False
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [actor, key, digest, now, f"{actor}:{key}"])
            if cursor.fetchone():
                return True
        if self.filter(actor=actor, key=key).exists():
            return False
        raise Running

    def forget_old(self, now):
        return self.filter(at__lt=now - LASTS).delete()[0]


CLAIM = """
INSERT INTO ecoeficiencia_sent (actor, key, digest, at, status, headers, messages)
SELECT %s, %s, %s, %s, 0, '{}', '[]' WHERE pg_try_advisory_xact_lock(hashtextextended(%s, 0))
ON CONFLICT DO NOTHING RETURNING id
"""


class Sent(models.Model):
    """A form that was sent and what it was answered."""

    actor = models.CharField(max_length=20, blank=True)
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    messages = models.JSONField(default=list)

    objects = SentQuerySet.as_manager()

    class Meta:
        verbose_name = "formulario enviado"
        verbose_name_plural = "formularios enviados"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="sent_once")]

    def __str__(self):
        return f"{self.actor} {self.key[:8]}"
