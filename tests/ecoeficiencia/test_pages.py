"""Pages that belong to no door: errors, accounts, the styles on show, the development mailbox."""

import re
from datetime import date
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
import time_machine
from crispy_forms.bootstrap import FormActions, PrependedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Field, Fieldset, Layout, Row, Submit
from django import forms
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.safestring import mark_safe

from companies.context import PLACES
from companies.models import Consent, ConsentText, User
from ecoeficiencia import errors, mailbox
from ecoeficiencia.badges import BADGES
from ecoeficiencia.lifecycle import Missing, Party, stateful_models
from ecoeficiencia.samples import SampleForm
from ecoeficiencia.templatetags.eco import toward
from ecoeficiencia.writing import due_in_workdays, short_day


def page(response):
    return response.content.decode()


def write(source, **context):
    return Template(source).render(Context(context)).strip()


@pytest.fixture
def demo(settings):
    settings.DEMO = True


# Errors


def test_a_page_that_does_not_exist_says_so_in_spanish(client, db):
    response = client.get("/no/existe/")
    assert response.status_code == 404
    assert "No encontramos esta página, o no tiene acceso a ella" in page(response)


def test_a_post_in_utf_16_is_a_bad_request_and_not_a_server_error(db):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get("/cuenta/login/")
    form_in_utf_16 = "application/x-www-form-urlencoded; charset=utf-16"
    response = client.post("/cuenta/login/", "login=a&password=b", content_type=form_in_utf_16)
    assert response.status_code == 400
    assert "No pudimos leer lo que envió" in page(response)


def body_with(name):
    part = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    head = f"--limite\r\n{part}\r\nContent-Type: application/pdf\r\n\r\n"
    return (head + "%PDF-1.4\r\n--limite--\r\n").encode()


def test_the_name_of_a_file_that_is_too_long_is_told_with_what_to_do_and_the_way_back(as_, alice, plant):
    address, kind = reverse("empresa:site_document", args=[plant.pk, "licence"]), "multipart/form-data; boundary=limite"
    came = {"Referer": f"http://testserver{address}"}
    answer = as_(alice).post(address, body_with("a" * 4000 + ".pdf"), content_type=kind, headers=came)
    assert answer.status_code == 400
    assert "El nombre de uno de los archivos es demasiado largo." in page(answer)
    assert f'href="{address}"' in page(answer)
    assert as_(alice).post(address, body_with("a" * 200 + ".pdf"), content_type=kind).status_code == 422


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TooManyFilesSent(), "Envió demasiados archivos a la vez."),
        (TooManyFieldsSent(), "más datos de los que se leen"),
    ],
)
def test_too_much_at_once_is_told_as_what_it_is(error, words):
    answer = errors.bad_request(RequestFactory().post("/"), error)
    assert (answer.status_code, words in page(answer)) == (400, True)


def test_a_post_without_its_token_explains_itself(db):
    response = Client(enforce_csrf_checks=True).post("/cuenta/login/", {"login": "a"})
    assert response.status_code == 403
    assert "La página estuvo abierta demasiado tiempo" in page(response)


def test_too_large_a_request_is_413_with_the_limit():
    response = errors.bad_request(RequestFactory().post("/"), RequestDataTooBig())
    assert response.status_code == 413
    assert "25 MB" in page(response)


def test_the_server_error_page_needs_no_database():
    response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Lo que ya estaba guardado sigue guardado" in page(response)


def test_every_page_carries_a_strict_policy(client, db):
    policy = client.get("/cuenta/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_no_template_has_inline_style_or_script(settings):
    guilty = []
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        if {"pdf", "email"} & set(path.parts):
            continue
        text = path.read_text()
        if " style=" in text or "<script>" in text or " onclick=" in text or "<style" in text:
            guilty.append(path.name)
    assert guilty == []


# The workshop's pages


def test_the_styles_are_shown_in_the_demonstration(client, demo, db):
    assert client.get("/_/estilos/").status_code == 200


def test_the_styles_do_not_exist_in_production(client, settings, db):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/_/estilos/").status_code == 404


def test_a_form_with_errors_keeps_what_was_written_and_names_each_field(client, demo, db):
    response = client.post("/_/estilos/", {"ruc": "2099910301"})
    html = page(response)
    assert response.status_code == 422
    assert 'value="2099910301"' in html
    assert '<a href="#id_ruc">El RUC debe tener 11 dígitos. Escribió 10.</a>' in html
    assert '<a href="#id_web">Complete «Página web».</a>' in html
    assert html.count('id="id_web_error"') == 1
    assert 'aria-describedby="id_ruc_helptext id_ruc_error"' in html


def test_the_mailbox_shows_the_mails_sent(client, demo, settings, tmp_path, db):
    settings.EMAIL_FILE_PATH = tmp_path
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["Date"] = (
        "Vence el viernes",
        "rosa@demo.example",
        "Tue, 24 Nov 2026 10:00:00 -0500",
    )
    mail.set_content("Abra http://127.0.0.1:8000/avisos/")
    (tmp_path / "1.log").write_bytes(mail.as_bytes() + b"\n" + b"-" * 79 + b"\n")
    html = page(client.get("/_/correo/"))
    assert "Vence el viernes" in html and "rosa@demo.example" in html
    assert '<a href="http://127.0.0.1:8000/avisos/"' in html


def test_the_mailbox_is_empty_before_anything_is_sent(tmp_path):
    assert mailbox.letters(tmp_path / "nothing") == []


def test_the_mailbox_does_not_exist_in_production(client, settings, db):
    settings.DEMO = False
    assert client.get("/_/correo/").status_code == 404


# Accounts


def test_the_demonstration_offers_its_accounts(client, demo, db):
    html = page(client.get("/cuenta/login/"))
    assert html.count("data-account=") == 12
    assert "demo-ecoeficiencia" in html


def test_outside_the_demonstration_no_account_is_offered(client, settings, db):
    settings.DEMO = False
    assert "data-account=" not in page(client.get("/cuenta/login/"))


def test_without_scripts_a_demonstration_account_fills_the_address(client, demo, db):
    assert 'value="monitor@demo.example"' in page(client.get("/cuenta/login/?correo=monitor@demo.example"))


NEW_PERSON = {
    "first_name": "Elena",
    "last_name": "Purizaca",
    "email": "elena@pruebas.example",
    "password1": "tallan-2026-banano",
}


@pytest.fixture
def wording(db):
    return ConsentText.objects.create(purpose="registro", number=99, text="Usaremos sus datos para el programa.")


def test_signing_up_keeps_which_wording_was_agreed_to(client, wording, mailoutbox, run_jobs):
    response = client.post("/cuenta/signup/", {**NEW_PERSON, "consent": "on"}, REMOTE_ADDR="10.0.0.7")
    assert response.status_code == 302
    user = User.objects.get(email="elena@pruebas.example")
    assert user.get_full_name() == "Elena Purizaca"
    assert list(Consent.objects.values_list("user", "text", "ip")) == [(user.pk, wording.pk, "10.0.0.7")]
    run_jobs()
    assert mailoutbox[0].subject == "Su código para confirmar el correo · Ecoeficiencia Perú"


def test_without_consent_there_is_no_account(client, wording):
    html = page(client.post("/cuenta/signup/", NEW_PERSON))
    assert "necesitamos su autorización sobre sus datos personales" in html
    assert 'value="elena@pruebas.example"' in html
    assert not User.objects.filter(email="elena@pruebas.example").exists()


def test_the_link_to_change_a_password_never_comes_from_the_host_header(client, run_jobs, mailoutbox, settings):
    settings.SITE_URL = "https://sitio.pruebas.example"
    settings.ALLOWED_HOSTS = ["*"]
    User.objects.create_user("elena@pruebas.example", "tallan-2026-banano")
    client.post("/cuenta/password/reset/", {"email": "elena@pruebas.example"}, HTTP_HOST="malo.example")
    run_jobs()
    assert "https://sitio.pruebas.example/cuenta/password/reset/key/" in mailoutbox[0].body
    assert "malo.example" not in mailoutbox[0].body


def test_the_link_to_change_a_password_opens_the_form(client, run_jobs, mailoutbox, settings):
    User.objects.create_user("elena@pruebas.example", "tallan-2026-banano")
    client.post("/cuenta/password/reset/", {"email": "elena@pruebas.example"})
    run_jobs()
    link = next(line for line in mailoutbox[0].body.splitlines() if "/reset/key/" in line)
    assert "password1" in page(client.get(link.removeprefix(settings.SITE_URL), follow=True))


# The vocabulary of templates


@pytest.mark.parametrize("model", stateful_models(), ids=lambda model: model._meta.model_name)
def test_every_state_has_its_badge(model):
    assert sorted(str(state) for state in model.MOVES if str(state) not in BADGES[model._meta.model_name]) == []


def test_every_icon_named_exists_in_the_sprite(settings):
    drawn = set(re.findall(r'id="([^"]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
    named = {icon for looks in BADGES.values() for _, icon in looks.values()}
    named |= {section.icon for place in PLACES.values() for section in place.sections}
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r'(?:(?<!\.)icon|image=|icon_name=|badge "\w+") ?"([a-z0-9-]+)"', path.read_text()))
    assert named - drawn == set()


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ 1234.5|soles }}", "S/ 1,234.50"),
        ("{{ 1234567|number }}", "1,234,567"),
        ("{{ 61|pct:104 }}", "59 %"),
        ("{{ 5872025|filesize }}", "5.6 MB"),
        ("{{ day|dmy }}", "18/11/2026"),
        ("{{ day|due:today }}", "quedan 6 días"),
    ],
)
def test_figures_are_written_as_in_peru(source, shown):
    assert write(source, day=date(2026, 11, 18), today=date(2026, 11, 12)) == shown


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 11, 27), "queda 1 día hábil"),  # a Friday
        (date(2026, 11, 29), "queda 1 día hábil"),
        (date(2026, 11, 24), "quedan 4 días hábiles"),
        (date(2026, 11, 30), "vence hoy"),
        (date(2026, 12, 1), "venció hace 1 día hábil"),
        (date(2026, 12, 9), "venció hace 5 días hábiles"),  # the 8th and the 9th are holidays
    ],
)
def test_a_term_in_business_days_says_so(on, words):
    assert due_in_workdays(date(2026, 11, 30), on) == words


def test_a_term_that_ended_before_a_weekend_is_over_and_a_decreed_day_is_not_counted():
    assert due_in_workdays(date(2026, 11, 27), date(2026, 11, 28)) == "venció"
    decreed = frozenset({date(2026, 11, 26)})
    assert due_in_workdays(date(2026, 11, 30), date(2026, 11, 24), decreed) == "quedan 3 días hábiles"


def test_a_day_of_another_year_bears_it():
    assert (short_day(date(2026, 3, 2)), short_day(date(2025, 3, 2)), short_day(None)) == ("02/03", "02/03/2025", "")


def test_nobodys_turn_is_said_in_a_sentence():
    found = [write("{{ turn|turn_words }}", turn=party) for party in (Party.MONITOR, Party.STAFF, Party.NOBODY)]
    assert found == ["le toca al monitor", "le toca a PROMPERÚ", "no le toca a nadie"]


def test_a_bar_keeps_its_order_and_says_its_counts():
    html = write("{% bar total=100 ok=60 warn=5 %}")
    assert 'aria-label="60 aceptados, 5 observados"' in html
    assert html.index("f-ok") < html.index("f-warn")
    assert 'x="60.00%" width="5.00%"' in html


@time_machine.travel("2026-11-24 12:00-05:00")
def test_why_says_what_is_missing_who_owes_it_and_since_when():
    items = [Missing("Carta sin firma", Party.COMPANY, date(2026, 11, 18)), Missing("Admitida", done=True)]
    html = write('{% include "includes/why.html" with items=items %}', items=items)
    assert "Carta sin firma" in html and "La empresa" in html and "desde 18/11" in html
    assert html.count("Falta:") == 1 and html.count("Cumplido:") == 1


def test_a_sort_link_keeps_the_filters_and_turns_round(rf):
    request = rf.get("/?region=ica&orden=name&page=3")
    assert 'href="?region=ica&amp;orden=-name"' in write('{% sort "name" "Empresa" %}', request=request)


def test_filters_in_use_are_shown_by_name_and_can_be_taken_away(client, demo, db):
    html = page(client.get("/_/estilos/?region=11&q=paita&page=2"))
    assert '<a class="chip" href="?q=paita">Región: Ica' in html
    assert '<a class="chip" href="?region=11">Empresa o RUC: paita' in html
    assert '<option value="11" selected>Ica</option>' in html


def test_an_unknown_value_falls_back_to_a_plain_badge():
    obj = SimpleNamespace(state="other", _meta=SimpleNamespace(model_name="thing"))
    assert "t-mute" in write("{% state obj %}", obj=obj)


def test_a_filter_is_written_as_djangos_own_select_with_our_look():
    class Ask(forms.Form):
        place = forms.ChoiceField(choices=[("", "Todo"), ("a&b", "A & <B>"), ("c", mark_safe("<C>"))])

    html = write("{{ field|small_control }}", field=Ask({"place": "a&b"})["place"])
    assert html == (
        '<select class="form-select sm" id="id_place" name="place"><option value="">Todo</option>'
        '<option value="a&amp;b" selected>A &amp; &lt;B&gt;</option><option value="c"><C></option></select>'
    )


def test_an_icon_kept_for_the_next_page_does_not_make_a_text_safe():
    assert write("{% icon name %}", name=mark_safe("<i>")) != write("{% icon name %}", name="<i>")


def test_options_in_groups_are_written_in_their_groups():
    class Ask(forms.Form):
        place = forms.ChoiceField(choices=[("Costa", [("ica", "Ica"), ("lima", "Lima")]), ("x", "Otro")])

    html = str(Ask({"place": "lima"})["place"])
    assert '<optgroup label="Costa"><option value="ica">Ica</option><option value="lima" selected>Lima</option>' in html
    assert html.endswith('</optgroup><option value="x">Otro</option></select>')


def test_a_form_laid_out_by_its_helper_wears_our_look(rf):
    class Ordered(SampleForm):
        helper = FormHelper()
        helper.layout = Layout(
            Fieldset("Empresa", Row(Column("ruc"), Column("web")), PrependedText("phone", "+51")),
            Div(Field("verdict"), css_class="stack"),
            FormActions(Submit("save", "Guardar")),
        )

    request = rf.get("/")
    html = write("{% load crispy_forms_tags %}{% crispy form %}", form=Ordered(), request=request, csrf_token="x")
    assert "<legend>Empresa</legend>" in html
    assert '<div class="cols-2' in html
    assert '<label class="label" for="id_ruc">RUC</label>' in html
    assert "<span>+51</span>" in html
    assert 'class="btn btn-primary"' in html
    assert "None" not in html and "asteriskField" not in html
    assert html.count("<form") == 1 and 'name="csrfmiddlewaretoken"' in html


def test_an_address_that_only_acts_has_a_page_with_a_way_back(as_, alice, acme):
    address, came = reverse("empresa:invite", args=[acme.pk]), f"http://testserver/empresa/{acme.pk}/equipo/"
    answer = as_(alice).get(address, headers={"Referer": came})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="/empresa/{acme.pk}/equipo/"' in answer.text
    elsewhere = as_(alice).get(address, headers={"Referer": "https://otro.example/x"})
    assert ("otro.example" in elsewhere.text, 'href="/inicio/"' in elsewhere.text) == (False, True)


def test_a_pause_leads_back_to_the_form(db):
    request = RequestFactory().post(
        "/cuenta/login/?next=/panel/", headers={"Referer": "http://testserver/cuenta/login/"}
    )
    assert 'href="/cuenta/login/?next=/panel/"' in errors.too_many_requests(request, wait=5).text


def test_a_page_that_does_not_exist_offers_the_public_door_and_not_the_panels_sections(as_, stella):
    page = as_(stella).get("/panel/postulaciones/999999/").text
    assert "Organizaciones certificadas" in page and reverse("panel:applications") not in page


@pytest.mark.parametrize(
    ("party", "words"), [("el equipo auditor", "al equipo auditor"), ("la empresa", "a la empresa")]
)
def test_whose_turn_it_is_reads_as_spanish(party, words):
    assert toward(party) == words
