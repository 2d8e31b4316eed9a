"""One count of what a company keeps: every kind of file meets the same limit, and two at once cannot pass it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Claim
from companies.quota import MB, use_of
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.models import Blob
from programs.models import Appeal, Paper, RequiredDocument
from requirements_std.models import Evidence
from tests import factories as f
from tests.counting import asked
from tests.racing import at_once
from tests.signing import sign_statement

TODAY = timezone.localdate()


def sent(words="archivo"):
    return SimpleUploadedFile(f"{words}.pdf", b"%PDF-1.4 " + words.encode(), content_type="application/pdf")


def evidence(acme, alice):
    return lambda: Evidence.objects.keep_all(acme, [sent()], by=alice)


def newer_evidence(acme, alice):
    [old] = Evidence.objects.keep_all(acme, [sent("antes")], by=alice)
    return lambda: old.replace(sent(), by=alice)


def paper(acme, alice):
    application = f.ApplicationFactory(company=acme, created_by=alice)
    entry = RequiredDocument.objects.create(edition=application.edition, key="poder", title="Poder")
    found = Paper.objects.create(application=application, entry=entry)
    return lambda: found.add_files([sent()], by=alice)


def licence(acme, alice):
    document = acme.sites.get().document("licence")
    return lambda: document.hand_in([sent()], by=alice)


def newer_licence(acme, alice):
    file = acme.sites.get().document("itse").files.get()
    return lambda: file.replace(sent(), by=alice)


def signed_statement(acme, alice):
    f.ExportRecordFactory(company=acme, exported_on=TODAY - timedelta(days=60))
    application = f.ApplicationFactory(company=acme, created_by=alice)
    sign_statement(application, by=alice, on=TODAY)
    return lambda: application.upload_statement(sent(), by=alice, on=TODAY)


def signed_letter(acme, alice):
    letter = f.CommitmentLetterFactory(participation__company=acme)
    return lambda: letter.sign(file=sent(), by=alice)


def appeal(acme, alice):
    application = f.SubmittedApplicationFactory(company=acme, state="rejected", decided_at=timezone.now())
    return lambda: Appeal.file(application, grounds="Falta.", file=sent(), by=alice, on=TODAY)


def corrective_action(acme, alice):
    audit = f.AuditFactory(participation__company=acme)
    requirement = audit.participation.assessment.standard_version.requirements.first()
    line = audit.checks.create(requirement=requirement, result="minor", note="Falta.")
    nc = audit.nonconformities.create(check_line=line, number="NC-1", grade="minor", statement="Falta.")
    action = nc.actions.create(description="Registrar.", responsible="Ana", due_on=TODAY)
    return lambda: nc.finish_action(action, by=alice, done_on=TODAY, file=sent())


@pytest.mark.parametrize(
    "kind",
    [evidence, newer_evidence, paper, licence, newer_licence, signed_statement, signed_letter, appeal,
     corrective_action],
)  # fmt: skip
def test_each_kind_of_file_meets_the_same_limit_in_the_same_words(kind, acme, alice, plant, settings):
    act = kind(acme, alice)
    before = use_of(acme)
    settings.COMPANY_FILES = before.files
    with pytest.raises(IllegalMove, match=r"«archivo.pdf» no cabe: su empresa usa 0 de 5,000 MB y \d+ de \d+ archivos"):
        act()
    settings.COMPANY_FILES, settings.COMPANY_BYTES = before.files + 1, before.size + sent().size - 1
    with pytest.raises(IllegalMove, match="no cabe: su empresa usa"):
        act()
    assert not Blob.objects.filter(size=sent().size).exists()
    settings.COMPANY_BYTES += 1
    act()
    assert use_of(acme).files == before.files + 1


def test_what_promperu_keeps_in_the_company_s_name_counts_too(acme, alice, plant):
    before = use_of(acme).files
    acme.former_rucs.create(ruc=f.ruc(9001), until=TODAY, reason="Cambio", blob=f.BlobFactory())
    claim = Claim.objects.create(
        ruc=acme.ruc, role="reader", grounds="Trabajo ahí.", claimed_by=alice, blob=f.BlobFactory(), filename="x.pdf"
    )
    assert use_of(acme).files == before + 1  # the claim is nobody's before it is granted
    Claim.objects.filter(pk=claim.pk).update(company=acme, state="granted")
    assert use_of(acme).files == before + 2


def test_the_same_bytes_count_once_and_take_no_more_room(acme, alice, other, bob, plant, settings):
    Evidence.objects.keep_all(acme, [sent()], by=alice)
    Evidence.objects.keep_all(other, [sent("ajeno")], by=bob)
    used = use_of(acme)
    settings.COMPANY_FILES = used.files
    plant.document("licence").hand_in([sent()], by=alice)
    assert use_of(acme) == used
    assert use_of(other).files == 1


def test_what_was_taken_away_makes_room(acme, alice, plant):
    [proof] = Evidence.objects.keep_all(acme, [sent()], by=alice)
    used = use_of(acme)
    proof.remove(reason="Sobra.", by=alice)
    plant.document("itse").files.get().remove(reason="Sobra.", by=alice)
    assert use_of(acme).files == used.files - 2


def test_it_is_one_statement_whatever_there_is(acme, alice, plant):
    with CaptureQueriesContext(connection) as statements:
        use_of(acme)
    assert asked(statements) == 1


def test_the_pages_where_files_are_managed_say_how_much_is_used(as_, alice, acme, plant, settings):
    settings.COMPANY_BYTES, settings.COMPANY_FILES = 100 * MB, 20
    client = as_(alice)
    pages = [reverse("empresa:evidences", args=[acme.pk]), reverse("empresa:site_document", args=[plant.pk, "itse"])]
    assert ["Su empresa usa 0 de 100 MB y 2 de 20 archivos" in client.get(page).text for page in pages] == [True, True]
    settings.COMPANY_FILES = 2
    assert "antes de que falte espacio" in client.get(pages[0]).text


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_cannot_pass_the_limit_together(acme, alice, plant, settings):
    document = plant.document("licence")
    settings.COMPANY_FILES = use_of(acme).files + 1

    def tried(act):
        try:
            return bool(act())
        except IllegalMove:
            return False

    kept = at_once(
        lambda: tried(lambda: Evidence.objects.keep_all(acme, [sent("uno")], by=alice)),
        lambda: tried(lambda: document.hand_in([sent("dos")], by=alice)),
    )
    assert sorted(kept) == [False, True]
    assert use_of(acme).files == settings.COMPANY_FILES
