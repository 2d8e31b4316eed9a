from django.db import migrations, models


def count_versions(apps, schema_editor):
    """The number of a file's version is its place in the chain; `version` counted edits of its data too."""
    evidences = apps.get_model("requirements_std", "Evidence").objects
    numbers = {}
    for pk, replaces in evidences.exclude(replaces=None).order_by("pk").values_list("pk", "replaces").iterator():
        numbers[pk] = numbers.get(replaces, 1) + 1
        evidences.filter(pk=pk).update(number=numbers[pk])


class Migration(migrations.Migration):
    dependencies = [("requirements_std", "0002_versions_and_removals_of_evidence")]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="number",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="número de la versión del archivo"),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="version",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(count_versions, migrations.RunPython.noop),
    ]
