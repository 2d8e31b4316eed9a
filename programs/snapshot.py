"""What a company hands in, as plain data: sections of groups of labelled rows, for the page, the PDF and comparisons.

{"sections": [{"key", "title", "groups": [{"title", "site", "rows": [[label, value]], "documents": [{...}]}]}]}
"""

from django.utils.translation import gettext as _

from . import sworn_statement


def snapshot(application, on):
    """The company's papers as they stand now; `on` says which legal representation counts."""
    company = application.company
    mandate = company.mandate_on(on)
    signature = application.statement_signature(mandate)
    papers = application.papers.with_files().select_related("entry", "site")
    sites = company.sites.for_application()
    return handed_in(company, mandate, sites, company.exports.all(), signature, papers)


def handed_in(company, mandate, sites, exports, signature, papers=()):
    """The same, of papers already read."""
    return {
        "sections": [
            _section("empresa", _("Empresa"), [_group(_company_rows(company))]),
            _section("representacion", _("Representación legal"), [_group(_mandate_rows(mandate))] if mandate else []),
            _section("sedes", _("Sedes"), [_site(s) for s in sites]),
            _section("exportaciones", _("Exportaciones"), [_export(e) for e in exports]),
            _section("proceso", _("Proceso productivo"), [_group(_process_rows(company))]),
            _section("comunicaciones", _("Comunicaciones"), [_group(_contact_rows(company))]),
            _section("documentos", _("Documentos"), [_paper(p) for p in papers if p.current]),
            _section("declaracion", _("Declaración jurada"), _statement(signature)),
        ]
    }


def _section(key, title, groups):
    return {"key": key, "title": title, "groups": groups}


def _group(rows, title="", site=None, documents=()):
    shown = [[str(label), "" if value is None else str(value)] for label, value in rows]
    return {"title": title, "site": site, "rows": shown, "documents": list(documents)}


def _day(day):
    return f"{day:%d/%m/%Y}" if day else ""


def _company_rows(company):
    return [
        (_("RUC"), company.ruc),
        (_("Razón social"), company.legal_name),
        (_("Nombre comercial"), company.trade_name),
        (_("Partida registral"), company.registry_entry),
        (_("Oficina registral"), company.registry_office),
        (_("Inicio de operaciones"), _day(company.started_on)),
        (_("Tamaño"), company.get_size_display()),
    ]


def _mandate_rows(mandate):
    return [
        (_("Nombres y apellidos"), mandate.full_name),
        (_("Documento"), f"{mandate.get_document_type_display()} {mandate.document_number}"),
        (_("Cargo"), mandate.position),
        (_("Vigencia de poder emitida el"), _day(mandate.power_issued_on)),
    ]


def _process_rows(company):
    return [
        (_("Actividad económica (CIIU)"), company.activity or ""),
        (_("Productos que exporta"), company.products),
        (_("Proceso"), company.process),
    ]


def _contact_rows(company):
    phone = company.phone.as_international if company.phone else ""
    return [(_("Teléfono"), phone), (_("Correo"), company.email), (_("Página web"), company.website)]


def _site(site):
    rows = [
        (_("Dirección"), site.address),
        (_("Referencia"), site.reference),
        (_("Qué se produce o transforma"), site.process),
        (_("En el alcance"), _("sí") if site.in_scope else _("no")),
    ]
    return _group(rows, site.name, site.pk, [line for paper in site.papers for line in _document(paper)])


def _document(paper):
    """What a licence or an ITSE says, with its first file; then its other files."""
    first, *others = paper.current or [None]
    facts = {
        "kind": paper.kind,
        "title": str(paper.get_kind_display()),
        "number": paper.number,
        "issuer": paper.issuer,
        "issued_on": _day(paper.issued_on),
        "valid_until": _day(paper.valid_until),
    }
    bare = {"pk": 0, "filename": "", "sha256": ""}
    more = [_file(file, kind="site_file") | {"of": paper.kind} for file in others]
    return [facts | (_facts(first) if first else bare), *more]


def _paper(paper):
    """A paper of the catalogue bears its site in its title: that tells two of one site apart."""
    rows = [(_("Emitido el"), _day(paper.issued_on)), (_("Vence el"), _day(paper.valid_until))]
    return _group([row for row in rows if row[1]], str(paper), None, [_file(file) for file in paper.current])


def _file(file, kind="paper"):
    empty = dict.fromkeys(("number", "issuer", "issued_on", "valid_until"), "")
    return {"kind": kind, "title": file.filename, **empty, **_facts(file)}


def _facts(file):
    return {"pk": file.pk, "ext": file.extension, "filename": file.filename, "sha256": file.blob.sha256}


def _export(export):
    return _group(
        [
            (_("Fecha de embarque"), _day(export.exported_on)),
            (_("Partida arancelaria"), export.tariff_code),
            (_("Destino"), export.destination),
            (_("Valor FOB (US$)"), f"{export.fob_usd:,.2f}"),
            (_("Peso neto (kg)"), "" if export.net_kg is None else f"{export.net_kg:,.2f}"),
        ],
        export.declaration,
    )


def _statement(signature):
    if not signature:
        return []
    rows = [
        (_("Aceptada por"), f"{signature.signer_name}, {signature.signer_document}"),
        (_("Fecha y hora"), sworn_statement.when(signature)),
        (_("Versión del texto"), signature.text_version),
        ("SHA-256", signature.sha256),
    ]
    return [_group(rows)]
