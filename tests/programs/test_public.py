from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import ConsentText
from programs.self_check import QUESTIONS
from tests import factories as f

TODAY = timezone.localdate()
ANSWERS = {
    "legal": "yes",
    "started_on": "2012-03-01",
    "licence": "yes",
    "itse": "yes",
    "exports": "yes",
    "production": "yes",
    "email": "ventas@nueva.example",
    "website": "nueva.example",
    "debts": "yes",
}


def test_the_front_page_shows_the_open_call_with_its_own_numbers(client, edition):
    answer = client.get(reverse("public:home"))
    assert answer.status_code == 200
    assert edition.name in answer.text
    assert "4 requisitos en 2 aspectos" in answer.text
    assert "30 empresas" in answer.text


def test_without_an_open_call_it_says_so(client, db):
    f.EditionFactory(published=False)
    answer = client.get(reverse("public:home"))
    assert "Todavía no hay convocatoria abierta. Déjenos su correo y le avisamos." in answer.text


def test_a_call_lists_what_its_catalogue_asks_for(client, edition):
    edition.create_documents()
    edition.documents.filter(key="itse").update(withdrawn=True)
    shown = client.get(reverse("public:call", args=[edition.pk])).text
    licence, itse = edition.documents.get(key="licence"), edition.documents.get(key="itse")
    assert f"{licence.title}, por sede" in shown and licence.help in shown
    assert f"{licence.validity_in_words}. PDF, JPEG, PNG, hasta 25 MB cada archivo." in shown
    assert 'Sustento de las exportaciones (DAM) <span class="tag">opcional</span>' in shown
    assert itse.help not in shown


def test_a_call_shows_its_limits_as_defaults_of_the_edition(client, edition):
    answer = client.get(reverse("public:call", args=[edition.pk]))
    assert "valor por defecto" in answer.text
    assert "no reglas de PROMPERÚ" in answer.text


@pytest.mark.parametrize(("opens", "closes", "words"), [(-40, -10, "Esta convocatoria cerró"), (5, 40, "Abre pronto")])
def test_a_call_that_is_not_open_takes_no_applications(client, as_, alice, acme, opens, closes, words):
    edition = f.EditionFactory(opens_on=TODAY + timedelta(days=opens), closes_on=TODAY + timedelta(days=closes))
    answer = as_(alice).get(reverse("public:call", args=[edition.pk]))
    assert words in answer.text
    assert "Postular con" not in answer.text


def test_an_unpublished_call_is_not_found(client, db):
    edition = f.EditionFactory(published=False)
    for view in ("call", "self_check", "self_check_result"):
        assert client.get(reverse(f"public:{view}", args=[edition.pk])).status_code == 404


def check(client, edition, **changes):
    return client.post(reverse("public:self_check", args=[edition.pk]), ANSWERS | changes, follow=True)


def test_the_self_check_says_when_everything_is_met_and_keeps_the_answers(client, edition):
    answer = check(client, edition)
    assert "Por lo que nos dice, puede postular" in answer.text
    assert client.session["prefill"] == {
        "started_on": "2012-03-01",
        "email": "ventas@nueva.example",
        "website": "https://nueva.example",
    }


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"legal": "no"}, "Inscriba la empresa en SUNARP"),
        ({"licence": "no"}, "Solicítela en la municipalidad"),
        ({"itse": "unsure"}, "Pida la inspección en su municipalidad"),
        ({"exports": "no"}, "con su propio RUC desde el"),
        ({"production": "no"}, "no recibe empresas que solo comercializan"),
        ({"email": "a@gmail.com"}, "gmail.com es un correo gratuito"),
        ({"website": ""}, "Contrate un dominio propio"),
        ({"debts": "no"}, "Póngase al día"),
        ({"started_on": (TODAY - timedelta(days=100)).isoformat()}, "Los completa el"),
        ({"started_on": ""}, "Busque el inicio de actividades"),
    ],
)
def test_every_no_is_explained_with_what_can_be_done(client, edition, changes, advice):
    assert advice in check(client, edition, **changes).text


def test_an_unanswered_question_is_named_and_the_rest_stays(client, edition):
    answer = check(client, edition, legal="")
    assert answer.status_code == 422
    assert "Falta responder: ¿Su empresa está inscrita en SUNARP" in answer.text
    assert "ventas@nueva.example" in answer.text


def test_a_start_that_has_not_come_yet_is_no_start_of_operation(client, edition):
    answer = check(client, edition, started_on=(TODAY + timedelta(days=1)).isoformat())
    assert (answer.status_code, "aún no llega. Revísela en su ficha RUC." in answer.text) == (422, True)
    assert "self_check" not in client.session
    assert check(client, edition, started_on=TODAY.isoformat()).status_code == 200


def test_as_many_questions_are_asked_as_the_page_and_the_answer_count(client, edition):
    page = client.get(reverse("public:self_check", args=[edition.pk]))
    assert "Son 8 preguntas" in page.text and "Pregunta 8 de 8" in page.text
    assert page.text.count('name="email"') == page.text.count('name="website"') == 1
    assert len(page.context["form"].questions) == len(QUESTIONS) == 8
    assert check(client, edition).text.count("<li>") >= 8


def test_privacy_shows_the_words_in_force(client, db):
    ConsentText.objects.create(purpose="registro", number=1, text="Texto antiguo.")
    ConsentText.objects.create(purpose="registro", number=2, text="Texto vigente.")
    answer = client.get(reverse("public:privacy"))
    assert "Texto vigente." in answer.text and "Texto antiguo." not in answer.text
    assert client.get(reverse("public:help")).status_code == 200
