"""No row points across companies, whatever code writes it; and the walls stand on both databases."""

import pytest
from django.db import IntegrityError, connection, transaction

from ecoeficiencia import walls
from ecoeficiencia.walls import boundaries, growing, install

RULES = {str(rule): rule for rule in boundaries.rules()}
MOVING = [entry.label for entry, _rules in boundaries.watched()]


def write(row, **values):
    """Change a row behind the back of every rule in the code."""
    type(row)._base_manager.filter(pk=row.pk)._update(
        [(row._meta.get_field(name), None, value) for name, value in values.items()]
    )


def copy_of(row, **values):
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    made = type(row)(**fields)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def insert(row):
    return type(row)._base_manager.bulk_create([row])


def test_a_table_that_is_forgotten_is_named(monkeypatch):
    known = walls.tables()
    del known["programs.Measure"]
    monkeypatch.setattr(walls, "tables", lambda: known)
    assert walls.undeclared() == [
        'programs.Measure leads to a company: add table("programs.Measure", "path__to__company", circles="worked") '
        "to programs/walls.py and a row to tests/walls/rows.py (see ecoeficiencia/walls/__init__.py)."
    ]


def test_every_pair_of_keys_that_lead_to_a_company_is_watched():
    """Found by walking the models, not by reading the list: two keys, one of them says whose the row is."""
    leading = {model._meta.label for model in walls.of_companies()}
    pairs = set()
    for model in walls.of_companies():
        keys = [f for f in model._meta.concrete_fields if f.is_relation and f.related_model._meta.label in leading]
        anchors = {f.name for f in walls.tables()[model._meta.label].anchors}
        pairs |= {f"{model._meta.label}.{f.name}" for f in keys if f.name not in anchors}
    assert pairs == {*RULES, "companies.Company.successor"}  # a merger points across, and is one
    assert {"audits.Audit.scope", "programs.Measure.site", "requirements_std.EvidenceLink.fulfilment"} <= pairs


def test_there_is_a_row_of_every_table_to_try_with(mine):
    assert sorted(set(walls.tables()) - set(mine)) == [], "add a row to tests/walls/rows.py"


@pytest.mark.parametrize("name", RULES)
def test_a_row_cannot_be_written_across(name, mine, theirs):
    rule = RULES[name]
    row, foreign = mine[rule.model._meta.label], theirs[rule.field.related_model._meta.label]
    with pytest.raises(IntegrityError, match="points across companies"), transaction.atomic():
        insert(copy_of(row, **{rule.field.attname: foreign.pk}))
    with pytest.raises(IntegrityError, match=r"points across companies|only grows"), transaction.atomic():
        write(row, **{rule.field.attname: foreign.pk})


@pytest.mark.parametrize("label", MOVING)
def test_a_row_cannot_move_to_another_company(label, mine, theirs):
    row = mine[label]
    for field in walls.tables()[label].anchors:
        if getattr(row, field.attname) is None:
            continue
        foreign = theirs[field.related_model._meta.label]
        with pytest.raises(IntegrityError, match=r"points across|moves to another|only grows"), transaction.atomic():
            write(row, **{field.attname: foreign.pk})


def test_what_stays_within_its_company_is_written(mine):
    """The same keys, pointing where they may: the walls refuse nothing else."""
    for rule in RULES.values():
        row, own = mine[rule.model._meta.label], mine[rule.field.related_model._meta.label]
        if rule.model in growing.sealed_models():
            continue  # written once, with the keys it has
        write(row, **{rule.field.attname: None if rule.field.null else own.pk})
        write(row, **{rule.field.attname: own.pk})


def test_the_walls_stand_as_this_release_writes_them(db):
    assert install.standing(connection) == install.wanted(connection.vendor)
    within = len(MOVING) + len({rule.model for rule in RULES.values()})
    assert len(install.wanted(connection.vendor)) == within + len(growing.triggers(connection.vendor))
