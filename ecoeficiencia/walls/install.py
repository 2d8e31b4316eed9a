"""Putting the walls up after every `migrate`, as the code of this release wants them.

SQLite drops a table's triggers whenever a migration makes the table again, and refuses to rename a table that a
trigger of another one names: there the walls come down before migrations run. On PostgreSQL they stay up meanwhile.
"""

import hashlib

from django.db import connections, transaction

from . import boundaries, growing, policies, roles, tables

PREFIX = "wall_"

MARK = "wall_enter(bigint, date)"  # its comment says which policies stand


def triggers(vendor):
    """{name: (table, statements)} of every wall: rows that stay with their company, tables that only grow."""
    return boundaries.triggers(vendor) | growing.triggers(vendor)


class NoRights(Exception):
    """Whoever migrates may not put the walls up."""


def before_migrations(using, plan, **kwargs):
    """Take the walls down on SQLite, when there is something to migrate."""
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in standing(connection):
                cursor.execute(f'DROP TRIGGER "{name}"')


def take_down(connection):
    """For emptying a demonstration or a test; the next `migrate` puts the walls up again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # else the tables still have checks to make, and are in use
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in standing(connection):
            on = f' ON "{_table_of(cursor, name)}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{on}')


def after_migrations(using, **kwargs):
    """Put up what is missing. A database that was migrated half way gets its walls with the rest."""
    connection = connections[using]
    if connection.vendor not in ("sqlite", "postgresql") or not faults(connection) or not is_whole(connection):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        _put_up(connection, cursor)
        if open_to_all(connection):
            _close(cursor)


def faults(connection):
    """What is missing or differs from what this release writes, by name."""
    pairs = standing(connection).items() ^ wanted(connection.vendor).items()
    return sorted({name for name, _text in pairs} | set(open_to_all(connection)))


def open_to_all(connection):
    """Tables of companies without row-level security or some policy; the mark, when policies are of another release."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, "
            "(SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) "
            "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
        )
        found = {name: (closed, count) for name, closed, count in cursor.fetchall()}
        cursor.execute(f"SELECT obj_description(to_regprocedure('{MARK}'), 'pg_proc')")
        marked = cursor.fetchone()[0] == policies.fingerprint()
    wrong = [name for name, count in policies.counts().items() if found.get(name) != (True, count)]
    return wrong if marked else [*wrong, MARK]


def wanted(vendor):
    """{trigger: its text, or a digest of it} as this release writes them."""
    texts = {name: "; ".join(statements) for name, (_table, statements) in triggers(vendor).items()}
    if vendor == "sqlite":
        return texts
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def standing(connection):
    """{trigger: its text, or the digest left in its comment} as they stand in the database and are switched on."""
    ask = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
        "postgresql": "SELECT tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger"
        " WHERE tgenabled <> 'D' AND tgname LIKE %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(ask, [PREFIX + "%"])
        return {name: text for name, text in cursor.fetchall() if name.startswith(PREFIX)}


def is_whole(connection):
    """Whether every column the walls look at is there."""
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor))
        for entry in tables().values():
            model = entry.model._meta
            if model.db_table not in names:
                return False
            found = {column.name for column in connection.introspection.get_table_description(cursor, model.db_table)}
            if not {field.column for field in model.concrete_fields if field.is_relation} <= found:
                return False
    return True


def _close(cursor):
    """Row-level security, its functions and the rights of every role."""
    if not roles.sees_all(cursor):
        raise NoRights("Whoever migrates must own the tables and have BYPASSRLS: run `manage.py create_roles` first.")
    roles.create(cursor)
    for statement in policies.script():
        cursor.execute(statement)
    cursor.execute(f"COMMENT ON FUNCTION {MARK} IS %s", [policies.fingerprint()])


def _put_up(connection, cursor):
    have, want = standing(connection), wanted(connection.vendor)
    made = triggers(connection.vendor)
    on = "" if connection.vendor == "sqlite" else ' ON "{table}"'
    for name in have.keys() - want.keys():
        cursor.execute(f'DROP TRIGGER "{name}"' + on.format(table=_table_of(cursor, name) if on else ""))
    for name in [name for name in want if have.get(name) != want[name]]:
        table, statements = made[name]
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"' + on.format(table=table))
        for statement in statements:
            cursor.execute(statement)
        if on:
            cursor.execute(f'COMMENT ON TRIGGER "{name}" ON "{table}" IS %s', [want[name]])


def _table_of(cursor, trigger):
    cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [trigger])
    return cursor.fetchone()[0].strip('"')
