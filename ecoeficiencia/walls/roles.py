"""The roles of PostgreSQL: who owns the tables, and who serves what.

| role | signs in | is |
|---|---|---|
| eco_owner | `migrate`, commands of the operator | owns the tables; passes the walls by, as a data migration must |
| eco_app | the web | the doors of companies, monitors, auditors and the public; within its walls |
| eco_staff | never; the web takes it for PROMPERÚ's staff | all rows, no table of its own |
| eco_public | never; the web takes it for the catalogue | reads some columns of all companies |
| eco_worker | worker and beat | all rows, no table of its own |
| eco_backup | the backup | reads everything, writes nothing |
"""

from django.db import connection
from psycopg2 import sql

from .policies import APP, BACKUP, OWNER, PUBLIC, STAFF, WORKER

LIMITS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
ATTRIBUTES = {
    OWNER: "BYPASSRLS INHERIT",
    APP: "NOBYPASSRLS NOINHERIT",
    STAFF: "NOBYPASSRLS NOINHERIT NOLOGIN",
    PUBLIC: "NOBYPASSRLS NOINHERIT NOLOGIN",
    WORKER: "NOBYPASSRLS NOINHERIT",
    BACKUP: "BYPASSRLS INHERIT",
}
SIGNING_IN = (OWNER, APP, WORKER, BACKUP)


def missing(cursor):
    """The roles that do not exist yet."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ATTRIBUTES)])
    found = {name for (name,) in cursor.fetchall()}
    return [name for name in ATTRIBUTES if name not in found]


def sees_all(cursor):
    """Whether whoever signed in passes every wall by."""
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return cursor.fetchone()[0]


def sees_every_row():
    """Whether whoever signed in reads all rows: by passing the walls by, or as a worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0] in (WORKER, STAFF) or sees_all(cursor)


def is_superuser(cursor):
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    return cursor.fetchone()[0]


def owns_tables(cursor):
    """Whether whoever signed in could take a wall down."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user)")
    return cursor.fetchone()[0]


def create(cursor):
    """Make the roles that are missing, without a password. Two databases of one server may ask at the same time."""
    for name in missing(cursor):
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {name} {LIMITS} {ATTRIBUTES[name]}; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )


def arrange(cursor):
    """Give every role its attributes and its rights on this database; needs a superuser. Safe to run again."""
    create(cursor)
    cursor.execute("SELECT quote_ident(current_database())")
    (database,) = cursor.fetchone()
    for name, attributes in ATTRIBUTES.items():
        cursor.execute(f"ALTER ROLE {name} {LIMITS} {attributes}")
    cursor.execute(f"GRANT {STAFF}, {PUBLIC} TO {APP}")
    cursor.execute(f"GRANT pg_read_all_data TO {BACKUP}")
    cursor.execute(f"ALTER ROLE {BACKUP} SET default_transaction_read_only = on")
    cursor.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {', '.join(SIGNING_IN)}")
    cursor.execute(f"GRANT TEMPORARY ON DATABASE {database} TO {OWNER}")  # import_padron reads into a table of its own
    cursor.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}")
    _hand_over(cursor)


def _hand_over(cursor):
    """Make the owner's what another role made in this database before."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s OWNER TO %%I', c.oid::regclass, %s) FROM pg_class c "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND c.relowner <> %s::regrole UNION ALL "
        "SELECT format('ALTER FUNCTION %%s OWNER TO %%I', p.oid::regprocedure, %s) FROM pg_proc p "
        "WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> %s::regrole",
        [OWNER] * 4,
    )
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)


def sign_in(cursor, name, password):
    """Let the role sign in with this password."""
    cursor.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password)))
