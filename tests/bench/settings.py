"""The product's own settings, plus the two empty pages everything is compared with and a count of statements."""

from ecoeficiencia.settings import *  # noqa: F403
from ecoeficiencia.settings import MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.urls.StatementCountMiddleware", *MIDDLEWARE]
