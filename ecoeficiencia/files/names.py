"""The name of a file as a person sees it, safe to write into a folder of theirs."""

import re
import unicodedata

from .kinds import EXTENSIONS

LONGEST = 150
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # devices of Windows
FORBIDDEN = re.compile(r'[<>:"|?*/]')


def clean_name(name, content_type=None):
    """No paths, no control or direction characters, at most 150; the extension agrees with `content_type`."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = FORBIDDEN.sub("_", name).strip(" .")
    if RESERVED.match(name):
        name = f"_{name}"
    stem, _dot, extension = name.rpartition(".")
    if not stem or len(extension) > 10:
        stem, extension = name, ""
    known = EXTENSIONS.get(content_type, ())
    if known and extension.lower() not in known:
        stem, extension = name, known[0]
    end = f".{extension}" if extension else ""
    return f"{stem[: LONGEST - len(end)] or 'archivo'}{end}"
