"""The indicators that a camp starts with; managers change them as data."""

from django.db import migrations

FIRST = [
    ("revenue", "매출액", "Revenue", "krw"),
    ("employees", "임직원 수", "Employees", "people"),
    ("hired", "신규 고용", "People hired", "people"),
    ("investment", "투자 유치액", "Investment raised", "krw"),
    ("patents", "특허 출원·등록", "Patents filed or granted", "count"),
]


def add_indicators(apps, editor):
    definitions = apps.get_model("outcomes", "KpiDefinition").objects
    for position, (code, name, name_en, unit) in enumerate(FIRST, start=1):
        definitions.get_or_create(
            code=code, defaults={"name": name, "name_en": name_en, "unit": unit, "position": position}
        )


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_walls")]
    operations = [migrations.RunPython(add_indicators, migrations.RunPython.noop)]
