from itertools import groupby

from django.core.management.color import no_style
from django.db import migrations


def give_each_file_a_row(apps, schema_editor):
    """What a licence or an ITSE had as one file, and those of the rows before it, become the versions of its file.

    A file takes the number of the row it was in: what was handed in finds it at the address it kept.
    """
    SiteDocument, File = (apps.get_model("companies", name) for name in ("SiteDocument", "SiteDocumentFile"))
    files = []
    rows = SiteDocument.objects.order_by("site", "kind", "pk")
    for _slot, versions in groupby(rows, key=lambda row: (row.site_id, row.kind)):
        versions = list(versions)
        before = None
        for row in (row for row in versions if row.blob_id):
            file = File(
                pk=row.pk, document_id=versions[-1].pk, blob_id=row.blob_id, filename=row.filename or f"{row.kind}.pdf",
                uploaded_by_id=row.uploaded_by_id, uploaded_at=row.uploaded_at,
                version=before.version + 1 if before else 1, replaces_id=before and before.pk,
            )  # fmt: skip
            files.append(file)
            before = file
    File.objects.bulk_create(files, batch_size=500)
    with schema_editor.connection.cursor() as cursor:
        for statement in schema_editor.connection.ops.sequence_reset_sql(no_style(), [File]):
            cursor.execute(statement)


def put_the_newest_back(apps, schema_editor):
    """The way back: the newest file that counts is the one of its document again. Those besides it are no longer listed."""
    SiteDocument, File = (apps.get_model("companies", name) for name in ("SiteDocument", "SiteDocumentFile"))
    SiteDocument.objects.filter(files__isnull=False).update(blob=None, filename="")
    for file in File.objects.filter(removed_at=None, replaced_by=None).order_by("pk").iterator(chunk_size=500):
        SiteDocument.objects.filter(pk=file.document_id).update(blob=file.blob_id, filename=file.filename)
    File.objects.all()._raw_delete(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("companies", "0014_site_document_files")]
    operations = [migrations.RunPython(give_each_file_a_row, put_the_newest_back)]
