"""Row-level security on PostgreSQL: what each role reads and writes of the tables that belong to companies.

When a request begins, `wall_enter` finds the rows the person reaches and leaves their ids in settings that end with
the transaction. Policies compare with them, or with the ids that follow from them through a function of its own, and
never look at a protected table themselves: that would ask its policy in turn.
"""

import hashlib

from . import ALL, TENANT, circles, kept_from_the_doors, tables, undeclared
from .boundaries import PREFIX

OWNER, APP, STAFF, WORKER, PUBLIC, BACKUP = (
    "eco_owner",
    "eco_app",
    "eco_staff",
    "eco_worker",
    "eco_public",
    "eco_backup",
)
SERVING = (APP, STAFF, WORKER, PUBLIC)
ME = "(SELECT nullif(current_setting('wall.user', true), '')::bigint)"
TOKEN = "(SELECT nullif(current_setting('wall.token', true), ''))"
TODAY = "(SELECT nullif(current_setting('wall.day', true), '')::date)"
DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"
# What the public catalogue reads of tables that lead to no company.
PUBLIC_READS = ("companies_district", "companies_activity")


def script():
    """Every statement, in order; running it again changes nothing."""
    return [*_functions(), *_grants(), *_policies()]


def fingerprint():
    return hashlib.sha256("\n".join(script()).encode()).hexdigest()


def ids(circle):
    """SQL for the ids of a circle, as an array."""
    return f"nullif(current_setting('wall.{circle}', true), '')::bigint[]"


# Functions


def _functions():
    yield _enter()
    yield _hold()
    yield from _opening()
    for name, body in sorted(_following().items()):
        yield _function(f"{name}()", "bigint[]", "STABLE", f"RETURN ARRAY({body});")


def _function(signature, returns, kind, body, declare="", security=DEFINER):
    return (
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE plpgsql {kind} {security} "
        f"AS $wall${declare}BEGIN {body} END$wall$"
    )


def _enter():
    """Whose request it is and on which day: the circles, from the narrowest, into settings of the transaction."""
    lines = ["PERFORM set_config('wall.user', me::text, true), set_config('wall.day', today::text, true);"]
    lines.append("IF me IS NULL THEN RETURN; END IF;")
    for found in circles().values():
        narrower = f"{ids(found.within)} || " if found.within else ""
        union = " UNION ".join(found.branches) or "SELECT NULL::bigint WHERE false"
        lines.append(f"PERFORM set_config('wall.{found.name}', ({narrower}ARRAY({union}))::text, true);")
    return _function("wall_enter(me bigint, today date)", "void", "VOLATILE", " ".join(lines))


def _hold():
    """Whoever holds an invitation's link reaches that company, as far as the widest circle goes."""
    body = (
        "PERFORM set_config('wall.token', held, true); "
        "SELECT company_id INTO found FROM companies_invitation WHERE token_hash = held AND accepted_at IS NULL; "
        f"PERFORM set_config('wall.known', (coalesce({ids('known')}, '{{}}') || found)::text, true) WHERE found > 0;"
    )
    return _function("wall_hold(held text)", "void", "VOLATILE", body, declare="DECLARE found bigint; ")


def _opening():
    """Who opens a company reaches it from that moment, before they are its first member."""
    names = [found.name for found in circles().values() if found.label == TENANT]
    grown = " ".join(
        f"PERFORM set_config('wall.{name}', (coalesce({ids(name)}, '{{}}') || NEW.id)::text, true);" for name in names
    )
    body = f"IF nullif(current_setting('wall.user', true), '') IS NOT NULL THEN {grown} END IF; RETURN NEW;"
    yield _function("wall_opened()", "trigger", "VOLATILE", body, security="")
    yield 'DROP TRIGGER IF EXISTS "open_companies_company" ON companies_company'
    yield (
        'CREATE TRIGGER "open_companies_company" BEFORE INSERT ON companies_company '
        "FOR EACH ROW EXECUTE FUNCTION wall_opened()"
    )


def _following():
    """{function: the SQL of the ids it returns}, for every parent through which a table is reached."""
    return dict(
        follow
        for entry in tables().values()
        if not entry.by_row
        for circle in entry.circles
        for path in entry.paths
        if (follow := _parent(entry.model, path, circle)[1])
    )


def _parent(model, path, circle):
    """(column, (function, SQL) or None): what a row of `model` is compared by to be in `circle` along `path`."""
    found = circles()[circle]
    if model._meta.label == found.label:
        return "id", None
    name, _, rest = path.partition("__")
    field = model._meta.get_field(name)
    target = field.related_model
    if target._meta.label == found.label:
        return field.column, None
    column, further = _parent(target, rest, circle)
    reached = f"({further[1]})" if further else f"SELECT unnest({ids(circle)})"
    sql = f'SELECT id FROM "{target._meta.db_table}" WHERE "{column}" IN ({reached})'
    return field.column, (f"{PREFIX}{circle}_{target._meta.db_table}", sql)


# Rights


def _grants():
    roles = ", ".join(SERVING)
    yield f"GRANT USAGE ON SCHEMA public TO {roles}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {roles}"
    for role in (APP, STAFF, WORKER):
        yield f"GRANT {', '.join(ALL)} ON ALL TABLES IN SCHEMA public TO {role}"
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {', '.join(ALL)} ON TABLES TO {role}"
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}"
        yield f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {PUBLIC}"
    for name in PUBLIC_READS:
        yield f"GRANT SELECT ON {name} TO {PUBLIC}"
    for label in kept_from_the_doors():
        yield f"REVOKE INSERT, UPDATE, DELETE ON {_table(label)} FROM {APP}"
    for entry in tables().values():
        yield from _rights(entry)
    yield "REVOKE ALL ON FUNCTION wall_enter(bigint, date), wall_hold(text) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION wall_enter(bigint, date), wall_hold(text) TO {APP}, {STAFF}"
    for name in sorted(_following()):
        yield f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {name}() TO {APP}"


def _rights(entry):
    name = entry.model._meta.db_table
    for role, may in ((APP, [act for act in entry.app if act in entry.all]), (STAFF, entry.all), (WORKER, entry.all)):
        if denied := [act for act in ALL if act not in may]:
            yield f'REVOKE {", ".join(denied)} ON "{name}" FROM {role}'
    if entry.public:
        columns = "" if entry.public == ("*",) else f" ({', '.join(entry.public)})"
        yield f'GRANT SELECT{columns} ON "{name}" TO {PUBLIC}'


def _table(label):
    from django.apps import apps

    app, name = label.split(".")
    return f'"{apps.get_app_config(app).get_model(name)._meta.db_table}"'


# Policies


def _policies():
    for entry in tables().values():
        yield from _policies_of(entry)
    for label in [sentence.partition(" ")[0] for sentence in undeclared()]:
        yield from _raise(_table(label))  # nobody said who reaches it: only staff and workers do


def counts():
    """{table: how many policies it has}."""
    return {
        entry.model._meta.db_table: sum(statement.startswith("CREATE POLICY") for statement in _policies_of(entry))
        for entry in tables().values()
    }


def _raise(name):
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS wall_whole ON {name}"
    yield f"CREATE POLICY wall_whole ON {name} TO {STAFF}, {WORKER} USING (true) WITH CHECK (true)"


def _policies_of(entry):
    name = f'"{entry.model._meta.db_table}"'
    yield from _raise(name)
    reads, writes = readable(entry), writable(entry)
    made = {
        "read": f"FOR SELECT TO {APP} USING ({reads})",
        "insert": f"FOR INSERT TO {APP} WITH CHECK ({writes})" if "INSERT" in entry.app else "",
        "update": f"FOR UPDATE TO {APP} USING ({writes}) WITH CHECK ({writes})" if "UPDATE" in entry.app else "",
        "delete": f"FOR DELETE TO {APP} USING ({writes})" if "DELETE" in entry.app else "",
        "public": f"FOR SELECT TO {PUBLIC} USING (true)" if entry.public else "",
    }
    for act, policy in made.items():
        yield f"DROP POLICY IF EXISTS wall_{act} ON {name}"
        if policy:
            yield f"CREATE POLICY wall_{act} ON {name} {policy}"


def writable(entry):
    """SQL: the row is in one of its circles, or written whatever they are."""
    found = [_in(entry, path, circle) for circle in entry.circles for path in entry.paths]
    return " OR ".join([*dict.fromkeys(found), *_also(entry.also_written)])


def readable(entry):
    """SQL: whatever is writable, and what is read besides."""
    return "true" if entry.also_read == "true" else " OR ".join([writable(entry), *_also(entry.also_read)])


def _also(sql):
    if not sql:
        return []
    known = {name: f"((SELECT {ids(name)})::bigint[])" for name in circles()}
    return [f"({sql.format(me=ME, today=TODAY, token=TOKEN, **known)})"]


def _in(entry, path, circle):
    if entry.by_row:
        field = entry.model._meta.get_field(path.partition("__")[0])
        parent, mine = field.related_model._meta.db_table, entry.model._meta.db_table
        return f'EXISTS (SELECT 1 FROM "{parent}" parent WHERE parent.id = "{mine}"."{field.column}")'
    column, follow = _parent(entry.model, path, circle)
    array = f"{follow[0]}()" if follow else ids(circle)
    return f'"{column}" = ANY((SELECT {array})::bigint[])'
