"""The last link of each chain, kept outside the database: who cuts a chain's tail off there cannot cut it here.

A head is an empty file whose name says everything: `heads/<stream>/<sequence>-<digest>`.
"""

import logging

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

_told = {}


def keep(stream, sequence, digest):
    """Remember that the chain `stream` reached `sequence` with `digest`; older heads go."""
    older = _names(stream)
    name = f"{sequence:012d}-{digest}"
    if name not in older:
        default_storage.save(f"heads/{stream}/{name}", ContentFile(b""))
    for former in older:
        if former < name:
            default_storage.delete(f"heads/{stream}/{former}")
    logger.info("head of %s: %s %s", stream, sequence, digest)


def kept(stream):
    """Every head known of `stream`, as (sequence, digest): those kept here, and the one somebody brought along."""
    found = [name.partition("-") for name in _names(stream)]
    return [(int(sequence), digest) for sequence, _dash, digest in found] + _told.get(stream, [])


def latest():
    """(stream, sequence, digest) of the head of every chain."""
    try:
        streams = sorted(default_storage.listdir("heads")[0])
    except FileNotFoundError:
        return []
    return [(stream, *max(kept(stream))) for stream in streams if kept(stream)]


def believe(stream, sequence, digest):
    """Check `stream` against a head that was kept elsewhere, too."""
    _told.setdefault(stream, []).append((sequence, digest))


def faults(stream, digest_at):
    """What of the heads of `stream` is not in the chain. digest_at: sequence → digest there now, or None."""
    for sequence, digest in kept(stream):
        found = digest_at(sequence)
        if found is None:
            yield _("termina antes del eslabón %(n)s, que existió") % {"n": sequence}
        elif found != digest:
            yield _("el eslabón %(n)s no es el que existió") % {"n": sequence}


def _names(stream):
    try:
        return sorted(default_storage.listdir(f"heads/{stream}")[1])
    except FileNotFoundError:
        return []
