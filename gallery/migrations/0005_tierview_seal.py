from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gallery", "0004_albums_and_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="tierview",
            name="sealed",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="tierview",
            name="seal",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="tierview",
            name="seal_made",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
