"""What registries changed: a company with another RUC, one that another absorbed; a claim waits, exports are pasted,
the papers of a site have several files."""

from datetime import timedelta

from django.core.files.base import ContentFile

from companies.export_table import ExportTable, read_lines
from companies.models import Claim, Membership
from ecoeficiencia.tables import read_grid

from .firms import RENUMBERED, demo_blob, planned_ruc
from .people import create_users

ABSORBED, ABSORBING = 22, 18
MISTAKEN = 20  # was recorded with another company's RUC, and it was undone
CLAIMED = 1
PASTED = """\
DAM\tEmbarque\tPartida\tDestino\tFOB (US$)\tPeso neto (kg)
118-{year}-40-700101\t{first}\t{tariff}\tEE.UU.\t48,500.00\t12,400
118{year}40700102\t{second}\t{tariff}\tHolanda\t1,250.5\t
"""


def create(firms, people, today):
    """For the first companies, which have a story; a load has none."""
    by_index = {firm.index: firm for firm in firms if firm.in_full}
    if draft := next((firm for firm in by_index.values() if firm.stage.account == "postulante"), None):
        _paste(draft, today)
        _renew(draft)
    if CLAIMED in by_index:
        _claim(by_index[CLAIMED].company)
    on, by = today - timedelta(days=20), people["coordinacion"]
    if RENUMBERED in by_index:
        by_index[RENUMBERED].company.change_ruc(
            ruc=planned_ruc(RENUMBERED), on=on, reason="Transformación societaria.", file=_paper("Ficha RUC"), by=by
        )
    if MISTAKEN in by_index:
        _undo_a_mistake(by_index[MISTAKEN].company, on, by)
    if ABSORBED in by_index:
        by_index[ABSORBED].company.absorb_into(
            by_index[ABSORBING].company, on=on, reason="Fusión por absorción inscrita en SUNARP.",
            file=_paper("Escritura de fusión"), by=by,
        )  # fmt: skip


def _undo_a_mistake(company, on, by):
    company.change_ruc(ruc=planned_ruc(MISTAKEN, "20997"), on=on, reason="Transformación.", file=_paper("Ficha"), by=by)
    company.former_rucs.get().undo(reason="La ficha RUC era de otra empresa del mismo grupo.", by=by)


def _paste(firm, today):
    days = {"first": today - timedelta(days=70), "second": today - timedelta(days=33)}
    text = PASTED.format(
        year=today.year, tariff=firm.sector.tariff, **{k: f"{day:%d/%m/%Y}" for k, day in days.items()}
    )
    rows, _problems = read_grid(text.encode(), 10)
    ExportTable(firm.company, read_lines(rows)).keep(by=firm.user)


def _renew(firm):
    """The licence of its first site has two files; of the ITSE there was a version before, and a file too many."""
    licence, itse = firm.sites[0].documents.order_by("pk")
    licence.add_files([_paper("Anexo de la licencia")], by=firm.user)
    itse.files.get().replace(_paper("Certificado ITSE legible"), by=firm.user)
    [extra] = itse.add_files([_paper("Constancia de pago")], by=firm.user)
    extra.remove(reason="No es parte del certificado.", by=firm.user)


def _claim(company):
    [user] = create_users([("reclamante@demo.example", "Nora", "Quispe Ayala")])
    Claim.file(
        ruc=company.ruc, role=Membership.Role.REPRESENTATIVE, file=_paper("Vigencia de poder"), by=user,
        grounds="Soy la gerente general desde julio. Quien registró la empresa ya no trabaja con nosotros.",
    )  # fmt: skip


def _paper(title):
    with demo_blob(title).open() as file:
        paper = ContentFile(file.read(), name=f"{title.lower().replace(' ', '-')}.pdf")
    paper.content_type = "application/pdf"
    return paper
