"""The product's settings, with clocks that run faster so that a fault takes seconds."""

import os

from ecoeficiencia.settings import *  # noqa: F403
from ecoeficiencia.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS, INSPECTION, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]
OFF = set(os.environ.get("FAULTS_OFF", "").split())  # what a negative control switches off
CELERY_BEAT_SCHEDULE = {"send due jobs again": {**CELERY_BEAT_SCHEDULE["send due jobs again"], "schedule": 1.0}}
if os.environ.get("FAULTS_REMINDERS"):
    # What a busy machine did not get to by then is no backlog that mails must wait behind.
    often = {"schedule": 2.0, "options": {"expires": 2}}
    CELERY_BEAT_SCHEDULE["remind"] = {"task": "programs.tasks.send_reminders", **often}
if os.environ.get("FAULTS_SCAN"):
    often = {"schedule": 1.0, "options": {"expires": 1}}
    CELERY_BEAT_SCHEDULE["scan"] = {"task": "ecoeficiencia.tasks.scan_files", **often}
if "memory" in OFF:
    INSPECTION = {**INSPECTION, "memory": 2**40}
if "handler" in OFF:  # the framework's own, which put what is large into the folder of temporary files
    FILE_UPLOAD_HANDLERS = [
        f"django.core.files.uploadhandler.{name}" for name in ("MemoryFileUploadHandler", "TemporaryFileUploadHandler")
    ]
if "timeout" in OFF:
    CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS}
    CELERY_BROKER_TRANSPORT_OPTIONS.pop("socket_timeout")
EMAIL_TIMEOUT = 5
INVITATIONS_PER_DAY = 10**6  # what these servers are asked for, hundreds of times
