import re
from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from companies.models import Appointment, Company, Duty, Event, Invitation, Membership, Notice
from companies.tasks import invite
from ecoeficiencia.lifecycle import IllegalMove
from tests import factories as f
from tests.racing import at_once

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
    cancel = reverse("empresa:invitation_cancel", args=[invitation.pk])
    assert [as_(alice).post(cancel).status_code for _n in range(2)] == [302, 409]
    assert as_(nadia).post(path).status_code == 404
    assert not Membership.objects.filter(user=nadia).exists()


def test_without_an_account_one_is_offered_the_way_in(client, invitation):
    answer = client.get(link(invitation))
    assert answer.status_code == 200
    assert "Crear una cuenta" in answer.text
    client.post(link(invitation))
    assert Membership.objects.count() == 1


def test_who_works_there_already_does_not_join_twice(as_, alice, invitation):
    answer = as_(alice).post(link(invitation), {"confirmo": "1"})
    assert answer.status_code == 409
    assert "Usted ya trabaja en esta empresa." in answer.text
    assert Invitation.objects.get().accepted_at is None


def test_only_who_runs_the_team_invites(as_, reader, bob, alice, acme):
    url, data = reverse("empresa:invite", args=[acme.pk]), {"email": "x@pruebas.example", "role": "reader"}
    assert [as_(who).post(url, data).status_code for who in (reader, bob)] == [404, 404]
    assert as_(alice).post(url, data).status_code == 302
    assert as_(alice).post(url, {**data, "email": "x"}).status_code == 422
    there = as_(alice).post(url, {**data, "email": reader.email.upper()})
    assert (there.status_code, f"{reader} ya trabaja aquí." in there.text) == (422, True)
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
    assert [client.post(reverse("empresa:member_end", args=[member.pk])).status_code for _n in range(2)] == [302, 409]
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


def test_a_link_opened_by_another_account_says_so_and_is_used_only_when_they_say_so(as_, invitation, bob, acme):
    path, client = link(invitation), as_(bob)
    seen, pressed = client.get(path), client.post(path)
    assert (seen.status_code, pressed.status_code) == (200, 409)
    for page in (seen.text, pressed.text):
        assert "La invitación se envió a n•••@pruebas.example y usted ingresó como bob@pruebas.example." in page
        assert "nadia@" not in page
    invitation.refresh_from_db()
    assert (invitation.accepted_at, acme.memberships.filter(user=bob).exists()) == (None, False)
    client.post(path, {"confirmo": "1"})
    invitation.refresh_from_db()
    assert (invitation.email, invitation.accepted_by) == ("nadia@pruebas.example", bob)
    note = acme.events.get(verb="accept").note
    assert note == "nadia@pruebas.example → bob@pruebas.example"


def test_a_link_that_serves_no_more_says_which_of_the_reasons_it_is(as_, invitation, nadia, bob, client):
    path = link(invitation)
    as_(nadia).post(path)
    assert "Usted ya aceptó esta invitación" in as_(nadia).get(path).text
    for other in (as_(bob), client):
        assert "sirve una sola vez. Si no fue usted, avise a quien le invitó" in other.get(path).text
    Invitation.objects.update(accepted_at=None, accepted_by=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert "La invitación venció o se anuló el" in client.get(path).text
    nothing = client.get(reverse("empresa:invitation", args=["nada"]))
    assert (nothing.status_code, "La invitación se usó, venció o se anuló." in nothing.text) == (404, True)


@pytest.fixture
def carla(acme):
    """Coordinates at Acme."""
    user = f.UserFactory(first_name="Carla")
    f.MembershipFactory(user=user, company=acme, role=R.COORDINATOR)
    return user


def role_of(user):
    return Membership.objects.in_force(timezone.localdate()).filter(user=user).values_list("role", flat=True).first()


def test_the_representation_is_handed_over_in_one_act(as_, alice, carla, acme):
    url = reverse("empresa:member_hand_over", args=[acme.pk])
    assert "Carla" in as_(alice).get(url).text
    data = {"to": carla.memberships.get().pk, "role": "coordinator"}
    assert as_(alice).post(url, data).status_code == 302
    assert (role_of(alice), role_of(carla)) == (R.COORDINATOR, R.REPRESENTATIVE)
    assert as_(alice).get(url).status_code == 404
    assert acme.events.filter(verb="role").count() == 2


def test_whoever_hands_over_may_leave_with_it(as_, alice, carla, acme):
    url = reverse("empresa:member_hand_over", args=[acme.pk])
    as_(alice).post(url, {"to": carla.memberships.get().pk, "role": ""})
    assert (role_of(alice), role_of(carla)) == (None, R.REPRESENTATIVE)


def test_it_is_handed_over_to_somebody_of_the_team(as_, alice, bob, acme, carla):
    url = reverse("empresa:member_hand_over", args=[acme.pk])
    for to in (bob.memberships.get().pk, alice.memberships.get().pk, ""):
        assert as_(alice).post(url, {"to": to, "role": "reader"}).status_code == 422
    assert as_(carla).get(url).status_code == 404
    assert role_of(alice) == R.REPRESENTATIVE


def test_only_a_representative_gives_or_takes_the_representation(as_, alice, carla, acme, reader):
    client, mine, hers = as_(carla), carla.memberships.get(), alice.memberships.get()
    up = client.post(reverse("empresa:member_role", args=[mine.pk]), {f"m{mine.pk}-role": "representative"})
    out = client.post(reverse("empresa:member_end", args=[hers.pk]))
    invited = client.post(
        reverse("empresa:invite", args=[acme.pk]), {"email": "x@pruebas.example", "role": "representative"}
    )
    assert (up.status_code, out.status_code, invited.status_code) == (409, 409, 409)
    assert "La representación la da y la quita quien representa a la empresa." in up.text
    assert (role_of(carla), role_of(alice), Invitation.objects.count()) == (R.COORDINATOR, R.REPRESENTATIVE, 0)
    as_(alice).post(reverse("empresa:member_role", args=[mine.pk]), {f"m{mine.pk}-role": "representative"})
    assert role_of(carla) == R.REPRESENTATIVE


def test_while_nobody_represents_the_company_whoever_coordinates_says_who_does(as_, carla, acme):
    mine = carla.memberships.get()
    as_(carla).post(reverse("empresa:member_role", args=[mine.pk]), {f"m{mine.pk}-role": "representative"})
    assert role_of(carla) == R.REPRESENTATIVE


def test_anybody_leaves_by_their_own_wish_but_the_last_representative(as_, reader, alice, acme, bob):
    url = reverse("empresa:member_leave", args=[acme.pk])
    assert as_(bob).post(url).status_code == 404
    assert as_(reader).post(url).url == reverse("empresa:home")
    assert role_of(reader) is None
    last = as_(alice).post(url)
    assert (last.status_code, "Es el único representante legal." in last.text) == (409, True)


def test_a_colleague_whose_account_is_closed_does_not_count_as_who_represents(as_, alice, acme, carla):
    Membership.objects.filter(user=carla).update(role=R.REPRESENTATIVE)
    carla.is_active = False
    carla.save()
    assert as_(alice).post(reverse("empresa:member_leave", args=[acme.pk])).status_code == 409


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
    answer = as_(nadia).post(link(Invitation.objects.get()), {"confirmo": "1"})
    assert (answer.url, nadia.has_duty("monitor")) == (reverse("public:doors"), True)


def test_an_invitation_to_a_duty_is_taken_back(as_, ada, nadia):
    row = Invitation.appoint(email="x@pruebas.example", duty="monitor", by=ada)
    path = link(row)
    cancel = reverse("panel:person_uninvite", args=[row.pk])
    assert [as_(ada).post(cancel).status_code for _n in range(2)] == [302, 409]
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


# At the same moment, on both databases


def acting(membership, name, **facts):
    """The act, on the record as it was when the page was opened."""
    opened = Membership.objects.select_related("company", "user").get(pk=membership.pk)
    return refusal_of(lambda: getattr(opened, name)(**facts))


def refusal_of(act):
    """An act that answers with the sentence that refuses it, or with nothing."""

    def acted():
        try:
            act()
        except IllegalMove as refusal:
            return str(refusal)

    return acted


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["become", "end"])
def test_two_representatives_who_take_each_other_out_at_once_leave_one(name):
    company, today = f.CompanyFactory(), timezone.localdate()
    one, two = (f.MembershipFactory(company=company, role=R.REPRESENTATIVE) for _n in range(2))
    facts = {"role": R.READER} if name == "become" else {"on": today}
    outcomes = at_once(acting(one, name, by=two.user, **facts), acting(two, name, by=one.user, **facts))
    left = company.memberships.in_force(today).filter(role=R.REPRESENTATIVE)
    assert (outcomes.count(None), left.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_handing_over_while_the_colleague_leaves_keeps_a_representative():
    company, today = f.CompanyFactory(), timezone.localdate()
    boss, colleague = f.MembershipFactory(company=company), f.MembershipFactory(company=company, role=R.COORDINATOR)
    to = Membership.objects.select_related("company", "user").get(pk=colleague.pk)
    at_once(
        acting(boss, "hand_over", to=to, role="", by=boss.user, on=today),
        acting(colleague, "end", by=colleague.user, on=today),
    )
    assert company.memberships.in_force(today).filter(role=R.REPRESENTATIVE).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_used_by_two_at_the_same_moment_seats_one():
    company = f.CompanyFactory()
    boss = f.MembershipFactory(company=company).user
    row = Invitation.send(company, email="x@pruebas.example", role=R.READER, by=boss)
    people = [f.UserFactory(), f.UserFactory()]
    opened = [Invitation.objects.select_related("company").get(pk=row.pk) for _person in people]
    acts = [partial(held.accept, by=person) for held, person in zip(opened, people, strict=True)]
    outcomes = at_once(*map(refusal_of, acts))
    assert (outcomes.count(None), company.memberships.filter(user__in=people).count()) == (1, 1)
