"""The points of an application that need nobody's eyes, accepted at once."""

import pytest
from django.urls import reverse

from companies.models import Event
from ecoeficiencia.lifecycle import Overtaken
from programs.models import Application, RequiredDocument
from programs.papers import PREFIX
from programs.review_desk import ReviewDesk
from tests import factories as f

pytestmark = pytest.mark.django_db


def desk(application, today):
    return ReviewDesk(Application.objects.for_panel().get(pk=application.pk), today)


def keys(items):
    return {item.key for item in items}


def points(application, today):
    return {"points": " ".join(f"{item.pk}.{item.version}" for item in desk(application, today).complying)}


def accept(client, application, data):
    return client.post(reverse("panel:application_accept", args=[application.pk]), data)


def accepted(application):
    return keys(application.items.filter(verdict="accepted"))


def test_what_complies_is_accepted_at_once_and_each_point_is_told(filed, rita, as_, today):
    ready, told = desk(filed, today), Event.objects.about(filed).filter(verb="review")
    page = as_(rita).get(reverse("panel:application", args=[filed.pk])).text
    n, left = len(ready.complying), ready.to_look_at
    assert n > 5
    assert f"Aceptar los {n} puntos que cumplen" in page and f"Quedan {left} por mirar." in page
    answer = accept(as_(rita), filed, points(filed, today))
    assert (answer.status_code, accepted(filed)) == (302, keys(ready.complying))
    assert set(filed.items.filter(verdict="accepted").values_list("decided_by", "version")) == {(rita.pk, 1)}
    lines = [(event.actor, event.new, event.note) for event in told]
    assert sorted(lines, key=str) == sorted(
        ((rita, "accepted", f"{item.title}, aceptado") for item in ready.complying), key=str
    )
    page = as_(rita).get(reverse("panel:application", args=[filed.pk])).text
    assert "Aceptar los" not in page and f"Quedan {left} por mirar." in page


def test_papers_warnings_and_what_does_not_comply_stay_for_a_person(filed, edition, today):
    papers = {"licence", "itse", "sworn_statement"}
    assert keys(desk(filed, today).items) >= papers
    assert keys(desk(filed, today).complying).isdisjoint(papers)
    kept = filed.revisions.get()
    for line in kept.data["checks"]:
        line["warns"] = line["key"] == "website"
        line["done"] = line["done"] and line["key"] != "contact"
    kept.save()
    assert keys(desk(filed, today).complying) >= {"legal", "exports", "corporate_mail"}
    assert keys(desk(filed, today).complying).isdisjoint({"website", "contact"})
    filed.items.filter(key="legal").update(mended_at=filed.submitted_at)
    filed.items.filter(key="operation").update(reason="No coincide con la ficha RUC.")
    assert keys(desk(filed, today).complying).isdisjoint({"legal", "operation"})
    entry = RequiredDocument.objects.create(edition=edition, key="guia", title="Guía de salida", proves="exports")
    f.ApplicationItemFactory(application=filed, key=PREFIX + entry.key, entry=entry)
    assert "exports" not in keys(desk(filed, today).complying)


def test_a_mail_of_another_domain_and_an_old_power_warn(acme, today, filed):
    acme.website = "https://otra.example"
    acme.save()
    acme.mandates.update(power_issued_on=today.replace(year=today.year - 3))
    acme.refresh_from_db()
    assert {m.key for m in Application.objects.get(pk=filed.pk).eligibility(today) if m.warns} == {
        "website",
        "representation",
    }


def test_only_who_reviews_accepts(filed, alice, dora, as_, today):
    data = points(filed, today)
    for person in (alice, dora):
        assert accept(as_(person), filed, data).status_code == 404
    assert accepted(filed) == set()


def test_pressed_twice_there_is_one_line_a_point_and_the_second_reads_who_was_first(filed, rita, stella, as_, today):
    data = points(filed, today)
    n = len(data["points"].split())
    sent = data | {"envio": "una-clave-de-veinte-letras"}
    assert [accept(as_(rita), filed, sent).status_code for _ in range(2)] == [302, 302]
    late = accept(as_(stella), filed, data)
    assert (late.status_code, "Otra persona decidió" in late.text) == (409, True)
    assert Event.objects.about(filed).filter(verb="review").count() == n


def test_somebody_who_decided_one_of_them_first_keeps_all_as_they_are(filed, rita, stella, as_, today):
    data, item = points(filed, today), filed.items.get(key="website")
    filed.decide_item(item, verdict="observed", reason="La página no abre.", by=stella, seen=0)
    late = accept(as_(rita), filed, data)
    assert (late.status_code, accepted(filed)) == (409, set())
    assert f"Otra persona decidió «{item.title}» antes que usted." in late.text
    item.refresh_from_db()
    assert (item.verdict, item.decided_by) == ("observed", stella)


def test_a_check_that_changed_meanwhile_keeps_all_as_they_are(filed, rita, acme, as_, today):
    data = points(filed, today)
    acme.economic_debt = True
    acme.save()
    late = accept(as_(rita), filed, data)
    assert (late.status_code, accepted(filed)) == (409, set())
    assert "ya no se acepta sin mirarlo" in late.text


def test_a_paper_is_not_accepted_unread_whatever_is_sent(filed, rita, as_):
    item = filed.items.get(key="itse")
    assert accept(as_(rita), filed, {"points": f"{item.pk}.{item.version}"}).status_code == 409
    assert accepted(filed) == set()


def test_points_of_another_file_and_nonsense_are_refused(filed, rita, as_, edition):
    other = f.ApplicationItemFactory(application=f.SubmittedApplicationFactory(edition=edition))
    for words in (f"{other.pk}.0", "", "x", f"{filed.items.first().pk}.", "1.9999999999"):
        assert accept(as_(rita), filed, {"points": words}).status_code == 422
    other.refresh_from_db()
    assert (other.verdict, accepted(filed)) == ("pending", set())


def test_a_file_that_left_the_review_takes_no_more(filed, rita, as_, today):
    data, ready = points(filed, today), desk(filed, today).complying
    Application.objects.filter(pk=filed.pk).update(state="observed")
    late = accept(as_(rita), filed, data)
    assert (late.status_code, accepted(filed)) == (409, set())
    with pytest.raises(Overtaken):  # with a record read before it left
        filed.accept_items([(item, 0) for item in ready], complying=ready, by=rita)
    assert accepted(filed) == set()
    page = as_(rita).get(reverse("panel:application", args=[filed.pk])).text
    assert "puntos que cumplen" not in page
