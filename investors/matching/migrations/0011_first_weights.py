from datetime import UTC, datetime

from django.db import migrations

from incubator.common.walls import wall

# As they stood when this was written: versions are kept, not looked up.
FIRST = {"sector": 35, "stage": 25, "ticket": 20, "age": 10, "region": 10}
STANDARD = {
    "sector": 25,
    "stage": 15,
    "ticket": 15,
    "age": 5,
    "region": 5,
    "technology": 20,
    "quota": 5,
    "traction": 5,
    "prose": 5,
}


def make(apps, schema_editor):
    weights = apps.get_model("matching", "WeightSet")
    made_at = datetime(2026, 11, 1, tzinfo=UTC)
    weights.objects.create(version="2026-1", weights=FIRST, made_at=made_at, active=False)
    weights.objects.create(version="2026-2", weights=STANDARD, made_at=made_at, active=True)


class Migration(migrations.Migration):
    dependencies = [("matching", "0010_weight_sets")]
    operations = [wall("matching_weightset"), migrations.RunPython(make, migrations.RunPython.noop)]
