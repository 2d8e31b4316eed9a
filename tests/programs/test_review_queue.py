"""From one application to the next, and back to the list as it was left."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from tests import factories as f

from .test_review import decide, ready

pytestmark = pytest.mark.django_db
LEFT = "estado=mended&orden=-espera&q=Per%C3%BA"


def waiting(edition, days, **with_):
    return f.SubmittedApplicationFactory(edition=edition, state_since=timezone.now() - timedelta(days=days), **with_)


def page_of(application, filters=""):
    return reverse("panel:application", args=[application.pk]) + (
        "?" + urlencode({"desde": filters}) if filters else ""
    )


def following(client, application):
    """The application the page leads to, by its key; None without a link."""
    answer = client.get(page_of(application))
    found = answer.context["application"].next_up
    assert ("Siguiente por revisar" in answer.text) == (found is not None)
    assert found is None or f'href="{reverse("panel:application", args=[found])}"' in answer.text
    return found


def test_the_next_one_is_mine_that_waits_longest_then_nobodys_then_anothers(edition, rita, stella, as_):
    hers, nobodys, mine, mine_later = (
        waiting(edition, 9, reviewer=stella), waiting(edition, 8), waiting(edition, 3, reviewer=rita),
        waiting(edition, 2, reviewer=rita),
    )  # fmt: skip
    waiting(edition, 20, reviewer=rita, state="observed")
    waiting(edition, 20, reviewer=rita, proposal="admit")
    client, order = as_(rita), []
    for row in (hers, mine, mine_later):
        order.append(following(client, row))
    assert order == [mine.pk, mine_later.pk, mine.pk]
    for row in (mine, mine_later):
        type(row).objects.filter(pk=row.pk).update(state="observed")
    assert [following(client, mine), following(client, nobodys)] == [nobodys.pk, hers.pk]


def test_nobody_is_led_to_the_same_file_or_to_what_is_not_theirs_to_review(edition, rita, ada, as_):
    only = waiting(edition, 3)
    assert following(as_(rita), only) is None
    other = waiting(edition, 2, proposal="admit")
    assert (following(as_(rita), only), following(as_(rita), other)) == (None, only.pk)
    assert following(as_(ada), other) is None


def test_a_proposal_is_the_next_of_whoever_decides(edition, stella, as_):
    only, proposed = waiting(edition, 3), waiting(edition, 2, proposal="admit")
    assert following(as_(stella), only) == proposed.pk


def test_the_crumb_leads_back_to_the_list_as_it_was_left(filed, stella, as_):
    client, item = as_(stella), filed.items.get(key="exports")
    back = reverse("panel:applications") + "?estado=mended&amp;orden=-espera&amp;q=Per%C3%BA"
    assert (
        page_of(filed, "revisor=null&orden=-espera")
        in client.get(reverse("panel:applications") + "?revisor=null&orden=-espera").text
    )
    page = client.get(page_of(filed, LEFT))
    assert f'href="{back}"' in page.text
    carried = page_of(filed, LEFT).partition("?")[2]
    acts = [line.split('"')[0] for line in page.text.split('action="') if f"/postulaciones/{filed.pk}/" in line[:60]]
    assert len(acts) > 3 and [act for act in acts if not act.endswith(f"?{carried}")] == []
    act = reverse("panel:application_item", args=[filed.pk, item.pk]) + f"?{carried}"
    refused = client.post(act, {"verdict": "observed", "reason": "", "seen": item.version})
    assert (refused.status_code, f'href="{back}"' in refused.text) == (422, True)
    kept = client.post(act, {"verdict": "accepted", "reason": "", "seen": item.version})
    assert kept.status_code == 302 and f"?{carried}&punto=" in kept.url
    assert f'href="{back}"' in client.get(kept.url).text


@pytest.mark.parametrize(
    "asked", ["https://mal.example/", "//mal.example/", "/cuenta/salir/", "%00", "javascript:alert(1)"]
)
def test_the_way_back_is_always_the_list(filed, rita, as_, asked):
    page = as_(rita).get(reverse("panel:application", args=[filed.pk]), {"desde": asked})
    assert page.context["list_url"].partition("?")[0] == reverse("panel:applications")


def test_what_is_to_be_looked_up_again_has_its_form_one_click_away(filed, rita, stella, today, as_):
    decide(filed, rita)
    type(filed.company).objects.filter(pk=filed.company_id).update(ruc_checked_on=today - timedelta(days=400))
    page = as_(stella).get(page_of(filed, LEFT))
    link = page_of(filed, LEFT) + "&amp;verificar=1#verificar"
    assert "Falta verificar otra vez el RUC en SUNAT." in page.text
    assert f'href="{link}"' in page.text and '<details id="verificar">' in page.text
    assert '<details id="verificar" open>' in as_(stella).get(page_of(filed) + "?verificar=1").text
    row = ready(filed, rita, today)
    assert "verificar=1#verificar" not in as_(stella).get(page_of(row)).text


def test_whoever_chose_nobody_to_assign_to_finds_the_same_boxes_checked(edition, stella, as_):
    client, rows = as_(stella), [waiting(edition, days) for days in (3, 2, 1)]
    sent = {"pk": [f"{row.pk}-{row.version}" for row in rows[:2]], "desde": "estado=submitted", "reviewer": ""}
    answer = client.post(reverse("panel:applications_assign"), sent, follow=True)
    assert "Elija a quién asignar." in answer.text
    checked = [f'value="{row.pk}-{row.version}" checked' in answer.text for row in rows]
    assert checked == [True, True, False]
    assert page_of(rows[0], "estado=submitted") + '"' in answer.text


def test_a_chip_of_the_workload_opens_what_it_counts(edition, rita, stella, as_):
    for reviewer, state, proposal in [
        (rita, "submitted", ""), (rita, "mended", ""), (rita, "mended", "admit"), (rita, "observed", ""),
        (rita, "admitted", ""), (None, "submitted", ""), (None, "rejected", ""), (stella, "waiting", ""),
    ]:  # fmt: skip
        waiting(edition, 3, reviewer=reviewer, state=state, proposal=proposal)
    client, address = as_(rita), reverse("panel:applications")
    load = client.get(address).context["load"]
    assert [(words, n) for _key, words, n, _chosen in load] == [
        ("Todas", 3), (str(rita), 2), (str(stella), 0), ("Sin asignar", 1)
    ]  # fmt: skip
    for key, words, n, _chosen in load:
        answer = client.get(address, {"estado": "por-revisar"} | ({"revisor": key} if key else {}))
        assert (words, answer.context["page"].paginator.count) == (words, n)
        assert [chosen for chip, *_rest, chosen in answer.context["load"] if chip == key] == [True]


def test_the_file_and_the_versions_lead_back_to_the_list_as_it_was_left(filed, stella, as_):
    client, back = as_(stella), reverse("panel:applications") + "?estado=mended&amp;orden=-espera&amp;q=Per%C3%BA"
    page, carried = client.get(page_of(filed, LEFT)).text, page_of(filed, LEFT).partition("?")[2]
    for view in ("application_file", "application_revisions"):
        address = f"{reverse(f'panel:{view}', args=[filed.pk])}?{carried}"
        assert f'href="{address}"' in page
        there = client.get(address).text
        assert (f'href="{back}"' in there, f'href="{page_of(filed, LEFT)}"' in there) == (True, True)
    letter = filed.decision_letters.create(kind="waiting", issued_on=timezone.localdate(), text="En espera.")
    there = client.get(f"{reverse('panel:application_file', args=[filed.pk])}?{carried}").text
    assert f'hx-target="#comunicacion-{letter.pk}"' in there  # its PDF appears by itself, on the page as it was
    assert f'<input type="hidden" name="desde" value="{escape(LEFT)}">' in there
    link = page_of(filed, LEFT) + "&amp;asignar=1#asignar"
    assert f'href="{link}"' in page and 'id="asignar"' not in page
    assert 'id="asignar"' in client.get(page_of(filed, LEFT) + "&asignar=1").text


def test_versions_are_compared_as_chosen_and_a_page_without_a_choice_says_so(filed, stella, as_):
    client, address = as_(stella), reverse("panel:application_revisions", args=[filed.pk])
    assert "Hay una sola versión" in client.get(address).text
    first = filed.revisions.get()
    for number in (2, 3):
        filed.revisions.create(number=number, data=first.data | {"sections": []}, submitted_by=first.submitted_by)
    told = client.get(address)
    assert "No eligió versiones: se comparan las dos últimas." in told.text
    assert (told.context["old"].number, told.context["new"].number, told.context["changes"]) == (2, 3, [])
    chosen = client.get(address, {"antes": "3", "ahora": "1"})
    assert (chosen.context["old"].number, chosen.context["new"].number) == (1, 3)
    assert "No eligió versiones" not in chosen.text and chosen.context["changes"] != []
    for asked, sentence in (
        ({"antes": "2", "ahora": "2"}, "Eligió dos veces la misma versión."), ({"antes": "2"}, "Elija una de las"),
        ({"antes": "9", "ahora": "1"}, "Elija una de las"),
    ):  # fmt: skip
        refused = client.get(address, asked)
        assert (refused.status_code, sentence in refused.text, refused.context["changes"]) == (422, True, [])
