"""The duties and the rules that a camp starts with; managers change them as data."""

from django.db import migrations

FIRST = (
    ("insurance", "화재·배상책임 보험", "Fire and liability insurance", "owner"),
    ("fire-training", "소방안전교육", "Fire safety training", "members"),
)


def add(apps, editor):
    kinds = apps.get_model("deadlines", "DutyKind").objects
    for position, (code, name, name_en, audience) in enumerate(FIRST, start=1):
        kinds.get_or_create(
            code=code,
            defaults={"name": name, "name_en": name_en, "audience": audience, "position": position},
        )
    apps.get_model("deadlines", "ClockRules").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0002_walls")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
