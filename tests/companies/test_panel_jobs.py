"""The administrators' page of jobs: dead and late ones, why, and another chance."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecoeficiencia.jobs import Job

pytestmark = pytest.mark.django_db
PAGE = "/panel/trabajos/"


def job(key, state=Job.State.DEAD, minutes=0, **fields):
    run_at = timezone.now() - timedelta(minutes=minutes)
    return Job.objects.create(key=key, kind="companies.deliver", state=state, run_at=run_at, **fields)


def test_it_lists_the_dead_and_the_late_with_the_reason(as_, ada):
    job("muerto", error="OSError: sin impresora", attempts=8)
    job("demorado", Job.State.PENDING, minutes=6)
    job("reciente", Job.State.PENDING, minutes=1)
    page = as_(ada).get(PAGE).content.decode()
    assert "OSError: sin impresora" in page
    assert "demorado" in page
    assert "reciente" not in page
    assert "Por hacer: 2 · demorados: 1 · fallan hace una hora o más: 0 · abandonados: 1." in page


def test_it_lists_what_fails_for_an_hour_though_its_next_attempt_is_to_come(as_, ada):
    row = job("falla", Job.State.PENDING, minutes=-8, error="ConnectionRefusedError: sin servidor de correo")
    Job.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=2))
    page = as_(ada).get(PAGE).content.decode()
    assert "sin servidor de correo" in page
    assert "Se reintenta" in page
    assert "fallan hace una hora o más: 1" in page


def test_with_nothing_wrong_it_says_so(as_, ada):
    page = as_(ada).get(PAGE).content.decode()
    assert "Todo lo pedido está hecho o por hacerse a tiempo." in page
    assert "Reintentar" not in page


@pytest.mark.parametrize("who", ["stella", "alice", "mia"])
def test_others_find_no_such_page(as_, who, request):
    client, dead = as_(request.getfixturevalue(who)), job("muerto")
    answers = [client.get(PAGE), client.post(f"{PAGE}reintentar/"), client.post(f"{PAGE}{dead.pk}/reintentar/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Job.objects.get(pk=dead.pk).state == Job.State.DEAD


def test_one_is_tried_again(as_, ada):
    one, other = job("uno", attempts=8), job("otro", attempts=8)
    answer = as_(ada).post(f"{PAGE}{one.pk}/reintentar/", follow=True)
    assert "Se intentará de nuevo «uno»." in answer.content.decode()
    one.refresh_from_db(), other.refresh_from_db()
    assert (one.state, one.attempts, other.state) == (Job.State.PENDING, 0, Job.State.DEAD)


def test_all_are_tried_again(as_, ada):
    job("uno"), job("otro")
    answer = as_(ada).post(f"{PAGE}reintentar/", follow=True)
    assert "Se intentarán de nuevo 2 trabajos." in answer.content.decode()
    assert Job.objects.filter(state=Job.State.DEAD).count() == 0


def test_a_job_that_is_not_dead_is_left_as_it_is(as_, ada):
    waiting = job("espera", Job.State.PENDING)
    answer = as_(ada).post(f"{PAGE}{waiting.pk}/reintentar/")
    assert answer.status_code == 409
    assert "no está abandonado" in answer.content.decode()


def test_only_a_post_tries_again(as_, ada):
    dead = job("muerto")
    assert as_(ada).get(f"{PAGE}{dead.pk}/reintentar/").status_code == 405
    assert as_(ada).get(f"{PAGE}reintentar/").status_code == 405


def test_the_list_asks_as_often_for_thirty_as_for_three(as_, ada, django_assert_max_num_queries):
    client = as_(ada)
    for n in range(3):
        job(f"a{n}")
    client.get(PAGE)
    with django_assert_max_num_queries(100) as few:
        client.get(PAGE)
    for n in range(27):
        job(f"b{n}")
    with django_assert_max_num_queries(len(few)):
        client.get(PAGE)
