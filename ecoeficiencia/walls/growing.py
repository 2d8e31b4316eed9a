"""Tables that only grow: no row is changed or removed, whoever asks. A model says so with `GROWS_ONLY = True`.

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
    return made


def _postgresql(table):
    refuse = f"EXECUTE FUNCTION {PREFIX}refuse()"
    return {
        "change": f'BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {refuse}',
        "empty": f'BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT {refuse}',
    }


def _sqlite(table):
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    twice = f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id) '
    return {
        "change": f'BEFORE UPDATE ON "{table}" {refuse}',
        "remove": f'BEFORE DELETE ON "{table}" {refuse}',
        # INSERT OR REPLACE removes a row without asking the trigger above.
        "replace": f'BEFORE INSERT ON "{table}" {twice}{refuse}',
    }
