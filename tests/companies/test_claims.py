"""A RUC that is on record: the same answer whosoever has it, a claim with proof, and what PROMPERÚ answers."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from companies.models import Claim, Company, Event, Membership, Notice, Padron, Taxpayer
from tests import factories as f
from tests.files import corpus

R = Membership.Role
FREE = f.ruc(99001)


def proof(name="poder.pdf"):
    return SimpleUploadedFile(name, corpus.pdf())


@pytest.fixture
def file_claim(as_):
    def send(person, ruc, **changes):
        data = {"ruc": ruc, "role": "coordinator", "grounds": "Soy su coordinadora.", "file": proof()} | changes
        return as_(person).post(reverse("empresa:claim_new"), data)

    return send


@pytest.fixture
def claim(file_claim, nadia, acme, alice, stella):
    file_claim(nadia, acme.ruc)
    return Claim.objects.get()


def without_what_varies(answer, ruc):
    """The page without its tokens and the number the person typed."""
    return re.sub(r'"[\w.-]{22,}"', "", answer.text.replace(ruc, "RUC"))


def register(client, ruc):
    data = {"ruc": ruc, "legal_name": "Nueva S.A.C.", "trade_name": "", "role": "representative"}
    return client.post(reverse("empresa:register"), data)


def test_a_ruc_on_record_is_answered_the_same_whosoever_has_or_had_it(as_, nadia, acme, other, stella):
    former = f.ruc(88001)
    acme.former_rucs.create(ruc=former, until="2025-01-31", reason="Transformación")
    absorbed = f.CompanyFactory(successor=other)
    pages = [
        (answer.status_code, without_what_varies(answer, ruc))
        for ruc in (acme.ruc, other.ruc, former, absorbed.ruc)
        for answer in [register(as_(nadia), ruc)]
    ]
    assert {status for status, _text in pages} == {422}
    assert len({text for _status, text in pages}) == 1
    assert "Reclamar este RUC con una prueba" in pages[0][1]
    assert Company.objects.count() == 3


def test_a_claim_is_answered_the_same_whether_or_not_anybody_has_the_ruc(file_claim, nadia, acme, stella, as_):
    answers = [file_claim(nadia, ruc) for ruc in (acme.ruc, FREE)]
    assert [answer.status_code for answer in answers] == [302, 302]
    texts = {without_what_varies(as_(nadia).get(answer.url), ruc).replace(answer.url, "")
             for answer, ruc in zip(answers, (acme.ruc, FREE), strict=True)}  # fmt: skip
    assert len({re.sub(r"/\d+/", "/n/", text) for text in texts}) == 1
    assert "Acme" not in texts.pop()


def test_staff_hear_of_a_claim_and_the_company_does_not(claim, stella, alice, nadia, as_):
    assert Notice.objects.get(kind="claim").user == stella
    assert not Notice.objects.filter(user=alice).exists()
    page = as_(stella).get(reverse("panel:claim", args=[claim.pk]))
    assert "Acme Exportaciones" in page.text and "Soy su coordinadora." in page.text
    file = reverse("public:claim_file", args=[claim.pk])
    assert b"%PDF" in b"".join(as_(stella).get(f"{file}?descargar").streaming_content)
    assert as_(alice).get(file).status_code == 404


def test_the_page_tells_the_claim_then_its_proof_then_the_registers_and_asks_at_the_end(claim, stella, as_):
    page = as_(stella).get(reverse("panel:claim", args=[claim.pk])).text
    order = ["1. Qué reclama", "2. Qué lo prueba", "poder.pdf", "3. Qué consta del RUC", "No hay padrón de SUNAT",
             "Acme Exportaciones", "4. Decida", "Conceder", "Denegar"]  # fmt: skip
    assert [page.index(words) for words in order] == sorted(page.index(words) for words in order)
    Padron.objects.create(filename="padron.txt", sha256="0" * 64, as_of="2026-11-20", taxpayers=1)
    Taxpayer.objects.create(ruc=claim.ruc, name="ACME", state="ACTIVO", condition="NO HABIDO")
    page = as_(stella).get(reverse("panel:claim", args=[claim.pk])).text
    assert "ACTIVO, NO HABIDO" in page and "Padrón reducido de SUNAT 20/11/2026" in page


def test_a_claim_needs_its_proof_and_loses_nothing_that_was_typed(file_claim, nadia):
    answer = file_claim(nadia, FREE, file="")
    assert (answer.status_code, "Elija un archivo en «Prueba»." in answer.text) == (422, True)
    assert "Soy su coordinadora." in answer.text
    wrong = file_claim(nadia, FREE, file=SimpleUploadedFile("poder.pdf", b"MZ no es un PDF"))
    assert (wrong.status_code, Claim.objects.count()) == (422, 0)


def test_a_second_claim_for_the_same_ruc_waits_for_the_first(claim, file_claim, nadia, as_):
    again = file_claim(nadia, claim.ruc)
    assert (again.status_code, "Ya presentó un reclamo por este RUC" in again.text) == (409, True)
    as_(nadia).post(reverse("empresa:claim_withdraw", args=[claim.pk]))
    claim.refresh_from_db()
    assert claim.state == "withdrawn"
    assert file_claim(nadia, claim.ruc).status_code == 302


def decide(client, claim, act, **data):
    return client.post(reverse(f"panel:claim_{act}", args=[claim.pk]), data)


GRANT = {"conceder-role": "coordinator", "conceder-resolution": "Vigencia de poder comprobada."}
REFUSE = {"denegar-resolution": "El documento es de otra empresa."}


def test_a_granted_claim_gives_a_place_and_tells_who_was_there(claim, stella, alice, nadia, acme, as_):
    assert decide(as_(stella), claim, "grant", **GRANT).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.company, claim.decided_by) == ("granted", acme, stella)
    assert acme.memberships.get(user=nadia).role == R.COORDINATOR
    told = Notice.objects.get(user=alice, kind="claim_joined")
    assert nadia.email in told.body and "coordinación" in told.body.lower()
    assert Notice.objects.get(user=nadia, kind="claim_answer").body == "Vigencia de poder comprobada."
    assert as_(nadia).get(reverse("empresa:company", args=[acme.pk])).status_code == 200
    assert Event.objects.about(acme.memberships.get(user=nadia)).get().verb == "join"


def test_a_claim_is_decided_once_by_whoever_comes_first(claim, stella, as_, acme):
    decide(as_(stella), claim, "refuse", **REFUSE)
    late = decide(as_(stella), claim, "grant", **GRANT)
    assert (late.status_code, acme.memberships.count()) == (409, 1)
    claim.refresh_from_db()
    assert (claim.state, claim.resolution) == ("refused", REFUSE["denegar-resolution"])


def test_a_refusal_says_why_and_lets_another_claim_be_filed(claim, stella, nadia, as_, file_claim):
    assert decide(as_(stella), claim, "refuse", **{"denegar-resolution": ""}).status_code == 422
    decide(as_(stella), claim, "refuse", **REFUSE)
    page = as_(nadia).get(reverse("empresa:claim", args=[claim.pk])).text
    assert "El documento es de otra empresa." in page and "Presentar otro" in page
    assert file_claim(nadia, claim.ruc).status_code == 302


def test_nobody_enters_a_company_that_nobody_registered(file_claim, nadia, stella, as_):
    file_claim(nadia, FREE)
    claim = Claim.objects.get()
    assert "Nadie registró este RUC" in as_(stella).get(reverse("panel:claim", args=[claim.pk])).text
    assert decide(as_(stella), claim, "grant", **GRANT).status_code == 409
    assert not Membership.objects.filter(user=nadia).exists()


def test_only_coordination_decides(claim, rita, ada, as_):
    for person in (rita, ada):
        assert as_(person).get(reverse("panel:claim", args=[claim.pk])).status_code == 200
        assert decide(as_(person), claim, "grant", **GRANT).status_code == 404


def test_the_list_shows_what_waits(claim, stella, as_, file_claim, bob):
    file_claim(bob, claim.ruc)
    page = as_(stella).get(reverse("panel:claims")).text
    assert page.count(claim.ruc) == 2
    assert "También lo reclaman" in as_(stella).get(reverse("panel:claim", args=[claim.pk])).text


def test_trying_one_ruc_after_another_gets_slow(file_claim, nadia):
    answers = [file_claim(nadia, f.ruc(70000 + n)) for n in range(7)]
    assert answers[-1].status_code == 429
    assert "Lo que usted escribió, sin guardar" in answers[-1].text
