"""The catalogue: loaded whole or not at all, and then never changed."""

import io
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from companies.models import Activity, ConsentText, District
from ecoeficiencia.models import NonWorkingDay
from requirements_std.catalogue import Catalogue, Refused
from requirements_std.models import Aspect, Condition, Requirement, Standard, StandardVersion
from requirements_std.models.standard import Frozen
from tests.factories import StandardVersionFactory

SOURCE = (Path(settings.BASE_DIR) / "requirements_std" / "data" / "standard.yaml").read_text(encoding="utf-8")


@pytest.fixture
def data():
    return yaml.safe_load(SOURCE)


def problems(data):
    return [str(problem) for problem in Catalogue(yaml.safe_dump(data, allow_unicode=True)).check()]


def run(*args):
    out = io.StringIO()
    call_command("load_standard", *args, stdout=out)
    return out.getvalue()


def test_the_catalogue_is_loaded_published_and_loaded_once(db):
    assert "8 aspectos y 112 requisitos" in run()
    assert "no hay nada que hacer" in run()
    version = StandardVersion.objects.get()
    assert (version.is_frozen, version.is_official) == (True, False)
    assert "Catálogo de trabajo" in version.disclaimer
    assert (Aspect.objects.count(), Requirement.objects.count(), Condition.objects.count()) == (8, 112, 18)
    first = Requirement.objects.get(code="GE-01")
    assert (first.number, first.workshops, first.condition) == (1, [1], None)
    assert first.text_hash == Requirement.hash_of(first.text)


def test_another_content_under_the_same_edition_is_refused(db, data, tmp_path):
    run()
    data["aspects"][0]["requirements"][0]["title"] = "Otro título"
    changed = tmp_path / "otro.yaml"
    changed.write_text(yaml.safe_dump(data, allow_unicode=True))
    with pytest.raises(CommandError, match=r"otro\.yaml · meta · edition: .* Cambie la edición"):
        run(str(changed))
    data["meta"]["edition"] = "propuesta de trabajo 0.2"
    changed.write_text(yaml.safe_dump(data, allow_unicode=True))
    assert "112 requisitos" in run(str(changed))
    assert StandardVersion.objects.count() == 2


def first_of(data):
    return data["aspects"][0]["requirements"][0]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "GE-02", "requisito GE-02 · code: está repetido"),
        ("code", "GE1", "GE1 · code: debe ser GE-NN, como su aspecto"),
        ("number", "1.2", "requisito 1.2 · number: está repetido"),
        ("number", "4.1", "GE-01 · number: «4.1» no es del aspecto 1"),
        ("title", "  ", "GE-01 · title: está vacío"),
        ("text", None, "GE-01 · text: está vacío"),
        ("title", "x" * 201, "GE-01 · title: pasa de 200 caracteres"),
        ("criticality", "leve", "GE-01 · criticality: «leve» no está en la lista del catálogo"),
        ("criticality", ["mayor"], "GE-01 · criticality: «['mayor']» no está en la lista del catálogo"),
        ("level", "planta", "GE-01 · level: «planta» no está en la lista del catálogo"),
        ("applicability", "tiene_minas", "GE-01 · applicability: «tiene_minas» no está en la lista del catálogo"),
        ("workshop", 12, "GE-01 · workshop: «12» no está en la lista del catálogo"),
        ("verification", ["olfato"], "GE-01 · verification: «olfato» no está en la lista del catálogo"),
        ("verification", [], "GE-01 · verification: está vacío"),
        ("evidence", ["Acta", ""], "GE-01 · evidence: debe ser una lista de textos, ninguno vacío"),
        ("kpis", ["NADA"], "GE-01 · kpis: «NADA» no está en la lista del catálogo"),
    ],
)
def test_a_wrong_row_is_named_with_its_field(data, field, value, sentence):
    first_of(data)[field] = value
    assert sentence in problems(data)


def test_counts_that_disagree_are_named(data):
    data["aspects"][7]["requirements"].pop()
    found = problems(data)
    assert "meta · requirement_count: dice 112 y hay 111" in found
    assert problems({"aspects": "x"})[:1] == ["meta · name: está vacío"]


def test_a_file_that_is_not_yaml_is_refused_with_its_line():
    with pytest.raises(Refused, match="línea 3 · YAML: no se puede leer"):
        Catalogue("meta:\n  a: [\nb")


def test_nothing_is_written_when_one_row_is_wrong(db, data, tmp_path):
    first_of(data)["level"] = "planta"
    wrong = tmp_path / "mal.yaml"
    wrong.write_text(yaml.safe_dump(data, allow_unicode=True))
    with pytest.raises(CommandError, match="No se cargó nada"):
        run(str(wrong))
    assert (Standard.objects.count(), Requirement.objects.count()) == (0, 0)


def test_an_unreadable_file_is_refused_in_a_sentence(db, tmp_path):
    (tmp_path / "utf16.yaml").write_bytes("meta: ñ".encode("utf-16"))
    for name in ("utf16.yaml", "no-existe.yaml"):
        with pytest.raises(CommandError, match="No se pudo leer"):
            run(str(tmp_path / name))


def test_a_published_version_does_not_change_by_any_way(db):
    version = StandardVersionFactory()
    requirement, aspect = version.requirements.first(), version.aspects.first()
    requirement.text = "Otro"
    stale = StandardVersion(pk=version.pk, standard=version.standard, edition="x")
    for change in (
        requirement.save,
        requirement.delete,
        stale.save,
        version.delete,
        lambda: version.requirements.update(text="Otro"),
        lambda: version.requirements.all().delete(),
        lambda: Requirement.objects.bulk_update([requirement], ["text"]),
        lambda: Aspect.objects.bulk_create([Aspect(version=version, code="ZZ", name="Z", position=9)]),
        lambda: Aspect(version=stale, code="ZZ", name="Z", position=9).save(),
        lambda: StandardVersion.objects.filter(pk=version.pk).update(disclaimer=""),
        lambda: version.publish("0" * 64),
    ):
        with pytest.raises(Frozen), transaction.atomic():
            change()
    draft = StandardVersion.objects.create(standard=version.standard, edition="borrador")
    aspect.version = draft
    with pytest.raises(Frozen):
        aspect.save()


def test_reference_data_is_loaded_as_often_as_one_likes(db):
    for _time in range(2):
        call_command("load_reference", stdout=io.StringIO())
    counts = District.objects.count(), Activity.objects.count(), NonWorkingDay.objects.count()
    assert counts == (1891, 419, 3)
    assert ConsentText.current().number == 1
    assert "29733" in ConsentText.current().text
    assert str(District.objects.get(pk="150101")) == "Lima, Lima, Lima"
