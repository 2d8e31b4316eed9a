"""Who changed which field, from what to what: written by every edit, shown on the record."""

import ast
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin import site as admin_site
from django.test import RequestFactory
from django.urls import reverse

from companies.models import Appointment, Duty, Event, MailTemplate, Preference
from companies.timeline import EACH, Timeline
from ecoeficiencia.admin import MasterData, ReadOnly
from programs.models import Measure
from tests import factories as f

ROOT = Path(settings.BASE_DIR)
ROOMS = ("companies", "requirements_std", "programs", "audits", "ecoeficiencia")


def last(record):
    return Event.objects.about(record).last()


def changes(record):
    return last(record).data["changes"]


def told(record):
    return [str(change) for change in last(record).told_changes()]


# What each kind of field reads like


def test_dates_choices_and_related_records_are_written_as_people_read_them(acme, alice):
    acme.started_on, acme.size = date(2020, 3, 9), "small"
    acme.save_edit(by=alice, fields=["started_on", "size"])
    new = f.ActivityFactory(code="1079", name="Otros alimentos")
    acme.started_on, acme.size, acme.activity = None, "large", new
    acme.save_edit(by=alice, fields=["started_on", "size", "activity"])
    said = changes(acme)
    assert said["started_on"] == ["09/03/2020", ""]
    assert said["size"] == ["Pequeña empresa", "Gran empresa"]
    assert said["activity"][1] == str(new)
    assert "tamaño: de «Pequeña empresa» a «Gran empresa»" in told(acme)
    assert "inicio de operaciones: antes «09/03/2020», ahora vacío" in told(acme)


def test_booleans_and_amounts(acme, alice):
    measure = f.MeasureFactory(company=acme, created_by=alice, investment=1000)
    measure.investment = 1234567
    measure.save_edit(by=alice, fields=["investment"])
    assert changes(measure)["investment"] == ["1,000", "1,234,567"]
    site = f.SiteFactory(company=acme)
    site.in_scope = False
    site.save_edit(by=alice, fields=["in_scope"])
    assert changes(site)["in_scope"] == ["sí", "no"]


def test_what_stays_the_same_is_not_told(acme, alice):
    acme.products = "Quinua"
    acme.save_edit(by=alice, fields=["products", "process", "phone"])
    assert list(changes(acme)) == ["products"]
    count = Event.objects.about(acme).count()
    acme.save_edit(by=alice, fields=["products", "process"])
    assert Event.objects.about(acme).count() == count


def test_a_move_tells_the_fields_it_sets_but_not_its_own_stamps(acme, alice):
    measure = f.MeasureFactory(company=acme, created_by=alice, state="approved")
    measure.advance(Measure.State.IMPLEMENTED, by=alice, on=date(2026, 5, 4))
    assert changes(measure) == {"implemented_on": ["", "04/05/2026"]}


def test_a_long_text_is_folded_and_kept_whole(acme, alice, as_, plant):
    long = "Se lava la fruta.\n" * 40
    acme.process = long
    acme.save_edit(by=alice, fields=["process"])
    assert changes(acme)["process"][1] == long
    page = as_(alice).get(reverse("empresa:history", args=[acme.pk])).text
    assert "<summary>Proceso de producción o transformación: ver" in page


# The timeline


def test_newest_first_and_twenty_a_page(acme, alice, rf):
    for n in range(EACH + 5):
        Event.record(acme, by=alice, verb="check", note=str(n))
    first = Timeline.of(rf.get("/?orden=x"), acme)
    assert [event.note for event in first][:2] == [str(EACH + 4), str(EACH + 3)]
    assert (first.newer, first.older) == ("", "?orden=x&historia=2#historia")
    second = Timeline.of(rf.get("/?historia=2"), acme)
    assert [event.note for event in second] == ["4", "3", "2", "1", "0"]
    assert (second.newer, second.older) == ("?historia=1#historia", "")


@pytest.mark.parametrize("asked", ["0", "-1", "x", "²", "99999999999"])
def test_a_page_that_does_not_exist_is_no_error(acme, alice, as_, asked):
    assert as_(alice).get(reverse("empresa:history", args=[acme.pk]), {"historia": asked}).status_code == 200


def test_the_page_asks_the_same_of_the_database_at_three_and_at_twenty(
    acme, alice, as_, django_assert_num_queries, django_assert_max_num_queries
):
    client, address = as_(alice), reverse("empresa:history", args=[acme.pk])

    def edit(times):
        for n in range(times):
            acme.products = f"{acme.products} {n}"
            acme.save_edit(by=alice, fields=["products"])

    edit(3)
    with django_assert_max_num_queries(20) as few:
        client.get(address)
    edit(15)
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_the_company_does_not_read_what_is_kept_from_it(acme, alice, rita, as_, edition):
    application = f.ApplicationFactory(company=acme, edition=edition)
    Event.record(acme, by=rita, verb="claim", note="curioso@ajeno.example")
    Event.record(application, by=rita, verb="propose", note="Propongo no admitir")
    Event.record(application, by=rita, verb="extend", note="Prórroga pedida")
    page = as_(alice).get(reverse("empresa:history", args=[acme.pk])).text
    assert "Prórroga pedida" in page
    assert "curioso@ajeno.example" not in page
    assert "Propongo no admitir" not in page
    assert list(Event.objects.visible_to(alice).values_list("note", flat=True)) == ["Prórroga pedida"]
    assert Event.objects.visible_to(rita).count() == 3


def test_drafts_of_the_auditors_are_not_told_to_the_company(participation, alice, otto, as_):
    audit = f.AuditFactory(participation=participation, state="started")
    audit.save_minutes(by=otto, opening_minutes="", closing_minutes="", conclusion="Recomiendo negar")
    own = Timeline.of(RequestFactory().get("/"), audit)
    theirs = Timeline.of(RequestFactory().get("/"), audit, inside=True)
    assert next(event.shown for event in own) == []
    assert [str(change) for change in next(event.shown for event in theirs)] == ["conclusiones: «Recomiendo negar»"]


def test_another_company_finds_no_history(as_, bob, acme):
    assert as_(bob).get(reverse("empresa:history", args=[acme.pk])).status_code == 404


# Every form by which people edit


def post(client, name, pk, **data):
    answer = client.post(reverse(name, args=[pk] if not isinstance(pk, tuple) else pk), data)
    assert answer.status_code == 302, answer.text
    return answer


def test_an_export_is_created_corrected_and_removed_with_its_history(as_, alice, acme):
    row = f.ExportRecordFactory(company=acme, destination="Chile")
    data = {f_: getattr(row, f_) for f_ in ("declaration", "exported_on", "tariff_code", "fob_usd")}
    post(as_(alice), "empresa:export", row.pk, destination="Japón", **data)
    assert changes(row)["destination"] == ["Chile", "Japón"]
    pk = row.pk
    post(as_(alice), "empresa:export_remove", pk)
    assert Event.objects.get(object_id=pk, verb="delete").note.startswith(row.declaration)


def test_a_template_tells_both_wordings(as_, stella):
    client = as_(stella)
    post(client, "panel:template", "admission", subject="Resultado", body="Lea {titulo}")
    post(client, "panel:template", "admission", subject="Resultado final", body="Lea {titulo}")
    row = MailTemplate.objects.order_by("number").last()
    assert changes(row) == {"subject": ["Resultado", "Resultado final"]}


def test_a_parameter_tells_the_value_before(stella, edition):
    before = str(edition.parameter("correction_days"))
    edition.set_parameter("correction_days", 25, note="Acta 3", by=stella)
    edition.set_parameter("correction_days", 30, note="Acta 4", by=stella)
    said = [next(iter(event.data["changes"].values())) for event in Event.objects.about(edition)]
    assert said == [[before, "25"], ["25", "30"]]
    assert edition.program.parameter("correction_days") == int(before)


def test_preferences_tell_only_what_changed(as_, alice):
    client = as_(alice)
    form = client.get(reverse("public:preferences")).context["form"]
    data = {name: "now" for name in form.fields}
    client.post(reverse("public:preferences"), data)
    client.post(reverse("public:preferences"), data | {"work": "daily"})
    row = Preference.objects.get(user=alice, group="work")
    assert changes(row) == {"how": ["Al momento", "Resumen diario"]}
    assert Event.objects.filter(object_type="companies.preference", verb="edit").count() == 1


# The admin


def test_the_admin_leaves_the_same_history(client, ada):
    ada.is_staff = ada.is_superuser = True
    ada.save()
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    person = f.UserFactory()
    given = {"user": person.pk, "duty": Duty.MONITOR, "starts_on": "01/02/2026", "ends_on": ""}
    assert client.post("/admin/companies/appointment/add/", given).status_code == 302
    row = Appointment.objects.get(user=person)
    assert (last(row).verb, last(row).actor) == ("create", ada)
    address = f"/admin/companies/appointment/{row.pk}/change/"
    assert client.post(address, given | {"ends_on": "30/11/2026"}).status_code == 302
    assert changes(row) == {"ends_on": ["", "30/11/2026"]}


def test_every_page_of_the_admin_that_edits_leaves_history():
    ours = [model_admin for model, model_admin in admin_site._registry.items() if model._meta.app_label in ROOMS]
    assert ours
    for model_admin in ours:
        assert isinstance(model_admin, (MasterData, ReadOnly)), model_admin
        assert type(model_admin).save_model is MasterData.save_model, model_admin


# Nobody writes past the history: the code is walked

WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
TELLS = {"record", "record_edit", "save_and_record", "save_edit", "move", "_record", "_stamp", "_leave"}
# Writes that are no edit by a person, or whose caller tells: each with the reason.
SILENT = {
    "companies/models/kept_file.py:bury": "whoever takes the file away tells",
    "companies/models/site_document.py:files_changed": "the file that is kept or taken away tells",
    "companies/models/site_document.py:take_files": "the release before told it, on the site",
    "audits/models/register.py": "lines of the register are themselves the history",
    "audits/tasks.py": "the machine keeps the document it made",
    "companies/sending.py": "the machine notes what the mail server said",
    "companies/tasks.py": "the machine notes what it sent",
    "companies/digests.py": "the machine gathers mails",
    "companies/models/form_draft.py": "what nobody saved yet; the record tells once it is made",
    "companies/drafts.py": "what nobody saved yet; the record tells once it is made",
    "companies/models/seal.py": "this is the chain over the history",
    "companies/models/event.py": "this is the history",
    "companies/models/notice.py": "notices are made and read; nobody edits them",
    "companies/models/user.py": "accounts are made by allauth",
    "companies/management/commands/load_reference.py": "reference data of this release, the same for everybody",
    "programs/tasks.py": "the machine keeps the document it made",
    "companies/padron.py": "SUNAT's register of all taxpayers, loaded whole",
    "companies/importers.py:apply": "confirming the import tells",
    "companies/models/table_import.py:receive": "a file that waits to be confirmed is a dated row with its author",
    "companies/models/table_import.py:_close": "a confirmed import tells; a discarded one keeps who and when",
    "programs/models/letter_signing.py:sign_on_screen": "a signature is a dated row; taking the letter tells",
    "programs/models/signing.py:confirm": "a code that was tried is a dated row; the signature tells",
    "programs/models/mending.py:_answer": "marking a point and taking that back tell",
    "programs/models/mending.py:_add_items": "part of handing the mended points in, which tells",
    "programs/models/paper.py:hand_paper": "each file that is kept tells",
    "programs/models/paper.py:stamp_papers": "handing in tells",
    "programs/models/checking.py:_keep": "what was found of the company tells; the check itself is a dated row",
    "ecoeficiencia": "the machine: jobs, counters, files",
    "companies/forms/accounts.py:custom_signup": "the consent is a dated row that is never edited",
    "companies/models/company.py:save": "what save() itself does",
    "companies/models/delivery.py:plan": "mails are planned with their notice",
    "companies/models/delivery.py:release": "its notice is published; the delivery tells",
    "companies/views/preferences.py:preferences": "each preference tells, in set_for",
    "audits/models/certificate.py:save": "what save() itself does",
    "audits/models/preparation.py:freeze_scope": "part of accepting the plan, which tells",
    "audits/models/preparation.py:_freeze_checklist": "part of starting the audit, which tells",
    "programs/attendance.py:record": "tells one line a company, in _write_down",
    "programs/models/submission.py:_hand_in": "part of submitting, which tells",
    "companies/throttle.py": "counts of tries, forgotten after a while",
    "programs/models/required.py:create_documents": "part of making the edition, which tells",
    "programs/models/required.py:copy_documents": "part of copying the edition, which tells",
    "programs/models/decision_letter.py:issue": "part of deciding, which tells",
    "programs/models/letter_text.py:copy_letters": "part of copying the edition, which tells",
    "companies/models/invitation.py:new_link": "the worker makes the link it mails",
    "requirements_std/models/standard.py": "a published version never changes; the catalogue tells its loading",
    "programs/models/edition.py:create_workshops": "part of making the edition, which tells",
    "programs/models/edition.py:hold": "takes a lock, changes nothing",
    "programs/models/participation.py:end": "assign_monitor and leave tell",
    "requirements_std/models/assessment.py": "counters and rows; opening, syncing and scopes are told by their caller",
    "requirements_std/models/evidence.py:keep": "an upload is a dated row with its author; linking it tells",
    "requirements_std/models/fulfilment.py:comment": "a comment is a dated row with its author",
    "requirements_std/catalogue.py:_write": "load tells",
}


def hands_over(call):
    """Whether somebody else saves: `save(by=…)` tells, `save(commit=False)` does not save yet."""
    named = {keyword.arg for keyword in call.keywords}
    return call.func.attr == "save" and bool(named & {"by", "commit"})


def writers():
    """(file, function, the calls in it) of every function of ours that writes."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if "/migrations/" in name or "/demo" in name or name.endswith("load_demo.py"):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    calls = {
                        call.func.attr
                        for call in ast.walk(node)
                        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and not hands_over(call)
                    }
                    if calls & WRITES:
                        yield name, node.name, calls


def test_no_function_writes_without_telling():
    excused = {*SILENT}
    untold = [
        f"{name}:{function} calls {sorted(calls & WRITES)}"
        for name, function, calls in writers()
        if not calls & TELLS and not excused & {name, f"{name}:{function}", name.partition("/")[0]}
    ]
    assert untold == []


def test_no_excuse_is_left_over():
    there = {part for name, function, _calls in writers() for part in (name, f"{name}:{function}", name.split("/")[0])}
    assert SILENT.keys() - there == set()


def test_a_company_s_history_names_each_record_with_a_query_a_kind(
    acme, alice, as_, participation, django_assert_num_queries, django_assert_max_num_queries
):
    client, address = as_(alice), reverse("empresa:history", args=[acme.pk])
    assessment = f.AssessmentFactory(company=acme)
    rows = [f.FulfilmentFactory(assessment=assessment) for _n in range(3)]

    def answer(some):
        for row in some:
            row.save_work(work=1, statement=f"Fila {row.pk}", by=alice)

    answer(rows[:1])
    with django_assert_max_num_queries(25) as few:
        page = client.get(address).text
    assert str(rows[0]) in page
    answer(rows[1:])
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_a_line_of_the_company_s_history_leads_to_the_record(as_, alice, acme):
    row = f.FulfilmentFactory(assessment=f.AssessmentFactory(company=acme))
    row.save_work(work=1, statement="Se separa.", by=alice)
    page = as_(alice).get(reverse("empresa:history", args=[acme.pk])).text
    assert f'<a href="{reverse("empresa:fulfilment", args=[row.pk])}">{row}</a>' in page
    own = as_(alice).get(reverse("empresa:fulfilment", args=[row.pk])).text
    assert f'href="{reverse("empresa:fulfilment", args=[row.pk])}">{row}</a>' not in own
