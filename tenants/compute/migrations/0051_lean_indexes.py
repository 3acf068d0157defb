from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside an import that runs meanwhile: nobody waits for these indexes."""

    atomic = False
    dependencies = [("compute", "0050_lean_usage")]
    operations = [
        AddIndexConcurrently(
            model_name="usagetally",
            index=models.Index(fields=["company", "day"], name="compute_tally_days"),
        ),
        AddIndexConcurrently(
            model_name="usagerecord",
            index=BrinIndex(
                autosummarize=True, fields=["posting"], name="compute_record_posting", pages_per_range=32
            ),
        ),
        RemoveIndexConcurrently(model_name="usagerecord", name="compute_record_posted"),
    ]
