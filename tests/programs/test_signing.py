"""Signing the sworn statement and the commitment letter: on screen with a mailed code, or outside."""

import io
from datetime import timedelta

import pikepdf
import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Event, Membership
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from programs import sworn_statement
from programs.models import Application, CommitmentLetter, Signature, SigningCode, WrongCode
from tests import factories as f
from tests.signing import code_mailed, sign_statement

TODAY = timezone.localdate()
AGENT = {"User-Agent": "Navegador de prueba/1"}


@pytest.fixture
def draft(acme, alice, plant, edition):
    f.ExportRecordFactory(company=acme, exported_on=TODAY - timedelta(days=90))
    return f.ApplicationFactory(edition=edition, company=acme, created_by=alice)


@pytest.fixture
def letter(acme, alice, plant, edition):
    return f.CommitmentLetterFactory(participation__company=acme, participation__edition=edition)


def page(application):
    return reverse("empresa:application_section", args=[application.pk, "declaracion"])


def digest_of(application):
    mandate = application.company.mandate_on(TODAY)
    sites = application.sworn_sites()
    return sworn_statement.digest(sworn_statement.words(application.company, application.edition, mandate, sites))


def ask(client, application, **data):
    return client.post(page(application), {"act": "code", "accept": "on", **data})


def sign(client, application, code, **data):
    return client.post(page(application), {"act": "sign", "code": code, **data}, headers=AGENT)


def pdf(name="declaracion.pdf"):
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/pdf")


# On screen


def test_the_page_shows_the_exact_words_and_their_hash(as_, alice, draft):
    shown = as_(alice).get(page(draft)).text
    assert "Yo, Alice Paredes Soto" in shown
    assert digest_of(draft) in shown


def test_the_code_goes_to_the_person_by_mail_and_nowhere_else(as_, alice, draft, run_jobs):
    assert ask(as_(alice), draft).status_code == 302
    code, to = code_mailed()
    assert to == alice.email
    row = SigningCode.objects.get()
    assert (row.user, row.sha256, row.used_at, code in row.code_hash) == (alice, digest_of(draft), None, False)
    run_jobs()
    assert [m.to for m in mail.outbox] == [[alice.email]]
    assert code in mail.outbox[0].body
    assert code not in as_(alice).get(page(draft)).text
    assert code not in str(list(Event.objects.values()))


def test_with_the_code_the_words_are_signed_with_all_that_proves_it(as_, alice, draft, acme):
    client = as_(alice)
    ask(client, draft, seen=digest_of(draft))
    code, _to = code_mailed()
    answer = sign(client, draft, code, seen=digest_of(draft))
    assert answer.url == reverse("empresa:application", args=[draft.pk])
    signature = draft.signatures.get()
    assert acme.legal_name in signature.text
    assert (signature.sha256, signature.ip, signature.user_agent, signature.signed_by, signature.way) == (
        digest_of(draft), "127.0.0.1", AGENT["User-Agent"], alice, "screen",
    )  # fmt: skip
    assert (signature.code.sent_to, signature.code.used_at is None) == (alice.email, False)
    assert draft.missing_to_submit(TODAY) == []


def test_without_accepting_no_code_is_sent(as_, alice, draft):
    answer = ask(as_(alice), draft, accept="")
    assert (answer.status_code, "marque que leyó y acepta el texto" in answer.text) == (422, True)
    assert not SigningCode.objects.exists()


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_told_beside_the_field(as_, alice, draft, typed):
    client = as_(alice)
    ask(client, draft)
    answer = sign(client, draft, typed)
    assert (answer.status_code, "6 dígitos" in answer.text) == (422, True)
    assert not draft.signatures.exists()
    assert SigningCode.objects.get().tries == 0


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_wrong_code_is_counted_and_the_fifth_ends_it(as_, alice, draft):
    client = as_(alice)
    ask(client, draft)
    code, _to = code_mailed()
    words = [sign(client, draft, other_than(code)) for _n in range(5)]
    assert [a.status_code for a in words] == [422] * 5
    assert "Quedan 4 intentos." in words[0].text and "Ya no quedan intentos" in words[4].text
    answer = sign(client, draft, code)
    assert (answer.status_code, "ya no sirve" in answer.text) == (422, True)
    assert not draft.signatures.exists()


def test_a_code_that_came_with_spaces_is_the_same_code(as_, alice, draft):
    client = as_(alice)
    ask(client, draft)
    code, _to = code_mailed()
    assert sign(client, draft, f"{code[:3]} {code[3:]}").status_code == 302


def test_a_code_works_once(draft, alice):
    sign_statement(draft, by=alice, on=TODAY)
    code, _to = code_mailed()
    with pytest.raises(WrongCode, match="ya se usó"):
        SigningCode.confirm(draft, kind="sworn_statement", sha256=digest_of(draft), by=alice, code=code)


def test_a_code_expires(as_, alice, draft):
    client = as_(alice)
    ask(client, draft)
    code, _to = code_mailed()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = sign(as_(alice), draft, code)
    assert (answer.status_code, "El código venció: vale 10 minutos." in answer.text) == (422, True)


def test_a_newer_code_ends_the_one_before(as_, alice, draft):
    client = as_(alice)
    ask(client, draft)
    first, _to = code_mailed()
    ask(client, draft)
    second, _to = code_mailed()
    assert SigningCode.objects.waiting(timezone.now()).count() == 1
    assert first == second or sign(client, draft, first).status_code == 422
    assert sign(client, draft, second).status_code == 302


def test_another_person_s_code_does_not_serve(as_, alice, draft, acme):
    ask(as_(alice), draft)
    code, _to = code_mailed()
    colleague = f.UserFactory()
    f.MembershipFactory(user=colleague, company=acme, role=Membership.Role.REPRESENTATIVE)
    acme.mandates.update(user=None)
    answer = sign(as_(colleague), draft, code)
    assert (answer.status_code, "el que recibió otra persona no sirve" in answer.text) == (422, True)
    assert not draft.signatures.exists()


def test_a_code_is_of_the_words_it_was_asked_for(as_, alice, draft, acme):
    client = as_(alice)
    ask(client, draft)
    code, _to = code_mailed()
    acme.mandates.update(position="Apoderada")
    answer = sign(client, draft, code)
    assert (answer.status_code, "El texto cambió después de que pidió el código" in answer.text) == (422, True)


def test_words_that_changed_while_read_are_not_signed(as_, alice, draft):
    client = as_(alice)
    answer = ask(client, draft, seen="0" * 64)
    assert (answer.status_code, "El texto cambió mientras lo leía" in answer.text) == (409, True)
    assert not SigningCode.objects.exists()


def test_codes_asked_for_one_after_another_get_slow(as_, alice, draft):
    client = as_(alice)
    answers = [ask(client, draft).status_code for _n in range(7)]
    assert answers[:5] == [302] * 5
    assert 429 in answers[5:]


def test_only_the_representative_signs(as_, alice, draft, acme, bob):
    colleague = f.UserFactory()
    f.MembershipFactory(user=colleague, company=acme, role=Membership.Role.COORDINATOR)
    client = as_(colleague)
    assert (ask(client, draft).status_code, sign(client, draft, "123456").status_code) == (404, 404)
    assert "La firma Alice Paredes Soto, representante legal, con su propia cuenta." in client.get(page(draft)).text
    second = f.UserFactory()
    f.MembershipFactory(user=second, company=acme, role=Membership.Role.REPRESENTATIVE)
    answer = ask(as_(second), draft)
    assert (answer.status_code, "La declaración la acepta Alice Paredes Soto" in answer.text) == (409, True)
    with pytest.raises(IllegalMove, match="La declaración la acepta Alice"):
        draft.ask_statement_code(by=bob, on=TODAY)


def test_an_act_that_is_none_is_not_found(as_, alice, draft):
    assert as_(alice).post(page(draft), {"act": "otra"}).status_code == 404
    assert as_(alice).post(page(draft), {}).status_code == 404


def test_signing_twice_leaves_one_signature(draft, alice):
    first = sign_statement(draft, by=alice, on=TODAY)
    assert sign_statement(draft, by=alice, on=TODAY) == first
    assert draft.signatures.count() == 1


# Afterwards


def test_a_change_of_what_the_words_name_asks_for_a_new_signature_and_says_so(as_, alice, draft, acme):
    sign_statement(draft, by=alice, on=TODAY)
    Company.objects.filter(pk=acme.pk).update(legal_name="Acme Renombrada S.A.C.")
    shown = as_(alice).get(page(draft)).text
    assert "ya no vale" in shown and "Esa firma no cubre el texto de ahora" in shown
    found = Application.objects.get(pk=draft.pk)
    assert [m.key for m in found.missing_to_submit(TODAY)] == ["sworn_statement"]
    sign_statement(found, by=alice, on=TODAY)
    assert found.missing_to_submit(TODAY) == []
    assert found.signatures.count() == 2


def test_the_words_name_the_sites_and_another_one_asks_for_a_new_signature(as_, alice, draft, acme, plant):
    shown = as_(alice).get(page(draft)).text
    assert f"Que la sede incluida en el alcance es {plant.name} ({plant.address}), y que cuenta con licencia" in shown
    sign_statement(draft, by=alice, on=TODAY)
    f.SiteFactory(company=acme, name="Almacén", in_scope=False)
    assert draft.statement_signature(acme.mandate_on(TODAY)) is not None
    second = f.SiteFactory(company=acme, name="Anexo")
    f.SiteDocumentFactory(site=second)
    f.SiteDocumentFactory(site=second, kind="itse", valid_until="2028-01-04", issued_on="2026-01-05")
    shown = as_(alice).get(page(draft)).text
    assert f"; Anexo ({second.address}), y que cada una cuenta" in shown
    assert "ya no vale" in shown


def test_a_signature_of_the_former_wording_holds_while_what_it_names_is_so(alice, draft, acme, plant):
    mandate = acme.mandate_on(TODAY)
    text = sworn_statement.words(acme, draft.edition, mandate, [plant], version="1")
    assert plant.name not in text
    former = Signature.of(mandate, text, by=alice)
    former.application, former.kind, former.text_version = draft, "sworn_statement", "1"
    former.save()
    found = Application.objects.get(pk=draft.pk)
    assert found.statement_signature(mandate) == former
    Company.objects.filter(pk=acme.pk).update(legal_name="Acme Renombrada S.A.C.")
    assert Application.objects.get(pk=draft.pk).statement_signature(mandate) is None


def test_the_words_in_force_swear_for_whoever_signs_and_leave_the_former_as_they_were(draft, acme, plant):
    mandate = acme.mandate_on(TODAY)
    now, second = (sworn_statement.words(acme, draft.edition, mandate, [plant], version=v) for v in ("3", "2"))
    opening, points = sworn_statement.parts(now)
    assert opening.startswith("Yo, Alice Paredes Soto, con documento de identidad DNI 40112233, en representación de ")
    assert opening.endswith(" y con poder vigente para este acto, declaro bajo juramento:")
    assert "identificado" not in now
    assert second.startswith("Que yo, Alice Paredes Soto, identificado con DNI 40112233, represento a Acme")
    assert sworn_statement.parts(second) == ("Declaro bajo juramento:", second.split("\n\n"))
    assert points == second.split("\n\n")[1:]


def test_a_signature_of_the_second_wording_holds_too(alice, draft, acme, plant):
    mandate = acme.mandate_on(TODAY)
    former = Signature.of(mandate, sworn_statement.words(acme, draft.edition, mandate, [plant], version="2"), by=alice)
    former.application, former.kind, former.text_version = draft, "sworn_statement", "2"
    former.save()
    assert Application.objects.get(pk=draft.pk).statement_signature(mandate) == former


def test_mending_the_name_opens_the_statement_again(as_, alice, rita, draft, acme):
    sign_statement(draft, by=alice, on=TODAY)
    draft.submit(by=alice, on=TODAY)
    draft.items.exclude(key="legal").update(verdict="accepted")
    draft.items.filter(key="legal").update(verdict="observed", reason="El nombre no coincide.")
    draft.move("observed", by=rita, due_on=TODAY + timedelta(days=14))
    found = Application.objects.for_page().get(pk=draft.pk)
    assert not found.reopens("declaracion")
    Company.objects.filter(pk=acme.pk).update(legal_name="Acme Renombrada S.A.C.")
    assert Application.objects.for_page().get(pk=draft.pk).reopens("declaracion")


def test_what_was_signed_cannot_be_changed_or_removed(draft, alice):
    signature = sign_statement(draft, by=alice, on=TODAY)
    rows = Signature.objects.filter(pk=signature.pk)
    for change in ({"text": "Otra cosa"}, {"ip": None}, {"signed_at": timezone.now()}, {"user_agent": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows._raw_delete("default")
    assert rows.update(pdf=f.BlobFactory()) == 1  # its printed copy comes later


def test_the_printed_copy_closes_with_the_evidence(draft, alice, run_jobs, tmp_path):
    sign_statement(draft, by=alice, on=TODAY, ip="192.0.2.7", user_agent=AGENT["User-Agent"])
    draft.submit(by=alice, on=TODAY)
    run_jobs()
    words = text_of(draft.signatures.get().pdf, tmp_path)
    assert "Constancia de firma en pantalla" in words
    for said in ("192.0.2.7", AGENT["User-Agent"], alice.email, digest_of(draft), "Segunda confirmación"):
        assert said in words


def text_of(blob, folder):
    import subprocess

    path = folder / "x.pdf"
    with blob.open() as file:
        path.write_bytes(file.read())
    out = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(out.split())


# Outside


def test_the_words_are_printed_once_for_signing_outside(as_, alice, bob, draft, run_jobs):
    client = as_(alice)
    for _n in range(2):
        assert client.post(page(draft), {"act": "print"}).status_code == 302
    copy = draft.statement_copies.get()
    assert Job.objects.filter(kind="programs.statement_copy").count() == 1
    waiting = client.get(page(draft)).text
    assert "Estamos preparando el PDF" in waiting and f'<a href="{page(draft)}">Volver a cargar</a>' in waiting
    asking = 'name="intento" value="{}"'.format
    assert f'hx-get="{page(draft)}" hx-trigger="load delay:3s" hx-target="#para-firmar"' in waiting
    assert asking(1) in waiting and asking(20) in client.get(page(draft), {"intento": "19"}).text
    assert "intento" not in client.get(page(draft), {"intento": "20"}).text  # it stops; the link stays
    assert asking(1) in client.get(page(draft), {"intento": "²9"}).text
    run_jobs()
    assert "intento" not in client.get(page(draft)).text
    url = reverse("empresa:statement_copy", args=[copy.pk])
    answer = client.get(url + "?descargar=1")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert as_(bob).get(url).status_code == 404


def test_a_statement_signed_outside_fills_no_disk_either(as_, alice, draft, settings):
    settings.COMPANY_BYTES = 10
    answer = as_(alice).post(page(draft), {"act": "upload", "file": pdf()})
    assert (answer.status_code, "no cabe: su empresa usa 0 de 0 MB" in answer.text) == (409, True)
    assert not draft.signatures.exists()


def test_a_statement_signed_outside_is_brought_by_whoever_edits(as_, alice, draft, acme, rita):
    colleague = f.UserFactory()
    f.MembershipFactory(user=colleague, company=acme, role=Membership.Role.COLLABORATOR)
    client = as_(colleague)
    assert client.post(page(draft), {"act": "upload", "file": pdf()}).status_code == 302
    signature = draft.signatures.get()
    assert (signature.way, signature.signed_by, signature.signer_name) == ("outside", colleague, "Alice Paredes Soto")
    shown = client.get(page(draft)).text
    assert "Este PDF no tiene firmas digitales." in shown
    found = Application.objects.get(pk=draft.pk)
    assert found.missing_to_submit(TODAY) == []
    file = reverse("public:signed_file", args=[signature.pk])
    assert as_(rita).get(file).status_code == 404  # a draft is the company's own
    found.submit(by=colleague, on=TODAY)
    assert not Job.objects.filter(kind="programs.sworn_statement").exists()
    assert as_(rita).get(file).status_code == 200
    item = found.items.get(key="sworn_statement")
    desk = as_(rita).get(reverse("panel:application", args=[found.pk]), {"punto": item.pk}).text
    assert file in desk and "Debe llevar la firma de Alice Paredes Soto" in desk


def test_a_better_copy_takes_the_place_of_the_one_before(draft, alice, as_):
    client = as_(alice)
    for name in ("uno.pdf", "dos.pdf"):
        client.post(page(draft), {"act": "upload", "file": pdf(name)})
    assert Application.objects.get(pk=draft.pk).last_signature.filename == "dos.pdf"


def test_without_a_file_or_with_a_wrong_one_it_is_told(as_, alice, draft):
    client = as_(alice)
    assert client.post(page(draft), {"act": "upload"}).status_code == 422
    answer = client.post(page(draft), {"act": "upload", "file": SimpleUploadedFile("x.pdf", b"MZ")})
    assert (answer.status_code, "no es un archivo admitido" in answer.text) == (422, True)
    assert not draft.signatures.exists()


# The commitment letter


def letter_page(letter):
    return reverse("empresa:letter_sign", args=[letter.pk])


def sign_letter(letter, alice):
    letter.ask_code(by=alice, on=TODAY)
    code, _to = code_mailed()
    return letter.sign_on_screen(by=alice, on=TODAY, code=code, ip="192.0.2.7", user_agent="Prueba/1")


def test_the_representative_signs_the_letter_on_screen(as_, alice, reader, letter, run_jobs, stella, tmp_path):
    client, url = as_(alice), letter_page(letter)
    shown = client.get(url).text
    assert "80 % de los módulos" in shown and "SHA-256" in shown
    assert as_(reader).get(url).status_code == 200
    asked = client.post(url, {"act": "code", "accept": "on"})
    assert asked.url == f"{url}#id_code"
    assert 'id="id_code"' in client.get(url).text
    code, _to = code_mailed()
    assert client.post(url, {"act": "sign", "code": other_than(code)}).status_code == 422
    answer = client.post(url, {"act": "sign", "code": code}, headers=AGENT)
    assert answer.url == reverse("empresa:letter", args=[letter.pk])
    letter.refresh_from_db()
    assert (letter.state, letter.participation.state) == ("signed", "letter_signed")
    assert "PDF con la constancia" in client.get(answer.url).text
    run_jobs()
    letter.refresh_from_db()
    words = text_of(letter.signed_copy, tmp_path)
    assert "Constancia de firma en pantalla" in words and letter.signature.sha256 in words
    assert "Constancia de la firma en pantalla" in as_(stella).get(reverse("panel:letter", args=[letter.pk])).text


def test_others_do_not_sign_the_letter(as_, bob, nadia, reader, acme, letter):
    url = letter_page(letter)
    colleague = f.UserFactory()
    f.MembershipFactory(user=colleague, company=acme, role=Membership.Role.COORDINATOR)
    for person in (bob, nadia):
        assert as_(person).get(url).status_code == 404
    for person in (bob, nadia, reader, colleague):
        assert as_(person).post(url, {"act": "code", "accept": "on"}).status_code == 404


def test_a_letter_is_signed_once_and_only_in_its_turn(as_, alice, letter):
    sign_letter(letter, alice)
    answer = as_(alice).post(letter_page(letter), {"act": "code", "accept": "on"})
    assert (answer.status_code, "no espera una firma" in answer.text) == (409, True)


def test_data_that_change_after_signing_are_not_covered_and_staff_give_it_back(as_, alice, rita, acme, letter):
    sign_letter(letter, alice)
    Company.objects.filter(pk=acme.pk).update(legal_name="Acme Renombrada S.A.C.")
    found = CommitmentLetter.objects.get(pk=letter.pk)
    assert found.is_overtaken
    client = as_(rita)
    assert "La firma ya no cubre la carta" in client.get(reverse("panel:letter", args=[letter.pk])).text
    answer = client.post(reverse("panel:letter_verify", args=[letter.pk]))
    assert (answer.status_code, "la firma ya no lo cubre" in answer.text) == (409, True)
    client.post(reverse("panel:letter_return", args=[letter.pk]), {"devolver-reason": "Fírmela otra vez."})
    again = CommitmentLetter.objects.get(pk=letter.pk)
    sign_letter(again, alice)
    again = CommitmentLetter.objects.get(pk=letter.pk)
    assert not again.is_overtaken
    again.verify(by=rita)
    assert again.participation.application.signatures.count() == 2


def test_a_representative_who_changed_since_signs_in_their_own_name(alice, acme, letter):
    acme.mandates.update(full_name="Alicia Paredes Soto")
    signature = sign_letter(letter, alice)
    assert signature.signer_name == "Alicia Paredes Soto"
    assert letter.representative["full_name"] == "Alicia Paredes Soto"


def test_a_copy_signed_outside_after_all_takes_the_place_of_nothing(alice, letter, as_):
    answer = as_(alice).post(reverse("empresa:letter", args=[letter.pk]), {"file": pdf("carta.pdf")}, follow=True)
    assert "Este PDF no tiene firmas digitales." in answer.text
    letter.refresh_from_db()
    assert (letter.state, letter.signature) == ("signed", None)
