"""Whether what is stored agrees with itself. Rooms add what only they know, in their `verifications.py`."""

import hashlib
from collections import Counter as Tally
from datetime import timedelta

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from .jobs import Job
from .models import Blob, Counter
from .walls import install

_verifications = []


def verifies(label):
    """Register a function that yields one sentence a fault. It receives `quick` and `late` (a timedelta)."""

    def register(function):
        if function not in [known for _label, known in _verifications]:
            _verifications.append((label, function))
        return function

    return register


def verifications():
    """(label, function) of every verification, the machine's first."""
    autodiscover_modules("verifications")
    return list(_verifications)


def numbering_faults(series, numbers):
    """What is wrong with the numbers `series-year-n` given so far: a gap, a twin, one its counter never gave."""
    given = {}
    for number in numbers:
        start, year, n = number.rsplit("-", 2)
        if start == series:
            given.setdefault(int(year), Tally())[int(n)] += 1
    last = dict(Counter.objects.filter(series=series).values_list("year", "last"))
    for year in sorted(given.keys() | last.keys()):
        used = given.get(year, Tally())
        for n in range(1, max([last.get(year, 0), *used]) + 1):
            if used[n] == 1 and n <= last.get(year, 0):
                continue
            problem = _("falta") if not used[n] else _("está repetido") if used[n] > 1 else _("no lo dio el contador")
            yield _("el número %(series)s-%(year)s-%(n)s %(problem)s") % {
                "series": series,
                "year": year,
                "n": n,
                "problem": problem,
            }


@verifies("claves foráneas")
def foreign_keys(quick, late):
    """No row points to one that is not there, not even one written while the database was not looking."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
            )
            for table, name in cursor.fetchall():
                yield _("%(table)s: la restricción %(name)s no está validada") % {"table": table, "name": name}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model and field.db_constraint:
                yield from _dangling(model, field)


def _dangling(model, field):
    target = field.related_model._base_manager.filter(**{field.target_field.name: OuterRef(field.attname)})
    rows = model._base_manager.exclude(**{f"{field.attname}__isnull": True}).filter(~Exists(target))
    for pk, value in rows.order_by().values_list("pk", field.attname)[:5]:
        yield _("%(model)s %(pk)s: %(field)s señala a %(value)s, que no existe") % {
            "model": model._meta.label,
            "pk": pk,
            "field": field.name,
            "value": value,
        }


@verifies("paredes entre empresas")
def standing_walls(quick, late):
    """Triggers and, on PostgreSQL, row-level security are there, as this release writes them."""
    for name in install.faults(connection):
        yield _("%(name)s no está como esta versión la escribe; ejecute «manage.py migrate»") % {"name": name}


@verifies("archivos")
def blobs(quick, late):
    """Every file is there with its size and, unless quick, with its SHA-256."""
    for blob in Blob.objects.order_by("pk").iterator():
        try:
            size = default_storage.size(blob.path)
            right = size == blob.size and (quick or _sha256(blob) == blob.sha256)
        except FileNotFoundError:
            yield _("archivo %(pk)s: falta %(path)s") % {"pk": blob.pk, "path": blob.path}
            continue
        if not right:
            yield _("archivo %(pk)s: %(path)s no es lo que se guardó") % {"pk": blob.pk, "path": blob.path}


def _sha256(blob):
    with blob.open() as file:
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
    return digest.hexdigest()


@verifies("trabajos")
def jobs(quick, late):
    """No job waits longer than `late` past its time."""
    now = timezone.now()
    for job in Job.objects.due(now).filter(run_at__lte=now - (late or timedelta(minutes=15))).order_by("run_at")[:5]:
        minutes = int((now - job.run_at).total_seconds() // 60)
        yield _("trabajo %(key)s: espera hace %(n)s minutos") % {"key": job.key, "n": minutes}
