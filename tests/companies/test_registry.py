"""Another RUC and a merger: nothing that was is overwritten, and whoever answers today is found by either number."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audits.models import RegisterEntry
from companies.models import Claim, Company, Event, Membership, Notice
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Application
from tests import factories as f
from tests.files import corpus

NEW = f.ruc(77001)


def paper(name="ficha-ruc.pdf"):
    return SimpleUploadedFile(name, corpus.pdf())


@pytest.fixture
def certificate(participation):
    return f.CertificateFactory(decision__audit__participation=participation)


@pytest.fixture
def change(as_, stella, acme, participation):
    def send(**changes):
        data = {"ruc": NEW, "on": "2026-11-02", "reason": "Transformación en S.A.C.", "file": paper()} | changes
        return as_(stella).post(reverse("panel:company_ruc", args=[acme.pk]), data)

    return send


@pytest.fixture
def absorb(as_, stella, acme, participation, other):
    def send(**changes):
        data = {"other": other.ruc, "on": "2026-11-02", "reason": "Fusión", "file": paper("deed.pdf"), "sure": "on"}
        return as_(stella).post(reverse("panel:company_absorbed", args=[acme.pk]), data | changes)

    return send


def test_a_new_ruc_keeps_the_former_one_with_its_reason_and_document(change, acme, alice, stella, as_):
    former = acme.ruc
    assert change().status_code == 302
    acme.refresh_from_db()
    act = acme.former_rucs.get()
    assert (acme.ruc, acme.formerly) == (NEW, former)
    assert (act.ruc, str(act.until), act.reason, act.filename, act.recorded_by) == (
        former, "2026-11-01", "Transformación en S.A.C.", "ficha-ruc.pdf", stella,
    )  # fmt: skip
    assert acme.ruc_state == ""  # SUNAT said it of the other number
    assert Event.objects.about(acme).get(verb="edit").data["changes"]["ruc"] == [former, NEW]
    assert Notice.objects.get(user=alice, kind="registry").body == "Transformación en S.A.C."
    for client, page in ((as_(alice), "empresa:profile"), (as_(stella), "panel:company")):
        text = client.get(reverse(page, args=[acme.pk])).text
        assert NEW in text and former in text and "ficha-ruc.pdf" in text
    read = as_(alice).get(reverse("public:registry_file", args=[act.pk]), {"descargar": 1})
    assert (read.status_code, b"%PDF" in b"".join(read.streaming_content)) == (200, True)


def test_the_company_is_found_by_either_number(change, acme, stella, as_):
    former = acme.ruc
    f.SubmittedApplicationFactory(company=acme)
    change()
    for number in (former, NEW):
        assert "Acme Exportaciones" in as_(stella).get(reverse("panel:companies"), {"q": number}).text
        assert Company.holding(number) == acme


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ruc": "20999"}, "El RUC debe tener 11 dígitos."),
        ({"on": "2027-01-01"}, "Ese día aún no llega."),
        ({"file": ""}, "Elija un archivo en «Documento»."),
        ({"reason": ""}, "Complete «Motivo»."),
    ],
)
def test_what_is_missing_or_wrong_is_a_sentence_and_changes_nothing(change, acme, changes, sentence):
    answer = change(**changes)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    acme.refresh_from_db()
    assert acme.former_rucs.count() == 0


def test_a_ruc_that_somebody_has_or_had_is_refused(change, acme, other):
    other.former_rucs.create(ruc=f.ruc(77002), until="2025-01-01", reason="x")
    for taken in (other.ruc, f.ruc(77002), acme.ruc):
        answer = change(ruc=taken)
        assert (answer.status_code, "ya figura en el registro" in answer.text) == (409, True)


def test_a_certificate_keeps_what_it_bears_and_the_register_says_who_holds_it(change, certificate, acme, client):
    printed, url = dict(certificate.printed), reverse("public:verification", args=[certificate.code])
    before = client.get(url).text  # kept for the next visitor
    change()
    certificate.refresh_from_db()
    assert certificate.printed == printed and certificate.holder["ruc"] == NEW
    entry = RegisterEntry.objects.get(act="holder")
    assert printed["ruc"] in entry.reason and RegisterEntry.objects.first_broken() == (None, "")
    page = client.get(url).text
    assert page != before and printed["ruc"] in page and NEW in page and "Certificado vigente" in page
    found = client.get(reverse("public:catalogue"), {"q": NEW}).text
    assert certificate.number in found or printed["company_name"] in found
    row = client.get(reverse("public:catalogue_json")).json()["organizaciones"][0]
    assert (row["ruc"], row["ruc_actual"]) == (printed["ruc"], NEW)


def test_a_merger_moves_nothing_and_the_absorbing_company_answers(absorb, certificate, acme, alice, bob, other, as_):
    rows = {"applications": acme.applications.count(), "sites": acme.sites.count(), "exports": acme.exports.count()}
    assert as_(bob).get(reverse("empresa:profile", args=[acme.pk])).status_code == 404
    assert absorb().status_code == 302
    acme.refresh_from_db()
    assert acme.successor == other
    assert {name: getattr(acme, name).count() for name in rows} == rows
    assert acme.memberships.in_force(timezone.localdate()).get().user == alice  # who worked there still reads it
    page = as_(bob).get(reverse("empresa:profile", args=[acme.pk]))
    assert (page.status_code, "Absorbida por Otra Empresa S.A." in page.text) == (200, True)
    assert Company.objects.edited_by(bob).filter(pk=acme.pk).exists()
    assert Company.holding(acme.ruc) == other
    assert acme.mandate_on(timezone.localdate()) is None
    certificate.refresh_from_db()
    assert (certificate.state, certificate.holder["name"]) == ("issued", other.legal_name)
    assert {n.user for n in Notice.objects.filter(kind="registry")} == {alice, bob}


def test_an_absorbed_company_applies_no_more_and_is_not_absorbed_twice(absorb, acme, alice, as_):
    absorb()
    fresh = f.EditionFactory()
    before = Application.objects.count()
    answer = as_(alice).post(reverse("empresa:apply", args=[acme.pk]), {"edition": fresh.pk})
    assert (answer.status_code, "Otra empresa absorbió a Acme" in answer.text) == (409, True)
    assert Application.objects.count() == before
    assert absorb().status_code == 409
    assert as_(alice).get(reverse("empresa:profile", args=[acme.pk])).status_code == 200
    assert acme.mandate_on(timezone.localdate()) is None


def test_who_absorbs_is_absorbed_in_turn_and_the_last_one_answers_for_all(absorb, acme, other, stella):
    absorb()
    last = f.CompanyFactory(legal_name="Última S.A.")
    boss = f.MembershipFactory(company=last).user
    other.absorb_into(last, on=timezone.localdate(), reason="Fusión", file=uploaded(), by=stella)
    acme.refresh_from_db()
    assert acme.successor == last
    assert set(Company.objects.belonging_to(boss)) == {last, other, acme}
    with pytest.raises(IllegalMove, match="Otra empresa absorbió"):
        last.absorb_into(acme, on=timezone.localdate(), reason="x", file=uploaded(), by=stella)


def uploaded():
    from ecoeficiencia.files.forms import UploadField

    return UploadField(kinds=("application/pdf",)).clean(paper())


def test_a_merger_is_confirmed_by_the_ruc_of_a_company_on_record(absorb, acme):
    unknown = absorb(other=f.ruc(66001))
    assert (unknown.status_code, "Ninguna empresa registrada tiene el RUC" in unknown.text) == (422, True)
    assert absorb(sure="").status_code == 422
    itself = absorb(other=acme.ruc)
    assert (itself.status_code, "no puede absorberse a sí misma" in itself.text) == (409, True)


def test_only_coordination_records_them(as_, rita, ada, acme, participation):
    for person in (rita, ada):
        for page in ("company_ruc", "company_absorbed"):
            assert as_(person).get(reverse(f"panel:{page}", args=[acme.pk])).status_code == 404


def test_a_member_of_the_absorbing_company_who_left_reads_nothing(absorb, acme, other, bob, as_):
    absorb()
    Membership.objects.filter(user=bob).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert as_(bob).get(reverse("empresa:profile", args=[acme.pk])).status_code == 404


# Undoing what was recorded by mistake

ERROR = {"reason": "La escritura era de otra empresa."}


def undo(client, act, **data):
    return client.post(reverse("panel:registry_undo", args=[act.pk]), ERROR | data)


def test_a_change_of_ruc_is_undone_and_both_acts_stay(change, certificate, acme, alice, stella, as_, client):
    former = acme.ruc
    change()
    act, url = acme.former_rucs.get(), reverse("public:verification", args=[certificate.code])
    assert NEW in client.get(url).text
    staff = as_(stella)
    assert reverse("panel:registry_undo", args=[act.pk]) in staff.get(reverse("panel:company", args=[acme.pk])).text
    assert undo(staff, act, reason="").status_code == 422
    assert undo(staff, act).status_code == 302
    acme.refresh_from_db()
    act.refresh_from_db()
    assert (acme.ruc, acme.formerly, acme.ruc_state) == (former, "", "")
    assert (act.undone_by, act.undo_reason, act.filename) == (stella, ERROR["reason"], "ficha-ruc.pdf")
    assert [event.verb for event in Event.objects.about(act)] == ["create", "undo"]
    assert Event.objects.about(acme).filter(verb="edit").last().data["changes"]["ruc"] == [NEW, former]
    assert not Company.is_taken(NEW) and Company.holding(former) == acme
    certificate.refresh_from_db()
    assert certificate.holder["ruc"] == former
    assert [entry.act for entry in RegisterEntry.objects.filter(act="holder")] == ["holder", "holder"]
    assert RegisterEntry.objects.first_broken() == (None, "")
    assert "se registró por error" in client.get(url).text
    page = as_(alice).get(reverse("empresa:profile", args=[acme.pk])).text
    assert f"RUC {former}" in page and "Deshecho el" in page and ERROR["reason"] in page
    assert Notice.objects.filter(user=alice, kind="registry").count() == 2
    again = undo(staff, act)
    assert (again.status_code, "Ya se deshizo." in again.text) == (409, True)
    assert change().status_code == 302  # and may be recorded again


def test_a_certificate_that_bears_the_new_ruc_keeps_it(change, acme, participation, stella, as_):
    change()
    acme.refresh_from_db()
    certificate = f.CertificateFactory(decision__audit__participation=participation, printed={"ruc": NEW})
    answer = undo(as_(stella), acme.former_rucs.get())
    said = f"El certificado {certificate.number} se emitió con el RUC"
    assert (answer.status_code, said in answer.text) == (409, True)
    acme.refresh_from_db()
    assert acme.ruc == NEW


def test_only_the_last_act_is_undone(change, acme, stella, as_):
    change()
    first = acme.former_rucs.get()
    change(ruc=f.ruc(77003), file=paper("otra.pdf"))
    answer = undo(as_(stella), first)
    assert (answer.status_code, "deshaga primero eso" in answer.text) == (409, True)
    second = acme.former_rucs.exclude(pk=first.pk).get()
    assert [undo(as_(stella), act).status_code for act in (second, first)] == [302, 302]


def test_a_merger_is_undone_and_each_is_its_own_again(absorb, certificate, acme, alice, bob, other, stella, as_):
    absorb()
    act = acme.former_rucs.get()
    assert undo(as_(stella), act).status_code == 302
    acme.refresh_from_db()
    assert (acme.successor, Company.holding(acme.ruc)) == (None, acme)
    assert acme.mandate_on(timezone.localdate()).ends_on is None
    assert as_(bob).get(reverse("empresa:profile", args=[acme.pk])).status_code == 404
    assert as_(alice).get(reverse("empresa:profile", args=[acme.pk])).status_code == 200
    certificate.refresh_from_db()
    assert certificate.holder["name"] == acme.legal_name
    assert [event.verb for event in Event.objects.about(other)] == ["absorb", "unabsorb"]
    assert "Se deshizo la absorción de otra empresa" in as_(bob).get(reverse("empresa:history", args=[other.pk])).text
    assert {n.user for n in Notice.objects.filter(kind="registry", key__startswith="undone")} == {alice, bob}
    assert absorb().status_code == 302


def test_what_the_other_company_wrote_meanwhile_prevents_it(absorb, acme, plant, alice, bob, stella, as_, time_machine):
    absorb()
    acme.refresh_from_db()
    act = acme.former_rucs.get()
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    plant.name = "Planta de Alicia"
    plant.save_edit(by=alice, fields=["name"])  # of its own people nothing would be lost
    assert act.missing_to_undo() == []
    plant.name = "Planta de Otra"
    plant.save_edit(by=bob, fields=["name"])
    answer = undo(as_(stella), act)
    assert answer.status_code == 409
    assert "No se puede deshacer" in answer.text and "Bob" in answer.text and "Cambios en: sede" in answer.text
    acme.refresh_from_db()
    assert acme.successor is not None


def test_what_staff_wrote_in_the_name_of_the_other_company_prevents_it(absorb, acme, bob, stella, time_machine):
    absorb()
    acme.refresh_from_db()
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    facts = {"object_type": "companies.company", "object_id": acme.pk, "verb": "edit"}
    Event.objects.create(actor=stella, company=acme, data={"on_behalf_of": bob.pk}, **facts)
    [sentence] = acme.former_rucs.get().missing_to_undo()
    assert "escribió en esta empresa" in sentence


def test_a_merger_that_was_followed_by_another_is_undone_last_first(absorb, acme, other, stella, as_):
    absorb()
    last = f.CompanyFactory(legal_name="Última S.A.")
    f.SubmittedApplicationFactory(company=other)
    other.absorb_into(last, on=timezone.localdate(), reason="Fusión", file=uploaded(), by=stella)
    answer = undo(as_(stella), acme.former_rucs.get())
    assert (answer.status_code, "fue absorbida a su vez" in answer.text) == (409, True)
    assert [undo(as_(stella), company.former_rucs.get()).status_code for company in (other, acme)] == [302, 302]
    acme.refresh_from_db()
    assert acme.successor is None


def test_somebody_who_came_to_the_other_company_by_its_ruc_prevents_it(absorb, acme, other, nadia, stella, as_):
    absorb()
    claim = Claim.file(ruc=acme.ruc, role="reader", grounds="Trabajo ahí.", file=uploaded(), by=nadia)
    claim.grant(role="reader", resolution="Mostró su contrato.", by=stella)
    Claim.objects.update(decided_at=timezone.now() + timedelta(minutes=1))
    answer = undo(as_(stella), acme.former_rucs.get())
    assert (answer.status_code, "retire antes ese acceso" in answer.text) == (409, True)


def test_only_coordination_undoes(as_, change, rita, ada, bob, acme):
    change()
    act = acme.former_rucs.get()
    assert [undo(as_(person), act).status_code for person in (rita, ada, bob)] == [404, 404, 404]
