from django.db import migrations, models

from companies.models.company import drawn


def draw(apps, schema_editor):
    """As Company.derived() does from now on."""
    rows = list(apps.get_model("companies", "Company").objects.only("legal_name", "trade_name"))
    for row in rows:
        row.drawn, row.trade_drawn = drawn(row.legal_name), drawn(row.trade_name)
    apps.get_model("companies", "Company").objects.bulk_update(rows, ["drawn", "trade_drawn"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0007_versions_of_what_people_edit"),
    ]

    operations = [
        migrations.AddField(
            model_name="company",
            name="drawn",
            field=models.CharField(db_index=True, default="", editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name="company",
            name="trade_drawn",
            field=models.CharField(db_index=True, default="", editable=False, max_length=200),
        ),
        migrations.RunPython(draw, migrations.RunPython.noop),
    ]
