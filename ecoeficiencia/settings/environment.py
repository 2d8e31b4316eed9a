"""Where the settings come from, and what the others ask first: where we run, for whom, under which address."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def env(name, default=""):
    """Read a variable, or the file that NAME_FILE points to (container secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, default)


def flag(name, default=False):
    return env(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


VAR_DIR = Path(env("ECO_VAR", str(BASE_DIR / "var")))
DEMO = flag("ECO_DEMO")
DEBUG = flag("ECO_DEBUG")
# Links in mails and PDFs never come from the request's Host header.
SITE_URL = env("ECO_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = SITE_URL.startswith("https://")
