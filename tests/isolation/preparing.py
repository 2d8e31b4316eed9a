"""What a form needs before it can be sent: who sends it, the state of its record, the values that no field tells."""

import re
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audits.models import Audit, Check, MarkLicence, NonConformity
from companies.forms import accounts
from companies.forms.sections import FORMS
from companies.models import SiteDocument
from ecoeficiencia.workdays import add_workdays
from programs import sworn_statement
from programs.forms import application, panel, self_check, signing
from programs.models import Appeal, SigningCode
from programs.models.letter_signing import signatory
from requirements_std.forms import board, evidence, review
from requirements_std.models import Assessment, Evidence
from tests import factories as f
from tests.audits import certifying

from .addresses import PARTS

# Texts of one line that name no person, company, body, site or edition; those that do are a NameField.
NO_NAMES = {
    "BodyForm.note", "BodyForm.phone", "BodyForm.resolution", "BodyForm.sectors", "CodeForm.code", "DraftForm.subject",
    "EvidenceForm.title", "IdentityForm.registry_office", "MandateForm.position", "MeasureForm.physical_unit",
    "MeasureForm.title", "NonWorkingDayForm.norm", "NonWorkingDayForm.reason", "ParameterForm.value",
    "ProcessForm.products", "RequiredDocumentForm.title", "SecondFactorForm.note", "SessionForm.place",
    "SiteDocumentForm.number", "SiteForm.number", "SiteForm.process", "SiteForm.reference", "SiteForm.street",
    "SiteForm.urbanization", "StandInForm.reason", "TemplateForm.subject",
}  # fmt: skip

# Bound by the address of a list, not by a post; test_forms.py asks those too.
BY_ADDRESS = {board.BoardFilter, evidence.EvidenceFilter, panel.VersionsForm, review.ReviewFilter}
# At addresses of allauth: test_signing_up_takes_nothing_else, and test_account.py of tests/companies and tests/browser.
ELSEWHERE = {
    accounts.SignupForm, accounts.AddEmailForm, accounts.AddPasskeyForm, accounts.EditPasskeyForm,
    accounts.ChangePasswordForm, accounts.SetPasswordForm, accounts.ResetPasswordKeyForm,
}  # fmt: skip
# The answers of the first stay in the session; the second waits for an application that lacks nothing, which
# tests/programs/test_signing.py has; the third for one whose points are answered, which tests/programs/test_mending.py
# has.
WRITES_NOTHING = {self_check.SelfCheckForm, signing.SignedOutsideForm, application.SeenForm}

# What some addresses read of the request besides their form.
SEEN = ("empresa:audit_agree", "empresa:audit_change", "auditoria:nonconformity_verify",
        "auditoria:nonconformity_return", "panel:decision_decide", "panel:decision_return", "panel:letter_verify",
        "panel:withdrawal_confirm", "panel:withdrawal_reject",
        "panel:letter_return", "panel:mail_discard")  # fmt: skip
READ_BESIDES = {"empresa:apply": {"edition"}, **{name: {"version"} for name in SEEN}}
READ_OUTSIDE_FORMS = {
    "act", "columnas", "confirmo", "days", "desde", "edicion", "edition", "grounds", "pk", "presentar", "preview",
    "registrar", "seguir", "send", "stay", "sure", "tablero", "test", "to",
}  # fmt: skip


def day(days):
    return str(timezone.localdate() + timedelta(days=days))


def workday(days):
    return str(add_workdays(timezone.localdate(), days))


def debtors():
    return SimpleUploadedFile("deudas.csv", f"RUC;Tipo;Razón social\n{f.ruc(77)};Económica;Tercera".encode())


CODE = "123456"
# By form and field, or by field.
VALUES = {
    "destination": "Chile",
    "ruc": f.ruc(4242), "declaration": "118-2026-40-999999", "document_number": "40112233", "tariff_code": "2008999000",
    "exported_on": day(-30), "issued_on": day(-30), "valid_until": day(300), "registry_entry": "11012345",
    "keep": "", "until": day(60), "starts_on": day(5), "ends_on": day(6), "due_on": day(30), "expires_on": day(30),
    "year": "2031",
    ("TableForm", "file"): debtors, ("NonWorkingDayForm", "on"): workday(60), ("ExtensionForm", "due_on"): workday(90),
    ("CloneForm", "name"): "2032-I",
    ("EditionForm", "name"): "2031-I", ("SiteForm", "name"): "Planta Nueva", ("BodyForm", "name"): "Otra Certificadora",
    ("BodyForm", "enabled_until"): day(900), ("ProcessForm", "products"): "Otro producto",
    ("ContactForm", "email"): "otro@pruebas.example", ("MandateForm", "position"): "Gerencia",
    ("IdentityForm", "registry_office"): "Lima", ("ExplainForm", "statement"): "Otra manera.",
    ("CodeForm", "code"): CODE, ("LineForm", "note"): "Otra nota.", ("SessionForm", "ends_at"): f"{day(20)}T12:00",
}  # fmt: skip

ROW = {"declaration": "118-2026-40-111111", "exported_on": "20/01/2026", "tariff_code": "2008.99.90.00",
       "destination": "Chile", "fob_usd": "100.50", "net_kg": "10.25"}  # fmt: skip
EXPORTS = {"text": "\t".join(ROW.values()), "columnas": "1", "registrar": "1"}
EXPORTS |= {f"columna-{place}": name for place, name in enumerate(ROW)} | {"file": "", "titled": ""}

# The states in which the record takes the act; the first pattern that fits.
STATES = [
    (
        r"empresa:(profile_section|site|site_new|site_document|site_file_(replace|remove)|export|export_new|export_table)",
        {"application": "withdrawn"},
    ),
    (r"empresa:(application_section|paper.*)", {"application": "draft"}),
    (r"empresa:application_appeal", {"application": "rejected"}),
    (r"panel:application_extend|empresa:application_.*", {"application": "observed"}),
    (r"panel:application.*", {"application": "submitted"}),
    (r"panel:appeal_.*", {"application": "rejected"}),
    (r"empresa:(fulfilment.*|board_(explain|attach|submit)|evidence_remove)", {"fulfilment": "open"}),
    (r"empresa:measure_discard", {"measure": "idea"}),
    (r"empresa:letter(_sign)?", {"letter": "issued", "participation": "letter_issued"}),
    (r"auditoria:plan", {"preaudit": "accepted"}),
    (r"auditoria:start", {"preaudit": "agreed"}),
    (r"empresa:audit_change", {"preaudit": "planned"}),
    (r"empresa:(nonconformity|action).*", {"preaudit": "correcting", "participation": "correcting"}),
    (r"auditoria:nonconformity_.*", {"preaudit": "correcting", "participation": "correcting", "nc": "answered"}),
    (r"panel:audit_act", {"preaudit": "correcting", "participation": "correcting"}),
    (r"panel:audit_open", {"participation": "ready", "preaudit": "cancelled"}),
    (r"panel:mail_.*", {"delivery": "held"}),
    (r"panel:decision_propose", {"decision": "pending"}),
    (r"panel:decision_.*", {"decision": "proposed"}),
    (r"panel:certificate_reinstate", {"certificate": "suspended"}),
]


def of(address):
    """What puts the record of `address` into the state for its act."""
    wanted = next((states for pattern, states in STATES if re.fullmatch(pattern, str(address))), {})

    def prepare(world):
        for name, state in wanted.items():
            row = world.acme.ncs["preaudit"] if name == "nc" else getattr(world.acme, name)
            type(row)._base_manager.filter(pk=row.pk).update(state=state)
        MORE.get(str(address), nothing)(world)

    return prepare


def nothing(world):
    pass


def owes_by_a_day(world):
    Audit.objects.filter(pk=world.acme.preaudit.pk).update(correction_due_on=day(3))
    world.acme.preaudit.nonconformities.update(due_on=day(3))


def every_action_is_done(world):
    world.acme.ncs["preaudit"].actions.update(done_on=day(-1))


def every_item_is_accepted(world):
    world.acme.application.items.update(verdict="accepted", reason="")


def an_item_needs_nobodys_eyes(world):
    world.acme.application.items.update(key="contact", verdict="pending", reason="", mended_at=None)
    type(world.acme.company).objects.filter(pk=world.acme.company.pk).update(phone="014567890", email="a@acme.example")


def works_on_this_edition(world):
    Assessment.objects.filter(pk=world.acme.participation.assessment_id).update(opened_at=timezone.now())


def has_more_evidence(world):
    acme = world.acme
    Evidence.objects.create(company=acme.company, title="Otra", blob=acme.evidence.blob, uploaded_by=acme.boss)


def may_still_appeal(world):
    Appeal.objects.filter(pk=world.acme.appeal.pk).delete()
    type(world.acme.application).objects.filter(pk=world.acme.application.pk).update(decided_at=timezone.now())


def may_ask_for_an_audit(world):
    has_no_nonconformity(world)
    company = world.acme.company
    Audit.objects.filter(participation__company=company, kind="certification").update(state="cancelled")
    company.participations.exclude(pk=world.acme.participation.pk).update(state="not_certified")
    company.participations.filter(pk=world.acme.participation.pk).update(state="preaudit_passed")
    f.SiteDocumentFactory(site=world.acme.site, kind="itse", valid_until=day(900))


def has_no_nonconformity(world):
    Check.objects.filter(audit__participation__company=world.acme.company).update(recheck_of=None)
    for nc in world.acme.ncs.values():
        nc.actions.all().delete()
        NonConformity.objects.filter(pk=nc.pk).delete()


def waits_for_a_decision(world):
    audit = world.acme.decision.audit
    Audit.objects.filter(pk=audit.pk).update(state="closed")
    type(audit.participation).objects.filter(pk=audit.participation_id).update(state="decision")


def nobody_proposed_to_withdraw(world):
    world.acme.certificate.withdrawals.all().delete()


def deserves_a_licence(world):
    MarkLicence.objects.filter(certificate=world.acme.certificate).delete()
    certifying.trained(world.acme.decision.participation)
    certifying.saved(world.acme.company, "water", "waste", "materials", by=world.acme.boss)


def has_no_list_yet(world):
    has_no_nonconformity(world)
    world.acme.preaudit.checks.all().delete()


def has_another_ruc(world):
    act = world.acme.former_ruc
    type(act.company).objects.filter(pk=act.company_id).update(formerly=act.ruc)
    type(world.acme.certificate).objects.filter(company=act.company_id).update(printed={"ruc": act.ruc})


def proves_nothing(world):
    world.acme.evidence.links.all().delete()


def was_sent_a_code(world):
    acme = world.acme
    for kind, digest in (("sworn_statement", _statement(world)), ("commitment", _letter(world))):
        code = SigningCode(application=acme.application, user=acme.boss, kind=kind, sha256=digest)
        code.sent_to, code.code_hash = acme.boss.email, code._hash(CODE)
        code.expires_at = timezone.now() + timedelta(minutes=9)
        code.save()


def is_not_yet_answered(world):
    type(world.acme.claim).objects.filter(pk=world.acme.claim.pk).update(
        state="filed", resolution="", claimed_by=world.people["account and nothing else"].user
    )


def has_a_second_factor(world):
    Authenticator.objects.create(user=world.acme.monitor, type="totp", data={})


MORE = {
    "panel:claim_grant": is_not_yet_answered,
    "panel:claim_refuse": is_not_yet_answered,
    "empresa:application_section": was_sent_a_code,
    "empresa:letter_sign": was_sent_a_code,
    "panel:audit_act": owes_by_a_day,
    "auditoria:nonconformity_verify": every_action_is_done,
    "panel:application_accept": an_item_needs_nobodys_eyes,
    "panel:application_propose": every_item_is_accepted,
    "panel:application_admit": every_item_is_accepted,
    "panel:application_wait": every_item_is_accepted,
    "empresa:board_attach": works_on_this_edition,
    "empresa:board_explain": works_on_this_edition,
    "empresa:board_submit": works_on_this_edition,
    "empresa:fulfilment_link": has_more_evidence,
    "empresa:application_appeal": may_still_appeal,
    "empresa:external_request": may_ask_for_an_audit,
    "empresa:evidence_remove": proves_nothing,
    "panel:registry_undo": has_another_ruc,
    "auditoria:check": has_no_nonconformity,
    "auditoria:sheet": has_no_nonconformity,
    "panel:decision_propose": waits_for_a_decision,
    "panel:decision_decide": waits_for_a_decision,
    "panel:certificate_reinstate": nobody_proposed_to_withdraw,
    "panel:certificate_withdraw": nobody_proposed_to_withdraw,
    "panel:certificate_licence": deserves_a_licence,
    "auditoria:start": has_no_list_yet,
    "panel:person_reset": has_a_second_factor,
}


def served_by(who):
    """One of those who may: whoever may sign too, when they are among them."""
    return "representative" if "representative" in who else who[0]


# Parts of an address that choose another form.
WAYS = {
    "section": lambda address: [*FORMS, *(["declaracion"] if address.name == "application_section" else [])],
    "act": lambda address: ["reabrir", "prorroga", "cancelar"],
    "kind": lambda address: SiteDocument.Kind.values,
}


def paths(address, world):
    """(path, the parts chosen) for each form the address has."""
    chosen = next((key for key in WAYS if key in address.keys), None)
    if chosen is None:
        return [(address.cases(world)[0][0], "")]
    before, found = PARTS[chosen], []
    for way in WAYS[chosen](address):
        PARTS[chosen] = lambda w, way=way: way
        found.append((address.cases(world)[0][0], way))
    PARTS[chosen] = before
    return found


def asked(name, world):
    """What a post names besides its form: the rows it is about."""
    acme = world.acme
    rows = {"pk": [str(acme.fulfilment.pk)]}
    found = {
        "empresa:board_attach": rows,
        "empresa:board_explain": rows,
        "empresa:export_table": EXPORTS,
        "panel:mail_send": {"subject": "Resultado", "body": "Fue admitida."},
        "panel:company_absorbed": {"other": world.rival.company.ruc},
        "panel:applications_assign": {"pk": [str(acme.application.pk)]},
        "panel:applications_decide": {"pk": [str(acme.application.pk)], "outcome": "reject", "grounds": "Falta."},
        "empresa:application_section declaracion code": {"act": "code", "seen": _statement},
        "empresa:application_section declaracion sign": {"act": "sign", "seen": _statement},
        "empresa:application_section declaracion upload": {"act": "upload"},
        "empresa:letter_sign code": {"act": "code", "seen": _letter},
        "empresa:letter_sign sign": {"act": "sign", "seen": _letter},
        "panel:application_accept": {"points": f"{acme.item.pk}.{acme.item.version}"},
        "panel:application_propose": {"propuesta-outcome": "reject"},
        "panel:decision_propose": {"outcome": "deny"},
        "panel:decision_decide": {"outcome": "deny"},
        "panel:audit_name": {"auditor": str(world.rival.preauditor.pk)},
    }
    return {key: value(world) if callable(value) else value for key, value in found.get(name, {}).items()}


def _statement(world):
    company = world.acme.company
    mandate = company.mandate_on(timezone.localdate())
    return sworn_statement.digest(sworn_statement.words(company, world.edition, mandate, company.sites.in_the_scope()))


def _letter(world):
    mandate = world.acme.company.mandate_on(timezone.localdate())
    return sworn_statement.digest(world.acme.letter.words(signatory(mandate)))


# Addresses at which one name chooses the form.
ACTS = {
    "empresa:application_section declaracion": ("code", "sign", "upload"),
    "empresa:letter_sign": ("code", "sign"),
}


# (address, who, where ids are read, an id of another company)
LISTS = [
    ("monitor:accept", "monitor", "pk", lambda w: w.rival.fulfilment.pk),
    ("empresa:board_submit", "representative", "pk", lambda w: w.rival.fulfilment.pk),
    ("empresa:board_attach", "representative", "pk", lambda w: w.rival.fulfilment.pk),
    ("empresa:board_explain", "representative", "pk", lambda w: w.rival.fulfilment.pk),
]


def path_of(name, world):
    return reverse(name, args=[world.acme.company.pk] if name.startswith("empresa") else [])
