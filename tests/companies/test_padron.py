"""SUNAT's padrón reducido: loaded whole or not at all, with what is wrong told by its line."""

import io
import os
import tracemalloc
import zipfile
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from companies import padron, registers
from companies.models import Padron, Taxpayer
from tests.factories import ruc

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 11, 1)


def line(n, name="COMPAÑÍA DE PRUEBA S.A.C.", state="ACTIVO", condition="HABIDO", number=None):
    return f"{number or ruc(n)}|{name}|{state}|{condition}|110101|AV.|LOS ROBLES|-|-|120|-|-|-|-|-|"


def write(tmp_path, *lines, encoding="latin-1", name="padron.txt"):
    path = tmp_path / name
    path.write_bytes("\n".join(lines).encode(encoding) + b"\n")
    return path


def load(path, **options):
    return padron.load(path, as_of=AS_OF, **options)


def rows():
    return list(Taxpayer.objects.order_by("ruc").values_list("ruc", "name", "state", "condition"))


def test_a_padron_is_loaded_with_its_source_and_day(tmp_path):
    titles = "RUC|NOMBRE O RAZÓN SOCIAL|ESTADO|CONDICIÓN|UBIGEO|" + "X|" * 10
    path = write(tmp_path, titles, line(1), line(2, state="BAJA DE OFICIO", condition="NO HABIDO"), "")
    loaded = load(path)
    assert (loaded.taxpayers, loaded.filename, loaded.as_of, loaded.left_out) == (2, "padron.txt", AS_OF, 0)
    assert rows() == [
        (ruc(1), "COMPAÑÍA DE PRUEBA S.A.C.", "ACTIVO", "HABIDO"),
        (ruc(2), "COMPAÑÍA DE PRUEBA S.A.C.", "BAJA DE OFICIO", "NO HABIDO"),
    ]


def test_the_next_padron_takes_the_place_of_the_former(tmp_path):
    load(write(tmp_path, line(1), line(2)))
    load(write(tmp_path, line(2, state="SUSPENSION TEMPORAL"), line(3)))
    assert [(r, state) for r, _n, state, _c in rows()] == [(ruc(2), "SUSPENSION TEMPORAL"), (ruc(3), "ACTIVO")]


def test_every_broken_line_is_named_and_nothing_changes(tmp_path):
    load(write(tmp_path, line(1)))
    before = rows()
    wrong = ruc(5)[:10] + str((int(ruc(5)[10]) + 1) % 10)
    path = write(
        tmp_path, line(2), "20999|X|ACTIVO|HABIDO", line(3, number="2099900000A"), line(4, number=wrong),
        line(6, name="-"),
        line(7, name="N" * 300), line(8, name="A\x01B"), line(9),
    )  # fmt: skip
    with pytest.raises(padron.Refused) as refusal:
        load(path)
    assert refusal.value.problems == [
        "Línea 2: tiene 4 columnas y debe tener 15.",
        "Línea 3: «2099900000A» no es un RUC de 11 dígitos.",
        f"Línea 4: el dígito de control del RUC {wrong} no corresponde.",
        "Línea 5: le falta el nombre, el estado o la condición.",
        "Línea 6: un dato es más largo de lo que el padrón admite.",
        "Línea 7: lleva caracteres que no son de texto ISO-8859-1.",
    ]
    assert rows() == before
    assert Padron.objects.count() == 1


def test_a_few_broken_lines_may_be_left_out_and_are_kept_on_record(tmp_path):
    loaded = load(write(tmp_path, line(1), "rota", line(2)), tolerate=1)
    assert (loaded.taxpayers, loaded.left_out) == (2, 1)
    assert loaded.problems == ["Línea 2: tiene 1 columnas y debe tener 15."]


def test_another_encoding_is_told_by_line(tmp_path):
    with pytest.raises(padron.Refused) as refusal:
        load(write(tmp_path, line(1, name="LLANA SA"), line(2), encoding="utf-8"))
    assert refusal.value.problems == ["Línea 2: está en UTF-8 y el padrón viene en ISO-8859-1."]
    with pytest.raises(padron.Refused, match="caracteres"):
        load(write(tmp_path, line(1), line(2), encoding="utf-16"))


def test_a_ruc_twice_is_told_with_both_lines(tmp_path):
    path = write(tmp_path, line(1), line(2), line(1), line(1))
    with pytest.raises(padron.Refused) as refusal:
        load(path)
    assert refusal.value.problems == [
        f"Línea 3: el RUC {ruc(1)} ya está en la línea 1.",
        f"Línea 4: el RUC {ruc(1)} ya está en la línea 1.",
    ]
    assert rows() == []
    assert load(path, tolerate=2).taxpayers == 2


def test_a_file_without_lines_does_not_fill_memory(tmp_path):
    path = tmp_path / "padron.txt"
    path.write_bytes(b"9" * 20_000_000 + b"\n" + line(1).encode("latin-1"))
    tracemalloc.start()
    with pytest.raises(padron.Refused) as refusal:
        load(path)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.problems == ["Línea 1: es demasiado larga; el archivo no parece el padrón."]
    assert peak < 10_000_000


def test_memory_does_not_grow_with_the_lines(tmp_path):
    def peak(count):
        path = write(tmp_path, *(line(n) for n in range(1, count)))
        tracemalloc.start()
        load(path)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(10)
    small, large = peak(8_000), peak(24_000)
    assert large < small * 1.3


def test_the_zip_of_sunat_is_read_without_unpacking_it(tmp_path):
    path = tmp_path / "padron_reducido_ruc.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("padron_reducido_ruc.txt", line(1).encode("latin-1"))
    assert load(path).taxpayers == 1
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("otro.txt", b"")
    with pytest.raises(padron.Refused, match="lleva 2"):
        load(path)


def test_only_the_prefix_asked_for_is_kept(tmp_path):
    natural = "10054148289"
    load(write(tmp_path, line(1), line(2, number=natural)), prefix="20")
    assert [r[0] for r in rows()] == [ruc(1)]


def test_an_older_padron_does_not_replace_a_newer_one(tmp_path):
    load(write(tmp_path, line(1)))
    with pytest.raises(padron.Refused, match="más reciente: del 01/11/2026"):
        padron.load(write(tmp_path, line(2)), as_of=date(2026, 10, 1))


def test_a_file_of_titles_only_is_refused(tmp_path):
    load(write(tmp_path, line(1)))
    with pytest.raises(padron.Refused, match="ningún contribuyente"):
        load(write(tmp_path, ""))
    assert len(rows()) == 1


def test_the_command_reports_and_leaves_things_as_they_were(tmp_path):
    said = io.StringIO()
    path = write(tmp_path, line(1))
    os.utime(path, (1_793_000_000, 1_793_000_000))  # 25/10/2026
    call_command("import_padron", path, stdout=said)
    assert said.getvalue() == "1 contribuyentes al 26/10/2026; 0 líneas fuera.\n"
    with pytest.raises(CommandError, match=r"Línea 1: tiene 1 columnas.*\nNo se cambió nada: 1 problemas"):
        call_command("import_padron", write(tmp_path, "rota"), date="2026-11-02", stdout=said)
    with pytest.raises(CommandError, match="No existe el archivo"):
        call_command("import_padron", tmp_path / "nada.txt", stdout=said)
    assert len(rows()) == 1


def test_the_standing_of_a_ruc_names_its_source(tmp_path):
    assert registers.taxpayer_standing(ruc(1)) is None
    load(write(tmp_path, line(1)))
    listed, unlisted = registers.taxpayer_standing(ruc(1)), registers.taxpayer_standing(ruc(2))
    assert (listed.words, listed.source) == ("ACTIVO, HABIDO", "Padrón reducido de SUNAT 01/11/2026")
    assert (unlisted.found["ruc_state"], unlisted.words) == ("NO FIGURA", "El RUC no figura en el padrón.")
