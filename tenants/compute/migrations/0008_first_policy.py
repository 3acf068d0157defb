"""The rules that hold until a director sets others."""

from datetime import UTC, date, datetime

from django.db import migrations

PFH = 3_600_000_000


def add(apps, editor):
    policies = apps.get_model("compute", "GrantPolicy")
    if not policies.objects.exists():
        policies.objects.create(
            starts_on=date(2000, 1, 1),
            two_person_above_gflop=1_000 * PFH,
            early_warning_days=30,
            late_warning_days=7,
            settle_days=14,
            review_months=3,
            least_used_percent=50,
            take_percent=50,
            notice_days=14,
            automatic=False,
            reason="처음 정한 기준",
            set_at=datetime(2000, 1, 1, tzinfo=UTC),
        )


class Migration(migrations.Migration):
    dependencies = [("compute", "0007_request_walls")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
