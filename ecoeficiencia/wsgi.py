import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecoeficiencia.settings")

application = get_wsgi_application()
# What the application is made of stays: the collector need not go through it again in the middle of a page.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
