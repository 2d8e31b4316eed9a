import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.catalogue import shade, shapes
from audits.models import Certificate
from tests import factories as f

pytestmark = pytest.mark.django_db
URL = "/catalogo/"


def certified(name, department="Ica", activity="1030", section="C", edition=None, products="Frutas", **more):
    company = f.CompanyFactory(
        legal_name=name, products=products, activity=f.ActivityFactory(code=activity, section=section, name=name)
    )
    code = str(sum(map(ord, department)))[:6].rjust(6, "0")
    district = f.DistrictFactory(code=code, department=department, province=department, name=department)
    site = f.SiteFactory(company=company, district=district)
    participation = f.ParticipationFactory(company=company, edition=edition or f.EditionFactory(), state="certified")
    scope = f.ScopeFactory(assessment=participation.assessment)
    scope.sites.add(site)
    audit = f.ExternalAuditFactory(participation=participation, scope=scope, state="confirmed")
    return f.CertificateFactory(decision__audit=audit, **more)


@pytest.fixture
def three(db):
    return [
        certified("Tejidos Ñandú S.A.C.", "Arequipa", "1430", products="Chompas de alpaca"),
        certified("Conservas Bahía S.A.", "Áncash", "1020", products="Conservas de caballa"),
        certified("Cerámica Vicús S.A.C.", "Piura", "2393", products="Cerámica utilitaria", state="suspended"),
    ]


def names(response):
    return [card["company"] for card in response.context["cards"]]


def test_the_catalogue_shows_those_in_force_and_those_suspended(client, three):
    certified("Retirada S.A.", state="withdrawn")
    certified("Reemplazada S.A.", state="replaced")
    today = timezone.localdate()
    certified("Vencida S.A.", valid_from=today.replace(year=2020), valid_until=today.replace(year=2022))
    response = client.get(URL)
    assert names(response) == ["Cerámica Vicús S.A.C.", "Conservas Bahía S.A.", "Tejidos Ñandú S.A.C."]
    assert response.context["in_force"] == 2
    assert names(client.get(URL, {"estado": "withdrawn"})) == ["Retirada S.A."]
    assert names(client.get(URL, {"estado": "expired"})) == ["Vencida S.A."]
    assert names(client.get(URL, {"estado": "suspended"})) == ["Cerámica Vicús S.A.C."]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "nandu"}, ["Tejidos Ñandú S.A.C."]),
        ({"q": "CERAMICA vicus"}, ["Cerámica Vicús S.A.C."]),
        ({"q": "alpaca"}, ["Tejidos Ñandú S.A.C."]),
        ({"q": "nadie"}, []),
        ({"departamento": "ancash"}, ["Conservas Bahía S.A."]),
        ({"departamento": "piura", "sector": "23"}, ["Cerámica Vicús S.A.C."]),
        ({"departamento": "piura", "sector": "10"}, []),
        ({"sector": "14"}, ["Tejidos Ñandú S.A.C."]),
    ],
)
def test_the_filters(client, three, query, found):
    assert names(client.get(URL, query)) == found


def test_nonsense_in_the_address_is_not_an_error(client, three):
    for query in (
        {"departamento": "marte"},
        {"sector": "zz"},
        {"estado": "x"},
        {"page": "ñ"},
        {"q": "'; --"},
        {"q": "\x00"},
    ):
        assert client.get(URL, query).status_code == 200


def test_a_ruc_is_found(client, three):
    assert names(client.get(URL, {"q": three[1].company.ruc})) == ["Conservas Bahía S.A."]


def test_the_map_counts_under_the_other_filters_and_links_to_each_department(client, three):
    rows = {row["name"]: row for row in client.get(URL, {"q": "s.a", "departamento": "piura"}).context["map"]}
    assert {name: row["count"] for name, row in rows.items() if row["count"]} == {
        "Arequipa": 1,
        "Áncash": 1,
        "Piura": 1,
    }
    assert rows["Piura"]["chosen"] is True
    assert rows["Áncash"]["url"] == "?q=s.a&departamento=ancash"


def test_every_department_of_the_drawing_has_a_place_for_its_number():
    assert len(shapes()) == 25
    assert all(0 < x < 507 and 0 < y < 733 for _name, _outline, x, y in shapes())
    assert [shade(n) for n in (0, 1, 2, 3, 5, 7, 8, 40)] == [0, 1, 1, 2, 3, 3, 4, 4]


def test_an_empty_catalogue_says_so(client):
    assert "Todavía no hay organizaciones certificadas." in client.get(URL).content.decode()
    assert client.get(URL + "datos.json").json() == {"total": 0, "organizaciones": []}


def test_no_match_is_not_an_empty_catalogue(client, three):
    assert "Ninguna organización coincide con los filtros." in client.get(URL, {"q": "nadie"}).content.decode()


def test_the_public_card_has_a_stable_address(client, three):
    certificate = three[0]
    url = reverse("public:certified", args=[certificate.slug])
    assert url == f"/catalogo/{certificate.company_id}-tejidos-nandu-sac/"
    text = client.get(url).content.decode()
    assert "Tejidos Ñandú S.A.C." in text and certificate.number in text and "Chompas de alpaca" in text
    assert certificate.code not in text
    other = client.get(f"/catalogo/{certificate.company_id}-nombre-viejo/")
    assert (other.status_code, other.url) == (301, url)


def test_a_company_without_certificate_has_no_card(client, acme, three):
    for slug in (f"{acme.pk}-acme", "nada", "999999", "99999999999999999999999"):
        assert client.get(f"/catalogo/{slug}/").status_code == 404


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(client, three):
    certified("=1+1 S.A.", products="@SUM(A1)")
    response = client.get(URL + "datos.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["organizacion"] for row in rows] == [
        "'=1+1 S.A.", "Cerámica Vicús S.A.C.", "Conservas Bahía S.A.", "Tejidos Ñandú S.A.C.",
    ]  # fmt: skip
    assert rows[0]["productos"] == "'@SUM(A1)"


def test_the_json_follows_the_filters(client, three):
    data = client.get(URL + "datos.json", {"departamento": "piura"}).json()
    assert (data["total"], data["organizaciones"][0]["estado"]) == (1, "Suspendido")
    assert data["organizaciones"][0]["departamentos"] == "Piura"


def test_pages_hold_twenty_four_and_ask_the_same_for_few_and_many(client, three):
    edition, counts = f.EditionFactory(), []
    for wanted in (3, 26):
        while Certificate.objects.count() < wanted:
            certified(f"Empresa {Certificate.objects.count()}", edition=edition)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert (len(names(response)), len(names(client.get(URL, {"page": 2})))) == (24, 2)


def test_a_company_in_two_departments_is_one_certificate_in_both(client, three):
    certificate = three[0]
    district = f.DistrictFactory(code="999999", department="Cusco", province="Cusco", name="Cusco")
    certificate.scope.sites.add(f.SiteFactory(company=certificate.company, district=district))
    counts = {row["name"]: row["count"] for row in client.get(URL).context["map"] if row["count"]}
    assert counts == {"Arequipa": 1, "Cusco": 1, "Áncash": 1, "Piura": 1}
    assert len(names(client.get(URL))) == 3
