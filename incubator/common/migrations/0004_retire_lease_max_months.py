"""The longest term of a lease is a dated rule now (LeasePolicy), which took this value over."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0003_walls"), ("leases", "0005_first_policy_and_contract")]
    operations = [migrations.RemoveField(model_name="campsettings", name="lease_max_months")]
