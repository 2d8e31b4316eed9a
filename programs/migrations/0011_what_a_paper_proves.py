from django.db import migrations, models

PROVABLE = [
    ("legal", "Constitución y registro público"),
    ("operation", "Años de operación"),
    ("ruc_active", "RUC activo y habido"),
    ("representation", "Representación legal"),
    ("sites", "Sedes en el alcance"),
    ("exports", "Exportaciones directas"),
    ("production", "Proceso de producción o transformación"),
    ("contact", "Teléfono y correo"),
    ("corporate_mail", "Correo corporativo"),
    ("website", "Página web"),
    ("debts", "Cuentas con PROMPERÚ"),
]


def the_customs_declaration_proves_the_exports(apps, schema_editor):
    """The one paper of the standard catalogue that proves a condition; of the others PROMPERÚ says it."""
    apps.get_model("programs", "RequiredDocument").objects.filter(key="exports").update(proves="exports")


class Migration(migrations.Migration):
    dependencies = [("programs", "0010_names_of_what_letters_hold")]
    operations = [
        migrations.AddField(
            model_name="requireddocument",
            name="proves",
            field=models.CharField(
                blank=True,
                choices=PROVABLE,
                db_default="",
                default="",
                max_length=20,
                verbose_name="qué requisito sustenta",
            ),
        ),
        migrations.RunPython(the_customs_declaration_proves_the_exports, migrations.RunPython.noop),
    ]
