"""The application page: sections and their states, fields saved one by one, colleagues at the same application."""

import json
import re
from datetime import timedelta
from functools import partial
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.colleagues import Colleagues, last_event
from companies.models import Company, Event, FormDraft, Mandate
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Application
from programs.sections import State, sections_of
from tests import factories as f
from tests.counting import asked
from tests.racing import at_once
from tests.requirements_std.conftest import pdf, upload
from tests.signing import sign_statement

BEFORE = ["empresa", "representacion", "sedes", "exportaciones", "proceso", "comunicaciones", "documentos"]
SECTIONS = [*BEFORE, "declaracion"]


@pytest.fixture
def draft(acme, alice, plant, edition, today):
    f.ExportRecordFactory(company=acme, exported_on=today - timedelta(days=90))
    return f.ApplicationFactory(edition=edition, company=acme, created_by=alice)


@pytest.fixture
def blank(alice, edition):
    """The draft of a company that has only registered."""
    company = f.CompanyFactory(
        registry_entry="", registry_office="", started_on=None, size="", activity=None, products="", process="",
        phone="", email="", website="",
    )  # fmt: skip
    f.MembershipFactory(user=alice, company=company)
    return f.ApplicationFactory(edition=edition, company=company, created_by=alice)


@pytest.fixture
def stopped():
    """The hour that pages say, on a clock that stands still however long the test takes."""
    with time_machine.travel(timezone.now(), tick=False):
        yield f"{timezone.localtime():%H:%M}"


@pytest.fixture
def bea(acme):
    user = f.UserFactory(first_name="Bea", last_name="Ríos")
    f.MembershipFactory(user=user, company=acme, role="collaborator")
    return user


def page(application, section):
    return reverse("empresa:application_section", args=[application.pk, section])


def states(application, on):
    application = Application.objects.for_page().get(pk=application.pk)
    return {row.key: row for row in sections_of(application, application.checklist(on))}


def type_in(client, application, section, name, value, version=0, **more):
    data = {"campo": name, name: value, f"v-{name}": version} | more
    return client.post(page(application, section), data, headers={"X-Requested-With": "autosave"})


# How the sections stand


def test_an_empty_application_has_everything_to_do_and_the_statement_is_locked(blank, today):
    found = states(blank, today)
    assert [row.state for row in found.values()] == [State.TODO] * 6 + [State.COMPLETE, State.LOCKED]
    assert found["declaracion"].words == (
        "Se abre al completar: Empresa, Representación legal, Sedes, Exportaciones, Proceso productivo, Comunicaciones."
    )
    assert found["empresa"].words == "Faltan 2 datos."


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [("empresa", "size", "small"), ("proceso", "products", "Quinua"), ("comunicaciones", "phone", "+51956123456")],
)
def test_a_section_somebody_began_is_in_course(blank, today, section, field, value):
    Company.objects.filter(pk=blank.company_id).update(**{field: value})
    assert states(blank, today)[section].state == State.STARTED


def test_a_site_a_mandate_and_an_export_begin_their_sections(blank, today):
    f.SiteFactory(company=blank.company)
    f.MandateFactory(company=blank.company, power_issued_on=None)
    f.ExportRecordFactory(company=blank.company, exported_on=today - timedelta(days=2000))
    found = states(blank, today)
    begun = ["representacion", "sedes", "exportaciones"]
    assert [found[key].state for key in begun] == [State.STARTED] * 3


def test_when_all_the_others_are_complete_the_statement_opens(draft, today):
    found = states(draft, today)
    assert [found[key].state for key in SECTIONS] == [State.COMPLETE] * 7 + [State.TODO]


def test_the_statement_is_not_accepted_before_the_rest_is_complete(as_, alice, draft, today):
    Company.objects.update(process="")
    draft = Application.objects.for_page().get()
    with pytest.raises(IllegalMove, match="Antes de firmar la declaración complete: Proceso productivo"):
        sign_statement(draft, by=alice, on=today)
    file = upload("firmada.pdf", pdf())
    for act in ({"act": "code"}, {"act": "sign", "code": "123456"}, {"act": "upload", "file": file}):
        assert as_(alice).post(page(draft, "declaracion"), act).status_code in (409, 422)
    assert not draft.signatures.exists()
    shown = as_(alice).get(page(draft, "declaracion")).text
    assert "Todavía no se abre" in shown and "Firmar en pantalla" not in shown


def test_who_completed_a_section_and_when_is_told_until_it_is_incomplete_again(as_, alice, bea, draft, acme, today):
    Company.objects.update(process="")
    type_in(as_(bea), draft, "proceso", "process", "Lavado y cocción.")
    row = states(draft, today)["proceso"]
    assert (row.state, row.completed.actor) == (State.COMPLETE, bea)
    assert "La completó Bea Ríos" in as_(alice).get(reverse("empresa:application", args=[draft.pk])).text
    type_in(as_(alice), draft, "proceso", "process", "", version=1)
    row = states(draft, today)["proceso"]
    assert (row.state, row.completed) == (State.STARTED, None)
    type_in(as_(alice), draft, "proceso", "process", "Otra vez.", version=2)
    assert states(draft, today)["proceso"].completed.actor == alice
    verbs = Event.objects.about(draft).filter(new="proceso").values_list("verb", flat=True)
    assert list(verbs) == ["section", "unsection", "section"]


def test_a_section_that_was_complete_already_is_nobodys_work(as_, alice, draft, today):
    type_in(as_(alice), draft, "proceso", "products", "Quinua")
    assert {key for key, row in states(draft, today).items() if row.completed} == {"proceso"}
    assert "Con los datos que su empresa ya tenía." in as_(alice).get(f"/empresa/postulacion/{draft.pk}/").text


def test_sites_papers_and_exports_complete_their_sections_too(as_, alice, draft, acme, plant, today):
    client, export = as_(alice), acme.exports.get()
    client.post(reverse("empresa:export_remove", args=[export.pk]))
    assert states(draft, today)["exportaciones"].state == State.TODO
    data = {"declaration": export.declaration, "exported_on": today - timedelta(days=9), "tariff_code": "0806100000",
            "destination": "Chile", "fob_usd": "100"}  # fmt: skip
    client.post(reverse("empresa:export_new", args=[acme.pk]), data)
    client.post(reverse("empresa:site", args=[plant.pk]), {"name": "Planta Ica", "district": "Ica, Ica, Ica",
                "street_type": "av", "street": "Los Molinos", "in_scope": "on"})  # fmt: skip
    found = states(draft, today)
    assert [found[key].completed.actor for key in ("exportaciones", "sedes")] == [alice, alice]


def test_under_observation_only_what_was_observed_is_open(draft, alice, rita, today, as_):
    sign_statement(draft, by=alice, on=today)
    draft.submit(by=alice, on=today)
    draft.items.exclude(key="website").update(verdict="accepted")
    draft.items.filter(key="website").update(verdict="observed", reason="No abre.")
    draft.move("observed", by=rita, due_on=today + timedelta(days=9))
    found = states(draft, today)
    assert found["comunicaciones"].state == State.OBSERVED
    assert found["empresa"].words == "Solo se reabre lo observado; lo demás queda como está."
    draft.mark_mended(draft.items.get(key="website"), by=alice, answer="Ya abre.")
    assert states(draft, today)["comunicaciones"].state == State.COMPLETE


# Going on: what is there is saved, what is missing is told, in every section alike

EMPTY = {
    "empresa": {"legal_name": "Nueva S.A.C."},
    "representacion": {"document_type": "dni"},
    "sedes": {"seguir": "1"},
    "exportaciones": {"seguir": "1"},
    "proceso": {},
    "comunicaciones": {},
}


def test_going_on_with_nothing_written_is_the_same_in_every_section(as_, alice, blank):
    client = as_(alice)
    for section, following in zip(EMPTY, [*list(EMPTY)[1:], "documentos"], strict=True):
        answer = client.post(page(blank, section), EMPTY[section])
        assert (answer.status_code, answer.headers.get("Location")) == (302, page(blank, following)), section
        assert re.search(r"«[^»]*» queda por completar\. Falta", client.get(answer.url).text), section
    assert FormDraft.objects.count() == 0


def test_a_representative_who_is_not_complete_is_kept_as_a_draft_and_one_goes_on(as_, alice, blank):
    client, typed = as_(alice), {"document_type": "dni", "full_name": "Rosa Salinas Vega", "position": ""}
    answer = client.post(page(blank, "representacion"), typed)
    assert answer.url == page(blank, "sedes")
    following = client.get(answer.url).text
    assert "Guardado como borrador a las" in following and "«Representación legal» queda por completar." in following
    assert client.get(page(blank, "representacion")).context["form"]["full_name"].value() == "Rosa Salinas Vega"
    wrong = client.post(page(blank, "representacion"), typed | {"document_number": "12", "position": "Gerente"})
    assert (wrong.status_code, 'value="12"' in wrong.text) == (422, True)
    whole = typed | {"document_number": "40112299", "position": "Gerente", "power_issued_on": "2026-11-01"}
    assert client.post(page(blank, "representacion"), whole).status_code == 302
    assert (Mandate.objects.filter(company=blank.company).count(), FormDraft.objects.count()) == (1, 0)


def test_what_was_there_is_not_emptied_by_going_on(as_, alice, draft, acme):
    answer = as_(alice).post(page(draft, "empresa"), {"legal_name": ""})
    assert answer.status_code == 422
    fixed = {"change": "fix", "document_type": "dni", "full_name": ""}
    assert as_(alice).post(page(draft, "representacion"), fixed).status_code == 422
    assert FormDraft.objects.count() == 0


# Fields saved one by one


def test_a_field_is_saved_alone_and_the_page_says_when(as_, alice, draft, acme, stopped):
    answer = type_in(as_(alice), draft, "empresa", "registry_office", "Tacna", legal_name="Otro nombre sin guardar")
    assert answer.status_code == 200
    assert f"Guardado a las {stopped}" in answer.text
    assert '<input type="hidden" id="v_registry_office" name="v-registry_office" value="1" hx-swap-oob="true">' in (
        answer.text
    )
    acme.refresh_from_db()
    assert (acme.registry_office, acme.legal_name) == ("Tacna", "Acme Exportaciones S.A.C.")
    assert "otro nombre" not in acme.search


def test_a_wrong_field_says_why_and_the_others_still_save(as_, alice, draft, acme):
    wrong = type_in(as_(alice), draft, "empresa", "registry_entry", "12", registry_office="Tacna")
    assert wrong.status_code == 422
    assert "La partida registral lleva entre 6 y 10 dígitos." in wrong.text
    right = type_in(as_(alice), draft, "empresa", "registry_office", "Tacna", registry_entry="12")
    assert right.status_code == 200
    acme.refresh_from_db()
    assert (acme.registry_entry, acme.registry_office) == ("11012345", "Tacna")


def test_a_field_that_is_none_is_not_found(as_, alice, draft):
    assert type_in(as_(alice), draft, "empresa", "ruc", "20512333797").status_code == 404
    assert type_in(as_(alice), draft, "sedes", "name", "Planta").status_code == 404


def test_a_reader_and_a_stranger_save_nothing(as_, reader, bob, draft):
    for who in (reader, bob):
        assert type_in(as_(who), draft, "empresa", "registry_office", "Tacna").status_code == 404
    assert "Tacna" not in Company.objects.values_list("registry_office", flat=True)


def test_document_and_number_are_right_or_wrong_together(as_, alice, draft, acme):
    mandate = acme.mandates.get()
    wrong = type_in(as_(alice), draft, "representacion", "document_type", "ce", document_number="123", full_name="x")
    assert wrong.status_code == 422
    assert "El carné de extranjería lleva 9 dígitos" in wrong.text
    base = {"full_name": mandate.full_name, "position": mandate.position}
    right = type_in(as_(alice), draft, "representacion", "document_type", "ce", document_number="001234567", **base)
    assert right.status_code == 200
    mandate.refresh_from_db()
    assert (mandate.document_type, mandate.document_number) == ("ce", "001234567")


def test_a_new_representative_is_not_made_while_one_types(as_, alice, draft, acme):
    answer = type_in(as_(alice), draft, "representacion", "full_name", "Otra Persona", change="new",
                     document_type="dni", document_number="40112299", position="Gerente")  # fmt: skip
    assert "Guardado como borrador a las" in answer.text
    assert Mandate.objects.get().full_name != "Otra Persona"
    again = as_(alice).get(page(draft, "representacion"))
    assert (again.context["form"]["full_name"].value(), again.context["form"]["change"].value()) == (
        "Otra Persona", "new",
    )  # fmt: skip
    sent = {"change": "new", "full_name": "Otra Persona", "document_type": "dni", "document_number": "40112299",
            "position": "Gerente"}  # fmt: skip
    assert as_(alice).post(page(draft, "representacion"), sent).status_code == 302
    assert (Mandate.objects.filter(full_name="Otra Persona").count(), FormDraft.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "a@otra.example", "El correo usa otra.example y la página web"),
        ("website", "https://otra.example", "y la página web otra.example"),
    ],
)
def test_mail_and_page_of_two_domains_are_told_and_saved(as_, alice, draft, field, value, sentence):
    answer = type_in(as_(alice), draft, "comunicaciones", field, value)
    assert answer.status_code == 200
    assert sentence in answer.text


def test_an_entry_of_unusual_length_is_told_and_saved(as_, alice, draft, acme):
    answer = type_in(as_(alice), draft, "empresa", "registry_entry", "1101234")
    assert "Las partidas suelen llevar 8 dígitos y esta lleva 7." in answer.text
    acme.refresh_from_db()
    assert acme.registry_entry == "1101234"


def test_a_telephone_is_kept_as_the_world_dials_it(as_, alice, draft, acme):
    type_in(as_(alice), draft, "comunicaciones", "phone", "956 000 111")
    acme.refresh_from_db()
    assert acme.phone.as_e164 == "+51956000111"


def test_a_section_that_closed_meanwhile_says_so_beside_the_field(as_, alice, draft, acme, today):
    sign_statement(draft, by=alice, on=today)
    draft.submit(by=alice, on=today)
    answer = type_in(as_(alice), draft, "proceso", "process", "Tarde")
    assert answer.status_code == 409
    assert "está en revisión" in answer.text and "<html" not in answer.text
    acme.refresh_from_db()
    assert acme.process != "Tarde"


def test_without_a_session_a_field_is_refused_with_401_and_nothing_is_shown(client, draft):
    answer = type_in(client, draft, "empresa", "registry_office", "Tacna")
    assert (answer.status_code, answer.content) == (401, b"")


# Colleagues


def test_two_people_at_different_fields_never_meet(as_, alice, bea, draft, acme):
    type_in(as_(bea), draft, "empresa", "registry_office", "Tacna")
    answer = type_in(as_(alice), draft, "empresa", "registry_entry", "11099999")
    assert answer.status_code == 200
    acme.refresh_from_db()
    assert (acme.registry_office, acme.registry_entry) == ("Tacna", "11099999")
    assert "<b>Bea Ríos</b> guardó «Oficina registral»" in answer.text


def test_two_people_at_one_field_see_both_texts_there_and_choose(as_, alice, bea, draft, acme, stopped):
    type_in(as_(bea), draft, "empresa", "registry_office", "Lo de «Bea» & más")
    answer = type_in(as_(alice), draft, "empresa", "registry_office", "Lo de Alice")
    assert answer.status_code == 409
    assert f"Bea Ríos guardó a las {stopped}" in answer.text
    acme.refresh_from_db()
    assert acme.registry_office == "Lo de «Bea» & más"
    theirs, mine = (json.loads(unescape(v)) for v in re.findall(r'data-choose="([^"]*)"', answer.text))
    assert (theirs["registry_office"], mine["registry_office"]) == ("Lo de «Bea» & más", "Lo de Alice")
    chosen = as_(alice).post(page(draft, "empresa"), mine, headers={"X-Requested-With": "autosave"})
    assert chosen.status_code == 200
    assert 'id="campo_registry_office"' in chosen.text and 'value="Lo de Alice"' in chosen.text
    acme.refresh_from_db()
    assert acme.registry_office == "Lo de Alice"


def test_leaving_what_is_stored_shows_it_and_writes_nothing(as_, alice, bea, draft, acme):
    type_in(as_(bea), draft, "empresa", "registry_office", "Lo de Bea")
    answer = type_in(as_(alice), draft, "empresa", "registry_office", "Lo de Alice")
    theirs = json.loads(unescape(re.findall(r'data-choose="([^"]*)"', answer.text)[0]))
    before = Event.objects.about(acme).count()
    chosen = as_(alice).post(page(draft, "empresa"), theirs, headers={"X-Requested-With": "autosave"})
    assert 'value="Lo de Bea"' in chosen.text
    assert Event.objects.about(acme).count() == before


def test_ones_own_save_whose_answer_was_lost_is_no_conflict(as_, alice, draft, acme):
    type_in(as_(alice), draft, "empresa", "registry_office", "Tac")
    assert type_in(as_(alice), draft, "empresa", "registry_office", "Tacna").status_code == 200
    acme.refresh_from_db()
    assert acme.registry_office == "Tacna"


def test_the_button_after_fields_were_saved_meets_only_what_others_wrote(as_, alice, bea, draft, acme):
    client = as_(alice)
    type_in(client, draft, "empresa", "registry_office", "Tacna")
    whole = {"legal_name": acme.legal_name, "registry_entry": "11012345", "registry_office": "Tacna", "version": 0,
             "v-registry_office": 1, "v-registry_entry": 0, "started_on": "2012-03-01", "size": "medium"}  # fmt: skip
    assert client.post(page(draft, "empresa"), whole).status_code == 302
    type_in(as_(bea), draft, "empresa", "registry_entry", "11077777")
    met = client.post(page(draft, "empresa"), whole | {"registry_entry": "11088888"})
    assert met.status_code == 409
    assert "11077777" in met.text and "11088888" in met.text


def test_news_are_the_fields_and_acts_of_others_since_one_looked(as_, alice, bea, draft, acme, stopped):
    news = reverse("empresa:application_news", args=[draft.pk, "empresa"])
    client = as_(alice)
    seen = re.search(r'name="desde" value="(\d+)"', client.get(page(draft, "empresa")).text)[1]
    assert client.get(news, {"desde": seen}).status_code == 204
    type_in(as_(bea), draft, "empresa", "registry_office", "Tacna")
    answer = client.get(news, {"desde": seen})
    assert "<b>Bea Ríos</b> guardó «Oficina registral» ahora" in answer.text
    assert 'id="campo_registry_office"' in answer.text
    assert f"Bea Ríos lo guardó a las {stopped}" in answer.text
    assert 'id="campo_registry_entry"' not in answer.text
    assert 'value="Tacna"' in answer.text
    own = as_(bea).get(news, {"desde": seen}).text
    assert "guardó «Oficina registral»" not in own


def test_what_is_saved_while_a_page_is_read_is_told_afterwards(alice, bea, draft, acme):
    cursor = last_event(company__applications=draft.pk)
    read = Company.objects.get(pk=acme.pk)  # the page shows this
    acme.registry_office = "Tacna"
    acme.save_edit(by=bea, fields=["registry_office"])
    later = Colleagues(read, alice, cursor=last_event(company__applications=draft.pk), seen=str(cursor))
    assert (later.have_news, list(later.changed(acme))) == (True, ["registry_office"])


def test_news_of_a_stranger_are_not_found_and_nonsense_is_harmless(as_, bob, alice, draft):
    news = reverse("empresa:application_news", args=[draft.pk, "empresa"])
    assert as_(bob).get(news).status_code == 404
    assert as_(alice).get(news, {"desde": "²9' OR 1"}).status_code == 200
    assert as_(alice).get(reverse("empresa:application_news", args=[draft.pk, "nada"])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_saves_of_two_fields_at_once_are_both_kept_and_the_section_is_noted_once(as_, alice, bea, draft, acme):
    Company.objects.update(registry_office="", registry_entry="")
    people, typed = (as_(alice), as_(bea)), (("registry_office", "Tacna"), ("registry_entry", "11012345"))
    acts = [partial(type_in, who, draft, "empresa", *what) for who, what in zip(people, typed, strict=True)]
    assert [answer.status_code for answer in at_once(*acts)] == [200, 200]
    acme.refresh_from_db()
    assert (acme.registry_office, acme.registry_entry) == ("Tacna", "11012345")
    assert Event.objects.about(draft).filter(verb="section", new="empresa").count() == 1


# The self-check comes back


ANSWERS = {"on": "2026-11-20", "legal": "yes", "started_on": "2012-03-01", "licence": "no", "itse": "unsure",
           "exports": "yes", "production": "yes", "debts": "yes", "email": "ventas@nueva.example",
           "website": "https://nueva.example"}  # fmt: skip


def test_the_answers_given_in_public_reach_the_application_as_words_and_never_as_proof(as_, alice, blank, today):
    Company.objects.filter(pk=blank.company_id).update(self_check=ANSWERS, started_on="2012-03-01")
    client = as_(alice)
    sites = client.get(page(blank, "sedes")).text
    assert "Según su autoevaluación" in sites and "Es lo que respondió el 20/11/2026." in sites
    assert "Solicítela en la municipalidad" in sites
    company = client.get(page(blank, "empresa")).text
    assert "Según su autoevaluación. Revise que sea así." in company
    assert states(blank, today)["sedes"].state == State.TODO


def test_an_answer_is_told_until_the_data_give_theirs_and_then_only_where_they_differ(as_, alice, blank, acme, today):
    Company.objects.filter(pk=blank.company_id).update(self_check=ANSWERS | {"licence": "yes"})
    client = as_(alice)

    def told(section):
        return [(a.label, a.contradicted) for a in client.get(page(blank, section)).context["declared"].answers]

    both = ["Licencia municipal de funcionamiento", "Certificado ITSE vigente"]
    assert [label for label, _words in told("sedes")] == both
    site = f.SiteFactory(company=blank.company, name="Planta")
    f.SiteDocumentFactory(site=site, issued_on=today, valid_until=today)
    f.SiteDocumentFactory(site=site, kind="itse", issued_on=today, valid_until=today + timedelta(days=600))
    ((label, words),) = told("sedes")
    assert (label, "antes del cierre de la convocatoria" in words) == (both[0], True)
    assert "respondió que cumple, pero lo registrado dice otra cosa." in client.get(page(blank, "sedes")).text
    f.SiteDocumentFactory(site=site, issued_on=today)
    assert told("sedes") == []
    assert "Según su autoevaluación" not in client.get(page(blank, "sedes")).text


@pytest.mark.parametrize(
    ("section", "data"),
    [
        ("empresa", {"registry_entry": "11012345", "registry_office": "Ica", "started_on": "2012-03-01"}),
        ("proceso", {"activity_id": "1030", "process": "Se lava."}),
        ("comunicaciones", {"email": "a@acme.example", "website": "https://acme.example"}),
    ],
)
def test_no_section_repeats_an_answer_that_its_data_confirm(as_, alice, blank, acme, section, data):
    f.ActivityFactory(code="1030", section="C") if "activity_id" in data else None
    Company.objects.filter(pk=blank.company_id).update(self_check=ANSWERS)
    assert as_(alice).get(page(blank, section)).context["declared"].answers
    Company.objects.filter(pk=blank.company_id).update(**data)
    assert as_(alice).get(page(blank, section)).context["declared"].answers == ()


def test_what_the_answers_filled_in_is_no_longer_pointed_at_once_somebody_saved_it(as_, alice, blank):
    company = Company.objects.filter(pk=blank.company_id)
    company.update(self_check=ANSWERS, started_on="2012-03-01", registry_entry="11012345")
    client = as_(alice)
    assert "Según su autoevaluación. Revise que sea así." in client.get(page(blank, "empresa")).text
    type_in(client, blank, "empresa", "registry_office", "Ica")
    assert "Según su autoevaluación. Revise que sea así." not in client.get(page(blank, "empresa")).text


def test_answers_of_the_session_are_kept_with_the_company_that_applies(as_, alice, acme, edition):
    client = as_(alice)
    session = client.session
    session["self_check"] = ANSWERS
    session.save()
    client.post(reverse("empresa:apply", args=[acme.pk]), {"edition": edition.pk})
    acme.refresh_from_db()
    assert acme.self_check == ANSWERS
    assert "self_check" not in client.session
    assert Event.objects.about(acme).last().verb == "self_check"


# Cost


def test_the_pages_of_an_application_ask_little_of_the_database(as_, alice, draft):
    client = as_(alice)
    cost = {}
    for name in ("application", "application_section", "application_news"):
        args = [draft.pk] if name == "application" else [draft.pk, "empresa"]
        client.get(reverse(f"empresa:{name}", args=args))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse(f"empresa:{name}", args=args))
        cost[name] = asked(found) - 5  # session, person, second factor, and the two of the frame
    assert cost["application"] <= 14, cost
    assert cost["application_section"] <= 16, cost
    assert cost["application_news"] <= 14, cost
