"""The product's addresses, and views that forgot every filter."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, JsonResponse
from django.urls import include, path

from companies.models import Company, Event, Site


@login_not_required
def who(request):
    """As whom the database is asked, and what that role could do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        role, *powers = cursor.fetchone()
    return JsonResponse({"role": role, "powers": powers})


def every(request):
    return JsonResponse({"names": list(Company.objects.values_list("legal_name", flat=True))})


def every_by_sql(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT legal_name FROM companies_company")
        return JsonResponse({"names": [name for (name,) in cursor.fetchall()]})


def rename_all(request):
    return JsonResponse({"count": Company.objects.update(trade_name="Mía")})


def delete_sites(request):
    return JsonResponse({"count": Site.objects.all().delete()[0]})


def add_site(request, company):
    district = Site.objects.first().district
    Site.objects.create(company_id=company, name="Ajena", street="Calle", number="1", district=district)
    return JsonResponse({})


def write_and_fail(request):
    Event.record(Company.objects.first(), by=request.user, verb="edit", note="a medias")
    raise Http404


urlpatterns = [
    path("quien/", who),
    path("todas/", every),
    path("todas-sql/", every_by_sql),
    path("renombrar/", rename_all),
    path("borrar/", delete_sites),
    path("agregar/<int:company>/", add_site),
    path("a-medias/", write_and_fail),
    path("", include("ecoeficiencia.urls")),
]
handler404 = "ecoeficiencia.errors.not_found"
