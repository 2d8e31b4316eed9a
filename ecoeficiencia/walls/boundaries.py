"""No row points across companies: of every two foreign keys that lead to a company, both lead to the same one.

And no row moves from one company to another, so that what agreed once agrees for ever. On PostgreSQL these are
triggers whose function sees all rows; on SQLite plain triggers. Both refuse with IntegrityError.
"""

from dataclasses import dataclass

from django.db.models import Field

from . import TENANT, tables

PREFIX = "wall_"


@dataclass(frozen=True)
class Rule:
    """`field` of `model`, when it is filled in, leads to the company of its row."""

    model: type
    field: Field

    def __str__(self):
        return f"{self.model._meta.label}.{self.field.name}"


def rules():
    """Every pair to watch: the fields that lead to a company beside the one that says whose the row is.

    A company points to the one that took it over: that is what a merger is.
    """
    known = tables()
    found = []
    for entry in [entry for entry in known.values() if entry.label != TENANT]:
        anchors = entry.anchors
        found += [
            Rule(entry.model, field)
            for field in entry.model._meta.concrete_fields
            if field.is_relation and field not in anchors and field.related_model._meta.label in known
        ]
    return found


def company_of(model, path, row):
    """SQL for the company that `path` leads to from the row called `row` of `model`; NULL when it leads nowhere."""
    name, _, rest = path.partition("__")
    field = model._meta.get_field(name) if name else model._meta.pk
    if not rest:
        return f'{row}."{field.column}"'
    target, alias = field.related_model, f"{row.lower()}_{name}"
    found = company_of(target, rest, alias)
    return f'(SELECT {found} FROM "{target._meta.db_table}" {alias} WHERE {alias}."id" = {row}."{field.column}")'


def owner(entry, row):
    """SQL for the company a row of the table belongs to."""
    return _first(company_of(entry.model, path, row) for path in entry.paths)


def pointed_at(rule, row):
    """SQL for the company that the rule's field leads to."""
    name, further = rule.field.name, tables()[rule.field.related_model._meta.label].paths
    return _first(company_of(rule.model, f"{name}__{path}" if path else name, row) for path in further)


def _first(found):
    found = list(found)
    return found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"


def watched():
    """(entry, its rules) for every table that can point across or move; Company itself can do neither."""
    by_model = {}
    for rule in rules():
        by_model.setdefault(rule.model, []).append(rule)
    return [(entry, by_model.get(entry.model, [])) for entry in tables().values() if entry.label != TENANT]


def triggers(vendor):
    """{name: (table, statements)} of all triggers, for `postgresql` or `sqlite`."""
    write = _postgresql if vendor == "postgresql" else _sqlite
    made = {}
    for entry, mine in watched():
        table = entry.model._meta.db_table
        made |= {f"{PREFIX}{act}_{table}": (table, statements) for act, statements in write(entry, mine).items()}
    return made


def _columns(entry, mine):
    return [field.column for field in dict.fromkeys([*entry.anchors, *(rule.field for rule in mine)])]


def _crosses(rule):
    return f"{rule} points across companies"


def _moves(entry):
    return f"{entry.label} moves to another company"


def _trigger(entry, mine, act, when, body):
    """The statement that makes the trigger of one act, `insert` or `update`."""
    table = entry.model._meta.db_table
    listed = ", ".join(f'"{column}"' for column in _columns(entry, mine))
    on = "BEFORE INSERT" if act == "insert" else f"BEFORE UPDATE OF {listed}"
    return f'CREATE TRIGGER "{PREFIX}{act}_{table}" {on} ON "{table}" {when}{body}'


def _changed(entry, mine, differ):
    return " OR ".join(f'OLD."{column}" {differ} NEW."{column}"' for column in _columns(entry, mine))


def _sqlite(entry, mine):
    agree = "".join(
        f"SELECT RAISE(ABORT, '{_crosses(rule)}') WHERE NEW.\"{rule.field.column}\" IS NOT NULL"
        f" AND {owner(entry, 'NEW')} IS NOT {pointed_at(rule, 'NEW')}; "
        for rule in mine
    )
    stay = (
        f"SELECT RAISE(ABORT, '{_moves(entry)}') WHERE {owner(entry, 'OLD')} IS NOT NULL"
        f" AND {owner(entry, 'OLD')} IS NOT {owner(entry, 'NEW')}; "
    )
    when = f"WHEN {_changed(entry, mine, 'IS NOT')} "
    made = {"update": [_trigger(entry, mine, "update", when, f"BEGIN {agree}{stay}END")]}
    if mine:
        made["insert"] = [_trigger(entry, mine, "insert", "", f"BEGIN {agree}END")]
    return made


def _postgresql(entry, mine):
    run = f'EXECUTE FUNCTION "{PREFIX}{entry.model._meta.db_table}"()'
    when = f"FOR EACH ROW WHEN ({_changed(entry, mine, 'IS DISTINCT FROM')}) "
    made = {"update": [_function(entry, mine), _trigger(entry, mine, "update", when, run)]}
    if mine:
        made["insert"] = [_trigger(entry, mine, "insert", "FOR EACH ROW ", run)]
    return made


def _function(entry, mine):
    """The function of both triggers. It sees what its caller may not: a foreign row must not pass for a missing one."""
    refuse = "RAISE EXCEPTION '{}' USING ERRCODE = 'check_violation'; END IF; "
    agree = "".join(
        f'IF NEW."{rule.field.column}" IS NOT NULL AND mine IS DISTINCT FROM {pointed_at(rule, "NEW")} THEN '
        + refuse.format(_crosses(rule))
        for rule in mine
    )
    return (
        f'CREATE OR REPLACE FUNCTION "{PREFIX}{entry.model._meta.db_table}"() RETURNS trigger LANGUAGE plpgsql '
        f"SECURITY DEFINER SET search_path = public, pg_temp AS $wall$"
        f"DECLARE mine bigint := {owner(entry, 'NEW')}; former bigint; BEGIN {agree}"
        f"IF TG_OP = 'UPDATE' THEN former := {owner(entry, 'OLD')}; "
        f"IF former IS NOT NULL AND former IS DISTINCT FROM mine THEN {refuse.format(_moves(entry))}END IF; "
        f"RETURN NEW; END$wall$"
    )
