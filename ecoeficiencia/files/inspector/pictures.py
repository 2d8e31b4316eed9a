"""Photos: they open whole, and what is handed out later is drawn anew, without place, device, comment or passenger."""

import pillow_heif
from PIL import Image
from refusal import Refused

MAX_PIXELS = 64_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
ORIENTATION = 0x0112
MAX_PROFILE = 64 * 1024


def preload():
    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DECODE_THREADS = 1
    Image.preinit()
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # our own limit comes first, with a sentence of its own


def kind_of(head):
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return "image/heic"
    return None


def check(source, target, kind):
    source.seek(0)
    image = Image.open(source, formats=[FORMATS[kind]])
    if image.width * image.height > MAX_PIXELS:
        raise Refused("pixels")
    orientation, profile = image.getexif().get(ORIENTATION), image.info.get("icc_profile")
    image.load()  # every byte of it: a truncated photo ends here
    width, height = image.size
    image.info = {}
    _draw(image, target, kind, orientation, profile)
    return {"width": width, "height": height, "shown": "image/jpeg" if kind == "image/heic" else kind}


def _draw(image, target, kind, orientation, profile):
    """Write pixels, colours and which side is up; nothing else of the original gets through."""
    exif = Image.Exif()
    if orientation and kind != "image/heic":  # that library turns the picture itself
        exif[ORIENTATION] = orientation
    known = {"exif": exif.tobytes()} if exif else {}
    if profile and len(profile) <= MAX_PROFILE:
        known["icc_profile"] = profile
    if kind == "image/png":
        image.save(target, "PNG", compress_level=4, **known)
    elif kind == "image/webp":
        image.save(target, "WEBP", quality=88, method=2, **known)
    else:
        drawable = image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")
        drawable.save(target, "JPEG", quality=90, **known)
