"""Files: where they live, what may be uploaded, who looks into them; and what copies them."""

from pathlib import Path

from .environment import BASE_DIR, VAR_DIR, env, flag

# Where pg_dump and pg_restore of the server's version are, when they are not on the path (manage.py backup).
PG_BIN = env("ECO_PG_BIN")


def storage():
    """Where files live: a folder of ours, or a bucket of an S3-compatible store when one is named."""
    if not (bucket := env("ECO_S3_BUCKET")):
        return {"BACKEND": "ecoeficiencia.files.keeping.WriteOnce"}
    options = {
        "bucket_name": bucket,
        "endpoint_url": env("ECO_S3_URL") or None,
        "region_name": env("ECO_S3_REGION") or None,
        "access_key": env("ECO_S3_KEY"),
        "secret_key": env("ECO_S3_SECRET"),
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": True,  # the same name is the same bytes
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("ECO_STATIC", str(VAR_DIR / "static")))
# The image compresses static files while it is built; the embedded default serves them as they lie.
COMPRESSED_STATIC = flag("ECO_COMPRESSED_STATIC")
WHITENOISE_USE_FINDERS = not COMPRESSED_STATIC
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": storage(),
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if COMPRESSED_STATIC
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["ecoeficiencia.files.receiving.DiskHandler"]
# What the process that looks into one upload may use: bytes of memory, seconds of CPU and of waiting.
INSPECTION = {
    "memory": int(env("ECO_INSPECTION_MB", "512")) * 1024 * 1024,
    "cpu": int(env("ECO_INSPECTION_CPU", "5")),
    "wall": int(env("ECO_INSPECTION_WALL", "20")),
}
# What one company may keep as evidence: bytes, files, and files linked to one requirement.
COMPANY_BYTES = int(env("ECO_COMPANY_MB", "5000")) * 1024 * 1024
COMPANY_FILES = int(env("ECO_COMPANY_FILES", "5000"))
REQUIREMENT_FILES = int(env("ECO_REQUIREMENT_FILES", "50"))
# unix:///path or tcp://host:port of clamd; files then wait until it has looked. Empty: no antivirus.
CLAMAV_URL = env("ECO_CLAMAV_URL")
# Uploads are refused below this much free disk, so that the rest of the system can go on writing.
FREE_SPACE_FLOOR = int(env("ECO_FREE_SPACE_FLOOR_MB", "500")) * 1024 * 1024
