"""Measure one size: the operations round-robin against one worker. Prints JSON."""
# ruff: noqa: E402

import io
import json
import os
import statistics
import sys
import time
from collections import Counter
from functools import cached_property
from importlib import import_module

import django
import pikepdf

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecoeficiencia.settings")
django.setup()

from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Certificate
from audits.printed import certificate_page
from companies.models import User
from ecoeficiencia import pdf
from programs import reminders
from programs.models import Edition, Participation
from requirements_std.models import Assessment, Fulfilment

from .worker import Worker, children_seconds, cpu_seconds, resident_mib

TOKEN = "b" * 64
BORDER = "limite"


def cookie_of(user):
    """A session as signing in leaves it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def assessment_with(sites):
    """An assessment in implementation over so many sites; one is made where the companies are too few."""
    found = Assessment.objects.filter(participation__state=Participation.State.IMPLEMENTING)
    found = found.annotate(n=Count("company__sites")).order_by("pk")
    return found.filter(n=sites).first() or found.first()


class Operations:
    """What is asked for, by name: each yields (method, path, body, headers)."""

    def __init__(self, rounds):
        self.staff = {"Cookie": cookie_of(User.objects.get(email="coordinacion@demo.example"))}
        self.one, self.three = assessment_with(1), assessment_with(3)
        self.mine = {pk: {"Cookie": cookie_of(self._member(a))} for pk, a in ((1, self.one), (3, self.three))}
        self.row = Fulfilment.objects.filter(assessment=self.one, state="open", closed_on=None).first()
        self.code = Certificate.objects.values_list("code", flat=True).first()
        self.edition = Edition.objects.get(opens_on=max(Edition.objects.values_list("opens_on", flat=True))).pk
        self.sent = 0

    def _member(self, assessment):
        return User.objects.filter(memberships__company=assessment.company).first()

    def get(self, path, headers):
        return "GET", path, None, headers

    def save(self):
        self.row.refresh_from_db()
        self.sent += 1
        fields = f"work=2&statement=Registro+{self.sent}&version={self.row.version}&envio={uuid4().hex}"
        headers = self.mine[1] | {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN}
        return "POST", reverse("empresa:fulfilment", args=[self.row.pk]), fields, headers

    def upload(self):
        """A PDF of 1 MB, never the same twice."""
        self.sent += 1
        content = self.pdf.replace(b"0" * 8, f"{self.sent:08d}".encode(), 1)
        head = f'--{BORDER}\r\nContent-Disposition: form-data; name="files"; filename="prueba-{self.sent}.pdf"\r\n'
        body = head.encode() + b"Content-Type: application/pdf\r\n\r\n" + content + f"\r\n--{BORDER}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={BORDER}", "X-CSRFToken": TOKEN}
        return "POST", reverse("empresa:evidences", args=[self.one.company_id]), body, self.mine[1] | kind

    @cached_property
    def pdf(self):
        """One page with a picture of 1 MB that does not compress, its first eight bytes a place for a number."""
        document, picture = pikepdf.new(), b"0" * 8 + os.urandom(1024 * 1024)
        document.add_blank_page()
        document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=document.make_stream(picture)))
        written = io.BytesIO()
        document.save(written, compress_streams=False)
        return written.getvalue()

    def all(self):
        def page(name, *args):
            return lambda: self.get(reverse(name, args=args), self.staff)

        def board(n, assessment):
            return lambda: self.get(reverse("empresa:board", args=[assessment.company_id]), self.mine[n])

        return {
            "floor": lambda: self.get("/_/hola", self.staff),
            "anonymous floor": lambda: self.get("/_/hola-a-nadie", {}),
            "board, 1 site": board(1, self.one),
            "board, 3 sites": board(3, self.three),
            "save one answer": self.save,
            "list of applications": page("panel:applications"),
            "list of companies": page("panel:companies"),
            "panel home": page("panel:home"),
            "edition": page("panel:edition", self.edition),
            "upload 1 MB": self.upload,
            "public verification": lambda: self.get(reverse("public:verification", args=[self.code]), {}),
        }


def requests(rounds):
    operations = Operations(rounds)
    asked = operations.all()
    samples = {name: {"cpu": [], "wall": []} for name in asked}
    with Worker() as worker:
        counts = {}
        for name, prepare in asked.items():
            for _ in range(3):  # warm, and counted once warm
                method, path, body, headers = prepare()
                status, answer, _ = worker.ask(method, path, body, headers | {"X-Count": "1"})
                if status not in (200, 302):
                    sys.exit(f"{name}: {status} {path}")
                counts[name] = int(answer["X-Statements"])
        for _ in range(rounds):
            for name, prepare in asked.items():
                request = prepare()
                before = cpu_seconds(worker.pid)
                seconds = worker.ask(*request)[2]
                samples[name]["cpu"].append((cpu_seconds(worker.pid) - before) * 1000)
                samples[name]["wall"].append(seconds * 1000)
        memory, inspected = resident_mib(worker.pid), children_seconds(worker.pid)
    rows = {"board, 1 site": operations.one.applicable, "board, 3 sites": operations.three.applicable}
    return {
        "operations": figures(samples, counts),
        "worker_mib": round(memory),
        "inspector_ms": round(inspected / (rounds + 3) * 1000, 1),
        "rows": rows,
    }


def figures(samples, counts):
    floors = {name: statistics.median(samples[name]["cpu"]) for name in ("floor", "anonymous floor")}
    found = {}
    for name, taken in samples.items():
        public = name in ("public verification", "anonymous floor")
        cpu = statistics.median(taken["cpu"])
        found[name] = {
            "cpu_ms": round(cpu, 2),
            "ratio": round(cpu / floors["anonymous floor" if public else "floor"], 2),
            "statements": counts[name] - counts["anonymous floor" if public else "floor"],
        }
        for kind, samples_of in taken.items():
            quantiles = statistics.quantiles(samples_of, n=20)
            found[name] |= {f"{kind}_p50": round(quantiles[9], 2), f"{kind}_p95": round(quantiles[18], 2)}
    return found


def opening(floor_ms, rounds=15):
    """Opening an assessment of three sites in this process, undone each time."""
    three = assessment_with(3)
    sites, spent = list(three.company.sites.all()), []
    for _ in range(rounds):
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            begun = time.process_time()
            opened = Assessment.objects.open(
                company=three.company, standard_version=three.standard_version, sites=sites, by=None
            )
            spent.append((time.process_time() - begun) * 1000)
            transaction.set_rollback(True)
    kept = [q for q in captured.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "ROLL"))]
    cpu = statistics.median(spent)
    return {
        "cpu_ms": round(cpu, 2),
        "ratio": round(cpu / floor_ms, 2),
        "statements": len(kept),
        "rows": opened.applicable,
    }


def documents(count=200):
    """Unsigned certificates of one page in a warm process: CPU each, and what the process grows by."""
    page = certificate_page(Certificate.objects.order_by("pk").first())
    page |= {"annex": False, "sites": page["sites"][:1], "processes": page["processes"][:230]}
    for _ in range(5):
        pdf.render("certificate.html", page)
    before, spent = resident_mib(), []
    for _ in range(count):
        begun = time.process_time()
        pdf.render("certificate.html", page)
        spent.append((time.process_time() - begun) * 1000)
    cpu = statistics.median(spent)
    grown = resident_mib() - before
    return {"cpu_ms": round(cpu, 1), "per_second_and_core": round(1000 / cpu, 1), "grown_mib_over_200": round(grown, 1)}


def reminding():
    """One run of the reminders for everybody, nothing sent before."""
    today, asked = timezone.localdate(), Counter()

    def count(execute, *query):
        asked["statements"] += 1
        return execute(*query)

    next(reminders.due_items(today), None)  # what every process loads once
    before, begun, clock = resident_mib(), time.process_time(), time.perf_counter()
    with connection.execute_wrapper(count):
        told = reminders.send(today)
    return {
        "told": told,
        "cpu_s": round(time.process_time() - begun, 2),
        "wall_s": round(time.perf_counter() - clock, 2),
        "statements": asked["statements"],
        "grown_mib": round(resident_mib() - before, 1),
    }


def main():
    rounds = int(sys.argv[1])
    found = requests(rounds)
    found["open an assessment"] = opening(found["operations"]["floor"]["cpu_ms"])
    found["certificate"] = documents()
    found["reminders"] = reminding()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
