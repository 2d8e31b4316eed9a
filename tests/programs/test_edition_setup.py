"""What an edition asks for and writes: catalogue of documents, words of its letters, and what a copy takes along."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from companies.models import BrokenTemplate, Event
from programs.eligibility import eligibility
from programs.models import LetterText, RequiredDocument
from programs.models.letter_text import fill_letter
from tests import factories as f

from .test_letter import pdf

pytestmark = pytest.mark.django_db
FIELDS = {
    "title": "Política ambiental", "help": "Firmada.", "subject": "company", "needed": "on", "validity": "none",
    "kinds": ["application/pdf"], "max_mb": "10", "position": "",
}  # fmt: skip


def create(client, edition, **changed):
    return client.post(reverse("panel:document_create", args=[edition.pk]), FIELDS | changed)


def edit(client, document, **changed):
    return client.post(reverse("panel:document", args=[document.pk]), FIELDS | {"seen": document.version} | changed)


@pytest.fixture
def asking(edition):
    edition.create_documents()
    return edition


def test_every_edition_starts_with_the_papers_of_the_source(asking):
    asking.create_documents()
    assert [(d.key, d.subject, d.needed, str(d.validity_in_words)) for d in asking.documents.all()] == [
        ("licence", "site", True, "Puede no vencer; si vence, después del cierre de la convocatoria"),
        ("itse", "site", True, "Vence a los 2 años de su emisión"),
        ("exports", "company", False, "No vence"),
    ]


def test_a_paper_is_added_with_its_form_and_rules(asking, stella, as_):
    form = SimpleUploadedFile("formato.pdf", pdf())
    answer = create(as_(stella), asking, validity="recent", validity_number="30", template_file=form)
    assert answer.status_code == 302
    added = asking.documents.get(key="politica-ambiental")
    assert (added.validity_number, added.max_mb, added.position, added.template_filename) == (30, 10, 4, "formato.pdf")
    assert Event.objects.about(asking).last().verb == "catalogue"
    download = as_(stella).get(reverse("panel:document_template", args=[added.pk]))
    assert b"".join(download.streaming_content).startswith(b"%PDF-")


def test_two_papers_of_one_name_have_keys_of_their_own(asking, stella, as_):
    create(as_(stella), asking)
    create(as_(stella), asking)
    create(as_(stella), asking, title="Licence")
    assert set(asking.documents.values_list("key", flat=True)) == {
        "licence", "itse", "exports", "politica-ambiental", "politica-ambiental-2", "licence-2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"validity": "years"}, "Escriba cuántos años o días."),
        ({"max_mb": "26"}, "entre 1 y 25 MB"),
        ({"kinds": []}, "Marque al menos un tipo de archivo."),
        ({"title": ""}, "documento"),
        ({"template_file": SimpleUploadedFile("x.pdf", b"<html>", "application/pdf")}, "no es un archivo admitido"),
    ],
)
def test_a_wrong_entry_is_told_and_nothing_is_lost(asking, stella, as_, changed, sentence):
    answer = create(as_(stella), asking, **changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Firmada." in answer.text
    assert asking.documents.count() == 3


def test_two_people_who_edit_one_entry_conflict_visibly(asking, stella, ada, as_):
    document = asking.documents.get(key="exports")
    assert edit(as_(stella), document, title="Exportaciones").status_code == 302
    late = edit(as_(ada), document, title="Otra")
    assert late.status_code == 409
    assert "Otra persona guardó antes que usted" in late.text
    document.refresh_from_db()
    assert document.title == "Exportaciones"


def test_the_licence_stays_a_paper_of_the_site(asking, stella, as_):
    licence = asking.documents.get(key="licence")
    edit(as_(stella), licence, title="Licencia", subject="company")
    licence.refresh_from_db()
    assert (licence.title, licence.subject) == ("Licencia", "site")


def test_what_a_paper_proves_is_said_once_but_of_those_that_prove_themselves(asking, stella, as_):
    exports, licence = asking.documents.get(key="exports"), asking.documents.get(key="licence")
    assert (exports.proves, licence.proves) == ("exports", "")
    assert edit(as_(stella), exports, proves="production").status_code == 302
    assert edit(as_(stella), exports, proves="licence").status_code == 422
    edit(as_(stella), licence, proves="production")
    copy = asking.clone(name="Otra edición", opens_on=date(2027, 3, 1), by=stella)
    assert dict(copy.documents.values_list("key", "proves")) == {"licence": "", "itse": "", "exports": "production"}


def test_a_site_shows_only_what_its_edition_asks_for(asking, acme, alice, plant, stella, as_):
    application = f.ApplicationFactory(company=acme, edition=asking, created_by=alice)

    def papers():
        edition = type(asking).objects.get(pk=asking.pk)
        keys = [m.key for m in eligibility(acme, edition, date(2026, 11, 24), application)]
        return [key.partition(":")[0] for key in keys if ":" in key]

    assert papers() == ["licence", "itse"]
    itse = asking.documents.get(key="itse")
    address = reverse("panel:document_withdraw", args=[itse.pk])
    as_(stella).post(address)
    assert papers() == ["licence"]
    as_(stella).post(address)
    assert papers() == ["licence", "itse"]


def test_an_edition_without_a_catalogue_asks_for_licence_and_itse(edition):
    assert edition.site_papers() == ["licence", "itse"]


def test_the_words_of_a_letter_are_versions_and_data_are_filled_in(edition, stella, as_):
    client, address = as_(stella), reverse("panel:edition_letter", args=[edition.pk, "rejection"])
    assert client.post(address, {"text": "Estimados {empresa}: {motivacion}", "preview": "1"}).status_code == 200
    assert LetterText.objects.count() == 0
    for words in ("Estimados {empresa}: {motivacion}", "Señores de {empresa}: {motivacion}"):
        assert client.post(address, {"text": words}).status_code == 302
    assert list(edition.letter_texts.values_list("number", flat=True)) == [2, 1]
    values = {"empresa": "Acme {ruc}", "motivacion": "No exporta."}
    assert fill_letter(edition.letter_text("rejection"), values) == "Señores de Acme {ruc}: No exporta."
    assert "Señores de Empresa de Ejemplo" in client.get(address).text


def test_a_letter_does_not_name_what_does_not_exist(edition, stella, as_):
    answer = as_(stella).post(reverse("panel:edition_letter", args=[edition.pk, "admission"]), {"text": "{clave}"})
    assert answer.status_code == 422
    assert "no es un dato que el sistema conozca" in answer.text
    with pytest.raises(BrokenTemplate):
        fill_letter("{empresa}", {})


def test_a_copy_takes_papers_parameters_and_letters_along(asking, stella):
    asking.write_letter("admission", "Bienvenidos, {empresa}.", by=stella)
    asking.documents.get(key="exports").withdraw(by=stella)
    copy = asking.clone(name="Otra edición", opens_on=date(2027, 3, 1), by=stella)
    assert list(copy.documents.values_list("key", flat=True)) == ["licence", "itse"]
    assert copy.letter_text("admission") == "Bienvenidos, {empresa}."
    assert asking.documents.count() == 3


def test_the_commitment_letter_says_what_the_edition_writes(participation, stella):
    letter = f.CommitmentLetterFactory(participation=participation)
    assert letter.printed()["commitments"][1].endswith("la asistencia mínima de la edición: 80 % de los módulos.")
    participation.edition.write_letter("commitment", "Cumplir.\nAsistir al {asistencia} %.", by=stella)
    assert letter.printed()["commitments"] == ["Cumplir.", "Asistir al 80 %."]


def test_only_those_who_keep_the_edition_set_it_up(asking, rita, alice, as_):
    document = asking.documents.first()
    for person in (rita, alice):
        client = as_(person)
        assert create(client, asking).status_code == 404
        assert edit(client, document).status_code == 404
        assert client.get(reverse("panel:edition_letters", args=[asking.pk])).status_code == 404
    assert RequiredDocument.objects.count() == 3
