"""The first resources and their rates: the makers' FP64 ratings, the kind that the centre's 88.5 PF adds up from."""

from datetime import date

from django.db import migrations
from django.db.backends.postgresql.psycopg_any import DateRange

# Older than any machine of the centre, so that every job has a rate.
FROM = date(2000, 1, 1)
SOURCE = "제조사 FP64 공칭 성능 (maker's FP64 rating)"
FIRST = (
    ("cpu", "CPU", "core", 40),
    ("gres/gpu", "GPU", "GPU", 8_100),
    ("gres/gpu:a100", "NVIDIA A100", "GPU", 19_500),
    ("gres/gpu:h100", "NVIDIA H100", "GPU", 67_000),
    ("gres/gpu:t4", "NVIDIA T4", "GPU", 8_100),
)


def add(apps, editor):
    resources = apps.get_model("compute", "Resource")
    rates = apps.get_model("compute", "ResourceRate")
    for code, name, unit, gflops in FIRST:
        resource, _ = resources.objects.get_or_create(code=code, defaults={"name": name, "unit": unit})
        if not rates.objects.filter(resource=resource).exists():
            rates.objects.create(
                resource=resource, gflops=gflops, period=DateRange(FROM, None), source=SOURCE
            )


class Migration(migrations.Migration):
    dependencies = [("compute", "0002_walls")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
