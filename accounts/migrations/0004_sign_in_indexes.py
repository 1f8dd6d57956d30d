"""Finds a person by e-mail address or telephone number without looking at everybody."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_no_log_of_sign_ins")]
    operations = [
        migrations.AddIndex(
            "person", models.Index(Lower("email"), condition=~models.Q(email=""), name="person_by_email")
        ),
        migrations.AddIndex(
            "person", models.Index(fields=["phone"], condition=~models.Q(phone=""), name="person_by_phone")
        ),
    ]
