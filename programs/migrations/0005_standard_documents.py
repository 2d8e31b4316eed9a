from django.db import migrations

SCANS = ["application/pdf", "image/jpeg", "image/png"]
STANDARD = (
    {
        "key": "licence", "title": "Licencia municipal de funcionamiento", "subject": "site", "validity": "optional",
        "help": "Número, titular, giro autorizado y dirección de la sede.", "position": 1,
    },
    {
        "key": "itse", "title": "Certificado ITSE (ex INDECI)", "subject": "site", "validity": "years",
        "validity_number": 2, "help": "Vigente al cierre de la convocatoria.", "position": 2,
    },
    {
        "key": "exports", "title": "Sustento de las exportaciones (DAM)", "subject": "company", "needed": False,
        "validity": "none", "help": "Declaración aduanera a nombre de la empresa.", "position": 3,
    },
)


def give_each_edition_its_catalogue(apps, schema_editor):
    """What was asked for in code until now becomes entries of every edition."""
    RequiredDocument = apps.get_model("programs", "RequiredDocument")
    RequiredDocument.objects.bulk_create(
        RequiredDocument(edition=edition, kinds=SCANS, **entry)
        for edition in apps.get_model("programs", "Edition").objects.all()
        for entry in STANDARD
    )


class Migration(migrations.Migration):
    dependencies = [("programs", "0004_edition_documents_and_letters")]
    operations = [migrations.RunPython(give_each_edition_its_catalogue, migrations.RunPython.noop)]
