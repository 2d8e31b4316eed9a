"""What the demonstration's editions ask for besides the papers of each site, and what companies handed in."""

from datetime import timedelta
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from ecoeficiencia.files.blob import store
from ecoeficiencia.files.forms import UploadField
from programs.models import Application, Paper, PaperFile, RequiredDocument

from .firms import demo_blob

FILES = Path(__file__).parent / "files"
PDF = "application/pdf"
A = Application.State
# A required one, one for some companies only, one of each site, one with a form to fill in.
ENTRIES = (
    {"key": "poder", "title": "Vigencia de poder", "kinds": [PDF], "validity": "recent", "validity_number": 90,
     "max_mb": 5, "proves": "representation", "help": "Copia emitida por SUNARP, con las facultades de quien firma."},
    {"key": "identidad", "title": "Documento de identidad del representante", "kinds": [PDF, "image/jpeg", "image/png"],
     "validity": "stated", "applies_when": "foreign", "proves": "representation",
     "help": "Carné de extranjería o pasaporte, por ambas caras."},
    {"key": "croquis", "title": "Croquis de distribución", "subject": "site", "needed": False,
     "kinds": [PDF, "image/jpeg", "image/png"], "help": "Áreas de proceso, almacenes y servicios."},
    {"key": "memoria", "title": "Memoria del proceso productivo", "needed": False, "kinds": [PDF],
     "proves": "production", "help": "Según el modelo."},
)  # fmt: skip


def ask(edition):
    """Put the entries into the catalogue of `edition`, the last with its form."""
    rows = [RequiredDocument(edition=edition, position=4 + n, **entry) for n, entry in enumerate(ENTRIES)]
    rows[-1].template, rows[-1].template_filename = demo_blob("Modelo de memoria del proceso"), "modelo-de-memoria.pdf"
    RequiredDocument.objects.bulk_create(rows)


def create(firms):
    """Those who handed in their application brought what is required; the draft of `postulante` lacks it."""
    entries = {(row.edition_id, row.key): row for row in RequiredDocument.objects.filter(key__in=["poder", "memoria"])}
    blobs = {"poder": demo_blob("Vigencia de poder")} | {name: signed(name) for name in ("dos", "cambiado")}
    papers, files = [], []
    for firm in firms:
        for key, blob, name in _brought(firm, blobs):
            application = firm.application
            paper = Paper(application=application, entry=entries[application.edition_id, key])
            if key == "poder":
                paper.issued_on = application.created_at.date() - timedelta(days=20)
            when = {"uploaded_at": application.created_at, "handed_in_at": application.submitted_at}
            papers.append(paper)
            files.append(PaperFile(paper=paper, blob=blob, filename=name, uploaded_by=firm.user, **when))
    Paper.objects.bulk_create(papers, batch_size=1000)
    PaperFile.objects.bulk_create(files, batch_size=1000)


def _brought(firm, blobs):
    """(key of the entry, blob, name) of each file. Some carry digital signatures, to be looked at in the review."""
    state = firm.stage.application
    if state == A.DRAFT:
        return [("memoria", blobs["cambiado"], "memoria-del-proceso.pdf")]
    if state == A.SUBMITTED and firm.stage.edition == "running":
        told = [("poder", blobs["dos"], "vigencia-de-poder-firmada.pdf")]
        return [*told, ("memoria", blobs["cambiado"], "memoria-del-proceso.pdf")]
    return [("poder", blobs["poder"], "vigencia-de-poder.pdf")]


def signed(name):
    """A PDF with digital signatures of invented persons, looked into as an upload is."""
    file = SimpleUploadedFile(name, (FILES / f"firmado-{name}.pdf").read_bytes(), content_type=PDF)
    return store(UploadField(signatures=True).clean(file))


def of(applications):
    """{application id: its papers with their files}"""
    found = {}
    rows = Paper.objects.filter(application__in=applications).with_files().select_related("entry", "site")
    for paper in rows:
        found.setdefault(paper.application_id, []).append(paper)
    return found
