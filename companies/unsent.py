"""What somebody was sending when their session had ended: kept for them until they signed in again.

Whose it is, the ended session says; or, when it was closed elsewhere, the key of the form itself, which is ours and
names who had the page (ecoeficiencia/once.py). Nothing is sent again by itself.
"""

from urllib.parse import urlsplit

from django.utils import timezone

from ecoeficiencia import once

KEY = "sin-enviar"
LASTS = 60 * 60  # seconds
LARGEST = 200_000  # characters
NEVER = (*once.TOLD_APART, "password", "oldpassword", "password1", "password2", "code", "credential")


def writer_of(request):
    """The id of who had the page this form comes from, whoever is signed in now; None when it does not say."""
    return once.owner_of(request.POST.get(once.FIELD, ""))


def keep(request, owner):
    """Keep the fields of a form of our doors for `owner`, an id, alone. Files are too large: they are chosen again."""
    typing = request.headers.get("X-Requested-With") == "autosave"
    if owner is None or typing or not once.DOORS.intersection(request.resolver_match.namespaces):
        return False
    fields = [[k, v] for k, values in request.POST.lists() for v in values if k not in NEVER]
    if not fields or sum(len(v) for _name, v in fields) > LARGEST:
        return False
    request.session[KEY] = {
        "owner": owner,
        "at": timezone.now().timestamp(),
        "path": request.get_full_path(),
        "back": urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "").path,
        "fields": fields,
        "files": bool(request.FILES),
    }
    return True


def kept_for(request):
    """What waits for the person who is signed in now, or None."""
    kept = request.session.get(KEY)
    if not kept or kept["owner"] != request.user.pk or timezone.now().timestamp() - kept["at"] > LASTS:
        return None
    return kept


def words_of(kept):
    """What a person wrote, for them to recognise it: not the ids and ticks that travel with a form."""
    return [value for _name, value in kept["fields"] if len(value) > 3 and not value.isdigit()]


def forget(request):
    request.session.pop(KEY, None)
