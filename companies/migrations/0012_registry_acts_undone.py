import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0011_form_drafts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ruchistory',
            name='before',
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='ruchistory',
            name='undo_reason',
            field=models.CharField(blank=True, max_length=500, verbose_name='por qué se deshizo'),
        ),
        migrations.AddField(
            model_name='ruchistory',
            name='undone_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='deshecho el'),
        ),
        migrations.AddField(
            model_name='ruchistory',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
