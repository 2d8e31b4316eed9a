"""Tables that only grow: no row is changed or removed, whoever asks. A model says so with `GROWS_ONLY = True`.

One whose rows are completed later names the fields that may still be written: `SEALED_BUT = ("pdf",)`.

Refused with IntegrityError, on both databases. install.py puts the triggers up with those of the boundaries.
"""

from django.apps import apps

PREFIX = "wall_grows_"
FUNCTION = (
    f"CREATE OR REPLACE FUNCTION {PREFIX}refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
    "RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END$$"
)


def growing_models():
    return [model for model in apps.get_models() if getattr(model, "GROWS_ONLY", False)]


def sealed_models():
    return [model for model in apps.get_models() if getattr(model, "SEALED_BUT", ())]


def triggers(vendor):
    """{name: (table, statements)} of all triggers, for `postgresql` or `sqlite`."""
    write = _postgresql if vendor == "postgresql" else _sqlite
    first = [FUNCTION] if vendor == "postgresql" else []
    made = {}
    for model in growing_models():
        table = model._meta.db_table
        for act, body in write(table).items():
            name = f"{PREFIX}{act}_{table}"
            made[name] = (table, [*first, f'CREATE TRIGGER "{name}" {body}'])
    for model in sealed_models():
        made |= _sealed(model, vendor, first)
    return made


def _sealed(model, vendor, first):
    """Triggers for a table of which only the columns of SEALED_BUT may be written again."""
    table = model._meta.db_table
    fixed = [field.column for field in model._meta.concrete_fields if field.name not in model.SEALED_BUT]
    act = "UPDATE OF " + ", ".join(f'"{column}"' for column in fixed)
    name, refuse = f"{PREFIX}seal_{table}", _refusal(table, vendor)
    if vendor == "postgresql":
        body = f'BEFORE {act} OR DELETE ON "{table}" FOR EACH ROW {refuse}'
        return {name: (table, [*first, f'CREATE TRIGGER "{name}" {body}'])}
    bodies = {name: f'BEFORE {act} ON "{table}" {refuse}', f"{name}_row": f'BEFORE DELETE ON "{table}" {refuse}'}
    return {one: (table, [f'CREATE TRIGGER "{one}" {body}']) for one, body in bodies.items()}


def _refusal(table, vendor):
    if vendor == "postgresql":
        return f"EXECUTE FUNCTION {PREFIX}refuse()"
    return f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"


def _postgresql(table):
    refuse = _refusal(table, "postgresql")
    return {
        "change": f'BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {refuse}',
        "empty": f'BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT {refuse}',
    }


def _sqlite(table):
    refuse = _refusal(table, "sqlite")
    twice = f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id) '
    return {
        "change": f'BEFORE UPDATE ON "{table}" {refuse}',
        "remove": f'BEFORE DELETE ON "{table}" {refuse}',
        # INSERT OR REPLACE removes a row without asking the trigger above.
        "replace": f'BEFORE INSERT ON "{table}" {twice}{refuse}',
    }
