import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecoeficiencia.settings")

app = Celery("ecoeficiencia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**kwargs):
    """Workers and clock log as the web does (LOGGING in settings): Celery would set its own level."""
