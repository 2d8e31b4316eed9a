import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from companies.models import Appointment, Company, Duty, Event, Invitation, Membership, Notice
from companies.tasks import invite
from tests import factories as f

R = Membership.Role


def link(invitation):
    invite(invitation.pk)
    return re.search(r"/empresa/invitacion/[\w-]+/", mail.outbox[-1].body)[0]


@pytest.fixture
def invitation(acme, alice):
    return Invitation.send(acme, email="nadia@pruebas.example", role=R.COLLABORATOR, by=alice)


def test_an_invitation_is_mailed_works_once_and_keeps_no_token(as_, invitation, nadia, acme):
    path, client = link(invitation), as_(nadia)
    assert client.get(path).status_code == 200
    assert client.post(path).url == reverse("empresa:company", args=[acme.pk])
    assert Membership.objects.get(user=nadia).role == R.COLLABORATOR
    assert client.post(path).status_code == 404
    assert path.split("/")[3] not in str(Invitation.objects.values())


def test_an_invitation_ends_after_seven_days_and_when_cancelled(as_, invitation, nadia, alice):
    path = link(invitation)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert as_(nadia).post(path).status_code == 404
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    as_(alice).post(reverse("empresa:invitation_cancel", args=[invitation.pk]))
    assert as_(nadia).post(path).status_code == 404
    assert not Membership.objects.filter(user=nadia).exists()


def test_without_an_account_one_is_offered_the_way_in(client, invitation):
    answer = client.get(link(invitation))
    assert answer.status_code == 200
    assert "Crear una cuenta" in answer.text
    client.post(link(invitation))
    assert Membership.objects.count() == 1


def test_who_works_there_already_does_not_join_twice(as_, alice, invitation):
    answer = as_(alice).post(link(invitation))
    assert answer.status_code == 409
    assert "Usted ya trabaja en esta empresa." in answer.text
    assert Invitation.objects.get().accepted_at is None


def test_only_who_runs_the_team_invites(as_, reader, bob, alice, acme):
    url, data = reverse("empresa:invite", args=[acme.pk]), {"email": "x@pruebas.example", "role": "reader"}
    assert [as_(who).post(url, data).status_code for who in (reader, bob)] == [404, 404]
    assert as_(alice).post(url, data).status_code == 302
    assert as_(alice).post(url, {**data, "email": "x"}).status_code == 422
    assert as_(reader).get(reverse("empresa:team", args=[acme.pk])).status_code == 200
    assert as_(bob).get(reverse("empresa:team", args=[acme.pk])).status_code == 404


def test_the_last_representative_neither_leaves_nor_steps_down(as_, alice, acme):
    member, client = alice.memberships.get(), as_(alice)
    gone = client.post(reverse("empresa:member_end", args=[member.pk]))
    down = client.post(reverse("empresa:member_role", args=[member.pk]), {f"m{member.pk}-role": "reader"})
    assert (gone.status_code, down.status_code) == (409, 409)
    assert "Es el único representante legal." in gone.text
    assert Company.objects.represented_by(alice).exists()


def test_a_colleague_changes_role_and_leaves(as_, alice, acme, reader):
    member, client = reader.memberships.get(), as_(alice)
    client.post(reverse("empresa:member_role", args=[member.pk]), {f"m{member.pk}-role": "coordinator"})
    member.refresh_from_db()
    assert member.role == R.COORDINATOR
    client.post(reverse("empresa:member_end", args=[member.pk]))
    assert not Company.objects.belonging_to(reader).exists()
    assert acme.events.filter(verb__in=["role", "leave"]).count() == 2


def test_somebody_of_another_company_changes_nobody_here(as_, bob, reader):
    member = reader.memberships.get()
    assert as_(bob).post(reverse("empresa:member_end", args=[member.pk])).status_code == 404
    assert as_(bob).post(reverse("empresa:member_role", args=[member.pk]), {}).status_code == 404


def test_a_site_is_written_with_its_district_and_closed_not_deleted(as_, alice, acme):
    f.DistrictFactory(code="110102", name="La Tinguiña")
    client = as_(alice)
    data = {
        "name": "Almacén",
        "district": "la tinguina",
        "street_type": "av",
        "street": "Los Ángeles",
        "in_scope": "on",
    }
    assert client.post(reverse("empresa:site_new", args=[acme.pk]), data).status_code == 302
    site = acme.sites.get()
    assert site.district_id == "110102"
    twice = client.post(reverse("empresa:site_new", args=[acme.pk]), data)
    assert (twice.status_code, "Ya tiene una sede llamada" in twice.text) == (422, True)
    wrong = client.post(reverse("empresa:site_new", args=[acme.pk]), data | {"name": "B", "district": "Nada"})
    assert (wrong.status_code, "No encontramos ese distrito" in wrong.text) == (422, True)
    client.post(reverse("empresa:site_close", args=[site.pk]))
    site.refresh_from_db()
    assert (site.closed_on, site.in_scope) == (timezone.localdate(), False)


def test_somebody_elses_papers_are_not_found(as_, bob, plant, acme, alice):
    row = f.ExportRecordFactory(company=acme)
    client = as_(bob)
    for view, pk in (("site", plant.pk), ("export", row.pk), ("profile", acme.pk), ("site_new", acme.pk)):
        assert client.get(reverse(f"empresa:{view}", args=[pk])).status_code == 404
    assert client.post(reverse("empresa:export_remove", args=[row.pk])).status_code == 404


def test_the_way_back_stays_on_this_site(as_, alice, acme):
    url = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    for outside in ("https://malo.example/", "//malo.example/", "javascript:alert(1)", "/\\malo.example"):
        assert as_(alice).post(f"{url}?volver={outside}", {"process": "x"}).url == reverse(
            "empresa:profile", args=[acme.pk]
        )
    assert as_(alice).post(f"{url}?volver=/inicio/", {"process": "x"}).url == "/inicio/"


def test_somebody_who_holds_the_link_comes_in_whatever_their_address(as_, invitation, bob, acme):
    as_(bob).post(link(invitation))
    invitation.refresh_from_db()
    assert (invitation.email, invitation.accepted_by) == ("nadia@pruebas.example", bob)
    note = acme.events.get(verb="accept").note
    assert note == "nadia@pruebas.example → bob@pruebas.example"


def test_an_invitation_sent_again_makes_the_former_link_useless(as_, invitation, alice, acme, nadia):
    former = link(invitation)
    again = Invitation.send(acme, email="Nadia@pruebas.example", role=R.READER, by=alice)
    assert as_(nadia).post(former).status_code == 404
    assert as_(nadia).post(link(again)).status_code == 302


def test_a_company_sends_twenty_invitations_a_day(as_, alice, acme, settings):
    settings.INVITATIONS_PER_DAY = 2
    url = reverse("empresa:invite", args=[acme.pk])
    sent = [as_(alice).post(url, {"email": f"x{n}@pruebas.example", "role": "reader"}).status_code for n in range(3)]
    assert sent == [302, 302, 429]
    assert Invitation.objects.count() == 2


def test_an_administrator_invites_to_a_duty_and_whoever_accepts_has_it(as_, ada, stella, nadia):
    url, data = reverse("panel:person_invite"), {"email": "x@pruebas.example", "duty": "monitor"}
    assert as_(stella).post(url, data).status_code == 404
    assert as_(ada).post(url, data | {"duty": "rey"}).status_code == 422
    as_(ada).post(url, data)
    answer = as_(nadia).post(link(Invitation.objects.get()))
    assert (answer.url, nadia.has_duty("monitor")) == (reverse("public:doors"), True)


def test_an_invitation_to_a_duty_is_taken_back(as_, ada, nadia):
    row = Invitation.appoint(email="x@pruebas.example", duty="monitor", by=ada)
    path = link(row)
    as_(ada).post(reverse("panel:person_uninvite", args=[row.pk]))
    assert as_(nadia).post(path).status_code == 404
    assert not nadia.appointments.exists()


def test_a_body_is_joined_with_a_link_and_not_by_writing_an_address(as_, stella, body, nadia):
    data = {"persona-email": nadia.email, "persona-role": "auditor"}
    as_(stella).post(reverse("panel:body_person", args=[body.pk]), data)
    assert not body.people.exists()
    as_(nadia).post(link(Invitation.objects.get()))
    assert [(p.user, p.role) for p in body.people.all()] == [(nadia, "auditor")]


def test_an_administrator_ends_a_duty_with_a_reason_and_it_is_over_at_the_next_request(as_, ada, stella):
    client, row = as_(stella), stella.appointments.get()
    page = reverse("panel:duty_end", args=[row.pk])
    assert as_(ada).post(page, {f"f{row.pk}-reason": " "}).status_code == 422
    assert as_(ada).post(page, {f"f{row.pk}-reason": "Dejó el programa."}).status_code == 302
    assert client.get(reverse("panel:people")).status_code == 404
    event = Event.objects.about(stella).get(verb="dismiss")
    assert (event.actor, event.note) == (ada, "Coordinación. Dejó el programa.")
    told = Notice.objects.get(user=stella)
    assert (told.title, told.body) == ("Terminó su función en PROMPERÚ: Coordinación", "Dejó el programa.")
    again = as_(ada).post(page, {f"f{row.pk}-reason": "Se va en diciembre."})
    assert (again.status_code, "Se va en diciembre." in again.text, "Dejó el programa." in again.text) == (409,) + (
        True,
    ) * 2


def test_a_duty_given_today_by_mistake_is_over_today(ada, nadia):
    row = Appointment.objects.create(user=nadia, duty=Duty.DECIDER)
    row.end(by=ada, reason="Era para otra persona.")
    assert not Appointment.objects.in_force(timezone.localdate()).filter(pk=row.pk).exists()


def test_the_last_who_administers_stays(as_, ada, stella):
    row = ada.appointments.get()
    answer = as_(ada).post(reverse("panel:duty_end", args=[row.pk]), {f"f{row.pk}-reason": "Me voy."})
    assert (answer.status_code, "Es la última persona que administra" in answer.text) == (409, True)
    Appointment.objects.create(user=stella, duty=Duty.ADMINISTRATOR)
    row.end(by=ada, reason="Me voy.")
    assert as_(stella).post(reverse("panel:duty_end", args=[row.pk]), {f"f{row.pk}-reason": "x y"}).status_code == 409
