from django.db import migrations

FIRST = (
    ("facility", "시설·설비", "Rooms and equipment", 5),
    ("network", "네트워크·출입", "Network and access", 3),
    ("compute", "컴퓨팅 자원", "Compute", 3),
    ("office", "행정·계약", "Paperwork and contracts", 5),
    ("business", "사업화·투자 지원", "Business and investment", 10),
    ("other", "기타", "Something else", 5),
)


def add(apps, schema_editor):
    category = apps.get_model("helpdesk", "Category")
    category.objects.bulk_create(
        category(code=code, name=name, name_en=name_en, working_days=days, position=at)
        for at, (code, name, name_en, days) in enumerate(FIRST, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("helpdesk", "0002_walls")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
