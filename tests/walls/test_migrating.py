"""The walls are there again after every migration."""

import pytest
from django.db import connection, migrations, models

from ecoeficiencia.walls import install
from requirements_std.models import Fulfilment


@pytest.mark.django_db(transaction=True)
def test_the_walls_survive_a_migration_that_makes_a_table_again():
    """SQLite drops a table's triggers then, and would refuse the renaming while another trigger names the table."""
    field = Fulfilment._meta.get_field("na_reason")
    longer = models.CharField(max_length=4000, blank=True)
    longer.set_attributes_from_name("na_reason")
    longer.model = Fulfilment
    install.before_migrations(using="default", plan=[(migrations.Migration("x", "companies"), False)])
    with connection.schema_editor() as editor:
        editor.alter_field(Fulfilment, field, longer)
        editor.alter_field(Fulfilment, longer, field)
    if connection.vendor == "sqlite":
        assert install.standing(connection) == {}
    install.after_migrations(using="default")
    assert install.standing(connection) == install.wanted(connection.vendor)


@pytest.mark.django_db(transaction=True)
def test_a_wall_that_fell_is_put_up_again():
    name = "wall_update_programs_measure"
    on = "" if connection.vendor == "sqlite" else " ON programs_measure"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    assert name not in install.standing(connection)
    install.after_migrations(using="default")
    assert install.standing(connection) == install.wanted(connection.vendor)
