"""Companies with their people, sites, papers and exports, and their application to an edition."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from django.utils.text import slugify

from companies.models import (
    Activity,
    Company,
    District,
    ExportRecord,
    Mandate,
    Membership,
    Site,
    SiteDocument,
    SiteDocumentFile,
    User,
)
from companies.ruc import check_digit
from ecoeficiencia.models import Blob
from ecoeficiencia.pdf import ASSETS
from ecoeficiencia.workdays import anniversary_eve
from requirements_std.models import SiteFlag

from . import cast
from .people import create_users
from .stages import STAGES, Stage

TOLD = 240  # the tenth time the list of stages repeats
FONT = ASSETS / "fonts" / "source-sans-3-600.ttf"
IMITATING = 4  # the applicant whose name is one letter away from that of a certified company, «Semillas Pampa Nueva»
RENUMBERED = 3  # the company that was certified with another RUC than it has today


@dataclass
class Firm:
    """One invented company while it is being written."""

    index: int
    stage: Stage
    rng: Random
    sector: cast.Sector
    company: Company
    person: tuple
    user: User | None = None
    mandate: Mandate | None = None
    sites: list = field(default_factory=list)
    application: object = None
    observed_at: object = None
    participation: object = None
    assessment: object = None
    letter: object = None
    rows: list = field(default_factory=list)  # of the assessment
    audits: list = field(default_factory=list)

    @property
    def in_full(self):
        """Whether what it did is told move by move; beyond, only where it stands (a load, not a story)."""
        return self.index < TOLD

    @property
    def email(self):
        if self.stage.account and self.index < len(STAGES):
            return f"{self.stage.account}@{cast.DOMAIN}"
        return f"gerencia@{self.domain}"

    @property
    def domain(self):
        return f"{slugify(self.company.trade_name)}.example"


def _name(index, sector, rng):
    base = sector.names[(index // len(cast.SECTORS)) % len(sector.names)]
    if index == IMITATING:
        base = "Semillas Pampa Nueba"
    repeat = index // (len(cast.SECTORS) * len(sector.names))
    return f"{base} {repeat + 1}" if repeat else base, rng.choice(cast.SUFFIXES)


def planned_ruc(index, series="20999"):
    base = f"{series}{index + 1:05d}"
    return f"{base}{check_digit(base)}"


def plan(indexes, seed, today):
    """Draw the companies of these numbers; the nth is the same whatever the others."""
    firms = []
    activities = Activity.objects.in_bulk([sector.activity for sector in cast.SECTORS])
    for index in indexes:
        rng = Random(f"{seed}-{index}")
        sector = cast.SECTORS[index % len(cast.SECTORS)]
        name, suffix = _name(index, sector, rng)
        ruc = planned_ruc(index, "20998" if index == RENUMBERED < TOLD else "20999")
        started = today - timedelta(days=rng.randint(1400, 9000))
        company = Company(
            ruc=ruc,
            legal_name=f"{name} {suffix}",
            trade_name=name,
            registry_entry=f"{rng.randint(11000000, 11999999)}",
            registry_office="Ica",
            started_on=started,
            activity=activities[sector.activity],
            size=rng.choice(Company.Size.values),
            products=sector.products,
            process=sector.process,
            phone=f"+519{rng.randint(10000000, 99999999)}",
            ruc_state="ACTIVO",
            ruc_condition="HABIDO",
            ruc_checked_on=today - timedelta(days=30),
            debts_checked_on=today - timedelta(days=30),
        )
        company.email = f"contacto@{slugify(name)}.example"
        company.website = f"https://{slugify(name)}.example"
        vars(company).update(company.derived())
        person = (rng.choice(cast.FIRST_NAMES), rng.choice(cast.LAST_NAMES))
        firms.append(Firm(index, STAGES[index % len(STAGES)], rng, sector, company, person))
    return firms


def create(firms, today):
    """Write the companies and everything they bring to an application."""
    Company.objects.bulk_create([f.company for f in firms], batch_size=500)
    users = create_users([(f.email, *f.person) for f in firms])
    for firm, user in zip(firms, users, strict=True):
        firm.user = user
    since = today - timedelta(days=1400)
    Membership.objects.bulk_create(
        [
            Membership(user=f.user, company=f.company, role=Membership.Role.REPRESENTATIVE, starts_on=since)
            for f in firms
        ],
        batch_size=1000,
    )
    for firm in firms:
        firm.mandate = Mandate(
            company=firm.company,
            user=firm.user,
            full_name=" ".join(firm.person),
            document_number=f"4{firm.rng.randint(1000000, 9999999)}",
            position="Gerencia general",
            power_issued_on=today - timedelta(days=25),
            starts_on=since,
        )
    Mandate.objects.bulk_create([f.mandate for f in firms], batch_size=1000)
    _create_sites(firms)
    _create_papers(firms, today)


def _create_sites(firms):
    districts = District.objects.in_bulk([code for code, _ in cast.PLACES])
    for firm in firms:
        places = firm.rng.sample(cast.PLACES, 3)
        # Most have one site; the published accounts have two, to show rows by site.
        count = 2 if firm.stage.account else firm.rng.choice((1, 1, 1, 2, 3))
        firm.sites = [
            Site(
                company=firm.company,
                name=("Planta principal", "Planta de empaque", "Almacén y despacho")[n],
                street=firm.rng.choice(cast.STREETS),
                number=str(firm.rng.randint(100, 1900)),
                district=districts[places[n][0]],
                process=firm.sector.process[:300],
            )
            for n in range(count)
        ]
        for site, place in zip(firm.sites, places, strict=False):
            site.municipality = place[1]
    sites = Site.objects.bulk_create([s for f in firms for s in f.sites], batch_size=1000)
    by_company = {f.company.pk: f for f in firms}
    SiteFlag.objects.bulk_create(
        [SiteFlag(site=s, key=key) for s in sites for key in by_company[s.company_id].sector.flags], batch_size=2000
    )


def _create_papers(firms, today):
    blob = demo_blob("Documento municipal")
    papers = [paper for firm in firms for site in firm.sites for paper in _papers(firm, site, today)]
    SiteDocument.objects.bulk_create(papers, batch_size=1000)
    SiteDocumentFile.objects.bulk_create([_scan(paper, blob) for paper in papers], batch_size=1000)
    exports = [export(firm, n, today) for firm in firms for n in range(3)]
    ExportRecord.objects.bulk_create(exports, batch_size=1000)


def _papers(firm, site, today):
    """A site's licence and its ITSE."""
    issued = today - timedelta(days=firm.rng.randint(60, 500))
    common = {"company": firm.company, "site": site, "issuer": site.municipality, "uploaded_by": firm.user}
    yield SiteDocument(
        kind=SiteDocument.Kind.LICENCE,
        number=f"LF-{firm.rng.randint(100, 999)}-2019",
        issued_on=date(2019, 3, 4),
        **common,
    )
    yield SiteDocument(
        kind=SiteDocument.Kind.ITSE,
        number=f"ITSE-{firm.rng.randint(1000, 9999)}",
        issued_on=issued,
        valid_until=anniversary_eve(issued, 2),
        **common,
    )


def _scan(paper, blob):
    name = {"licence": "licencia-de-funcionamiento.pdf", "itse": "certificado-itse.pdf"}[paper.kind]
    return SiteDocumentFile(document=paper, blob=blob, filename=name, uploaded_by=paper.uploaded_by)


def export(firm, n, today):
    return ExportRecord(
        company=firm.company,
        declaration=f"118-{today.year}-40-{firm.index * 10 + n:06d}",
        exported_on=today - timedelta(days=firm.rng.randint(40, 500)),
        tariff_code=firm.sector.tariff,
        destination=firm.rng.choice(cast.COUNTRIES),
        fob_usd=f"{firm.rng.randint(8000, 190000)}.00",
        net_kg=f"{firm.rng.randint(1000, 60000)}.00",
    )


def demo_blob(title):
    """A one-page PDF that says what it stands for and that it is invented."""
    return Blob.store(_page(title), "application/pdf")


@cache
def _page(title):
    import io
    import textwrap
    import time

    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (827, 1169), "#ffffff")
    pen = ImageDraw.Draw(page)
    large, small = (ImageFont.truetype(FONT, size) for size in (34, 20))
    pen.rectangle((60, 60, 767, 1109), outline="#0f4436", width=3)
    pen.text((110, 130), textwrap.fill(title, 36), fill="#0f4436", font=large)
    pen.text((110, 240), "Documento de demostración, de contenido inventado.", fill="#3e4d46", font=small)
    for line in range(18):
        pen.line((110, 320 + line * 38, 700 - (line * 53) % 160, 320 + line * 38), fill="#dae2dd", width=10)
    file = io.BytesIO()
    epoch = time.gmtime(0)
    page.save(file, "PDF", creationDate=epoch, modDate=epoch)
    return file.getvalue()
