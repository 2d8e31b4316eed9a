"""As whom the database is asked. Roles and settings last to the end of the transaction, never longer.

On SQLite there are no roles: nothing here does anything.
"""

from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone

from . import circles
from .policies import APP, PUBLIC, STAFF, WORKER


def has_roles():
    return connection.vendor == "postgresql"


def is_serving():
    return bool(_role())


def serving(user):
    """A transaction in which the database shows what `user` reaches today; `user` may be anonymous."""
    role = STAFF if _is_staff(user) else APP
    enter = "SELECT set_config('role', %s, true), wall_enter(%s, %s)"
    return _acting(role, enter, [role, user.pk, timezone.localdate()], leave=_forget)


def _is_staff(user):
    return user.is_authenticated and (user.is_programme_staff or (user.is_active and user.is_staff))


@contextmanager
def in_full():
    """For rules that ask whether something is absent (a conflict of interest, a RUC on record): they must see all.

    What is hidden would count as absent. Only within a request of a door; whoever else signed in sees all already.
    """
    with _instead(STAFF):
        yield


@contextmanager
def as_public():
    """For the public catalogue and figures: the columns they show, of every company."""
    with _instead(PUBLIC):
        yield


@contextmanager
def as_worker():
    """The rest of a job's transaction, with the rights of workers and no others."""
    if not has_roles():
        yield
        return
    with _acting(WORKER, TAKE_ROLE, [WORKER], leave=lambda: _run(TAKE_ROLE, ["none"])):
        yield


def hold(token_hash):
    """Let this request reach the company that an invitation's link opens."""
    if _role() == APP:
        _run("SELECT wall_hold(%s)", [token_hash])


IN_ERROR = 3  # PQTRANS_INERROR of libpq
TAKE_ROLE = "SELECT set_config('role', %s, true)"


@contextmanager
def _instead(role):
    if _role() != APP:
        yield
        return
    with _acting(role, TAKE_ROLE, [role], leave=lambda: _run(TAKE_ROLE, [APP])):
        yield


@contextmanager
def _acting(role, enter, values, leave):
    """Act as `role` in a transaction of its own, or in a savepoint: what fails gives the former role back."""
    nested, former = connection.in_atomic_block, _role()
    with transaction.atomic():
        _run(enter, values)
        connection.wall_role = role
        try:
            yield
        finally:
            connection.wall_role = former
        if not connection.needs_rollback:
            _refuse_a_broken_transaction()
            if nested:
                leave()


def _refuse_a_broken_transaction():
    """Raise when an error of the database was caught without a savepoint: nothing would be saved, and nobody told."""
    if connection.connection.info.transaction_status == IN_ERROR:
        raise transaction.TransactionManagementError("A database error was caught outside a savepoint.")


def _role():
    """The role this connection was told to act as; empty when it acts as whoever signed in."""
    return getattr(connection, "wall_role", "")


def _forget():
    """Where the transaction goes on after a request, as in tests: nobody is served any more."""
    names = ["user", "day", "token", *circles()]
    settings = ", ".join(f"set_config('wall.{name}', '', true)" for name in names)
    _run(f"SELECT set_config('role', 'none', true), {settings}", [])


def _run(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
