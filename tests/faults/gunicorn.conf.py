"""The product's, with a shorter clock, or without what a negative control switches off."""

import os
import runpy

product = runpy.run_path("gunicorn.conf.py")


def when_ready(server):
    if "silence" not in os.environ.get("FAULTS_OFF", "").split():
        product["cut_silent"](server, float(os.environ.get("FAULTS_SILENCE", product["SILENCE"])))
