"""The commitment letter: printed, signed outside, uploaded, verified or given back."""

import io
from datetime import date

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from companies.models import Duty, Event, Notice
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.models import Blob
from programs.models import CommitmentLetter, Participation
from tests import factories as f
from tests.conftest import appointed
from tests.reading import hidden


def pdf():
    with pikepdf.new() as document:
        document.add_blank_page()
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


@pytest.fixture
def letter(acme, alice, plant, edition):
    return f.CommitmentLetterFactory(participation__company=acme, participation__edition=edition)


@pytest.fixture
def signed(letter, alice):
    letter.sign(file=upload(), by=alice)
    return letter


def upload(name="carta.pdf", content=None):
    file = SimpleUploadedFile(name, pdf() if content is None else content)
    file.content_type = "application/pdf"
    return file


def text(response):
    return response.content.decode()


def page(letter):
    return reverse("empresa:letter", args=[letter.pk])


def test_the_worker_prints_the_letter_once(letter):
    job = Job.enqueue("programs.letter", key="letter:1", payload={"letter": letter.pk})
    assert job.run()
    letter.refresh_from_db()
    with letter.pdf.open() as file:
        assert file.read(5) == b"%PDF-"
    assert "80 %" in " ".join(letter.printed()["commitments"])


def test_the_page_says_that_the_pdf_is_being_prepared(letter, alice, as_):
    assert "Estamos preparando el PDF" in text(as_(alice).get(page(letter)))


def test_a_member_who_edits_uploads_the_signed_copy(letter, alice, stella, rita, as_):
    answer = as_(alice).post(page(letter), {"file": upload()})
    assert answer.status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.uploaded_by, letter.signed_filename) == ("signed", alice, "carta.pdf")
    assert letter.participation.state == Participation.State.LETTER_SIGNED
    assert {n.user for n in Notice.objects.filter(key__contains="signed")} == {stella, rita}
    assert Event.objects.about(letter).get().new == "signed"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("carta.pdf", b"", "está vacío"),
        ("carta.pdf", b"MZ esto no es un PDF", "no es un archivo admitido"),
        ("carta.docx", b"PK\x03\x04", "no es un archivo admitido"),
    ],
)
def test_a_file_that_is_no_signed_letter_is_refused_in_words(letter, alice, as_, name, content, sentence):
    answer = as_(alice).post(page(letter), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert sentence in text(answer)
    letter.refresh_from_db()
    assert letter.state == "issued"


def test_without_a_file_the_form_asks_for_it(letter, alice, as_):
    assert as_(alice).post(page(letter), {}).status_code == 422


def test_a_reader_sees_the_letter_and_does_not_upload(letter, reader, as_):
    answer = as_(reader).get(page(letter))
    assert answer.status_code == 200
    assert "solo lectura" in text(answer)
    assert as_(reader).post(page(letter), {"file": upload()}).status_code == 404


def test_others_do_not_find_the_letter(letter, bob, nadia, otto, stella, as_):
    for person in (bob, nadia, otto, stella):
        assert as_(person).get(page(letter)).status_code == 404
        assert as_(person).post(page(letter), {"file": upload()}).status_code == 404
    for person in (bob, nadia, otto):
        assert as_(person).get(reverse("panel:letter", args=[letter.pk])).status_code == 404
        assert as_(person).get(reverse("panel:letters")).status_code == 404


def test_a_letter_is_not_signed_twice(signed, alice, as_):
    answer = as_(alice).post(page(signed), {"file": upload()})
    assert answer.status_code == 409
    assert "no puede pasar" in text(answer)


def test_the_signed_file_is_served_to_those_who_may_see_it(signed, alice, bob, stella, as_):
    address = reverse("public:letter_file", args=[signed.pk, "firmada"])
    for person in (alice, stella):
        assert 'src="?pagina=1"' in text(as_(person).get(address))
        answer = as_(person).get(f"{address}?descargar=1")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert as_(bob).get(address).status_code == 404
    assert as_(alice).get(reverse("public:letter_file", args=[signed.pk, "emitida"])).status_code == 404


def test_staff_verify_and_the_company_is_told(signed, rita, alice, as_):
    assert as_(rita).post(reverse("panel:letter_verify", args=[signed.pk])).status_code == 302
    signed.refresh_from_db()
    assert (signed.state, signed.verified_by) == ("verified", rita)
    assert signed.participation.state == Participation.State.LETTER_SIGNED  # no monitor yet
    assert Notice.objects.filter(user=alice, key__contains="verified").count() == 1


def test_verifying_the_last_condition_starts_the_implementation(signed, stella):
    participation = signed.participation
    monitor = appointed("Mia", Duty.MONITOR)
    participation.assign_monitor(monitor=monitor, by=stella, on=date(2026, 11, 2))
    signed.verify(by=stella)
    participation = Participation.objects.get(pk=participation.pk)
    assert participation.state == Participation.State.IMPLEMENTING
    assert participation.assessment.standard_version == participation.edition.standard_version


def test_giving_back_needs_a_reason(signed, rita, as_):
    answer = as_(rita).post(reverse("panel:letter_return", args=[signed.pk]), {"devolver-reason": ""})
    assert answer.status_code == 422
    signed.refresh_from_db()
    assert signed.state == "signed"


def test_a_letter_given_back_is_signed_again(signed, rita, alice, as_):
    as_(rita).post(reverse("panel:letter_return", args=[signed.pk]), {"devolver-reason": "Falta la última hoja"})
    letter = CommitmentLetter.objects.get(pk=signed.pk)
    assert (letter.state, letter.participation.state) == ("returned", "letter_issued")
    assert Notice.objects.get(user=alice, key__contains="returned").body == "Falta la última hoja"
    assert "Falta la última hoja" in text(as_(alice).get(page(letter)))
    assert as_(alice).post(page(letter), {"file": upload("otra.pdf")}).status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.return_reason) == ("signed", "")


@pytest.mark.parametrize(("act", "data"), [("verify", {}), ("return", {"devolver-reason": "Falta la firma"})])
def test_a_copy_exchanged_while_the_page_was_open_is_not_decided_on_unseen(signed, rita, stella, alice, as_, act, data):
    client, address = as_(rita), reverse(f"panel:letter_{act}", args=[signed.pk])
    opened = {"version": hidden(client.get(reverse("panel:letter", args=[signed.pk])), "version")}
    signed.give_back(by=stella, reason="Falta la última hoja")
    signed.sign(file=upload("otra.pdf"), by=alice)
    answer = client.post(address, data | opened)
    assert (answer.status_code, "Otra persona cambió" in text(answer)) == (409, True)
    signed.refresh_from_db()
    assert (signed.state, signed.signed_filename) == ("signed", "otra.pdf")
    now = {"version": hidden(client.get(reverse("panel:letter", args=[signed.pk])), "version")}
    assert client.post(address, data | now).status_code == 302


def test_the_wrong_turn_is_a_conflict(letter, rita, as_):
    assert as_(rita).post(reverse("panel:letter_verify", args=[letter.pk])).status_code == 409
    answer = as_(rita).post(reverse("panel:letter_return", args=[letter.pk]), {"devolver-reason": "No"})
    assert answer.status_code == 409


def test_two_who_verify_at_once_verify_once(signed, rita, stella):
    late = CommitmentLetter.objects.get(pk=signed.pk)
    signed.verify(by=rita)
    with pytest.raises(IllegalMove):
        late.verify(by=stella)
    assert Event.objects.about(signed).filter(new="verified").count() == 1


def test_deciders_administrators_and_monitors_do_not_verify(signed, dora, ada, otto, alice, as_):
    for person in (dora, ada, otto, alice):
        assert as_(person).post(reverse("panel:letter_verify", args=[signed.pk])).status_code == 404
        assert as_(person).post(reverse("panel:letter_return", args=[signed.pk])).status_code == 404
    assert as_(dora).get(reverse("panel:letter", args=[signed.pk])).status_code == 200


def test_the_queue_opens_on_what_waits_for_staff(signed, stella, as_):
    waiting = as_(stella).get(reverse("panel:letters"))
    assert signed.reference in text(waiting)
    assert signed.reference not in text(as_(stella).get(reverse("panel:letters") + "?estado=verified"))


def test_the_queue_asks_the_same_at_3_and_30_rows(stella, as_, django_assert_max_num_queries):
    counts = []
    for more in (3, 27):
        for _n in range(more):
            f.CommitmentLetterFactory(state="signed")
        client = as_(stella)
        client.get(reverse("panel:letters"))
        with django_assert_max_num_queries(30) as queries:
            client.get(reverse("panel:letters"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_picture_of_the_letter_is_kept(letter, alice, as_):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    assert as_(alice).post(page(letter), {"file": SimpleUploadedFile("carta.png", out.getvalue())}).status_code == 302
    assert Blob.objects.get(pk=CommitmentLetter.objects.get(pk=letter.pk).signed_copy_id).content_type == "image/png"


def test_the_words_every_edition_begins_with_have_a_name(letter, alice, as_, stella):
    page = reverse("empresa:letter_sign", args=[letter.pk])
    assert "Texto general del programa" in text(as_(alice).get(page))
    letter.participation.edition.write_letter("commitment", "Cumplir.\nAsistir.", by=stella)
    assert "Versión 1" in text(as_(alice).get(page))
