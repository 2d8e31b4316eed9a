"""In Django's admin a published version is read and nothing else."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.test import RequestFactory

from companies.models import User
from requirements_std.models import Requirement, Standard, StandardVersion


def request_of_an_administrator():
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("raiz@pruebas.example", "clave-larga-1")
    return request


def test_a_published_version_and_its_parts_are_only_read(assessment):
    request, version = request_of_an_administrator(), assessment.standard_version
    draft = StandardVersion.objects.create(standard=Standard.objects.get(), edition="borrador")
    pages = admin.site.get_model_admin(StandardVersion), admin.site.get_model_admin(Requirement)
    assert [page.has_change_permission(request, obj) for page, obj in zip(
        pages, (version, version.requirements.first()), strict=True
    )] == [False, False]  # fmt: skip
    assert pages[0].has_change_permission(request, draft)
    assert not any(page.has_delete_permission(request) for page in pages)
    assert list(pages[1].formfield_for_foreignkey(Requirement._meta.get_field("version"), request).queryset) == [draft]


def test_the_progress_of_each_aspect_is_shown_with_its_figures(assessment):
    page = render_to_string("includes/progress.html", {"assessment": assessment})
    assert "0 de 3 requisitos aceptados" in page
    assert [name in page for name in ("Gestión", "Agua")] == [True, True]
