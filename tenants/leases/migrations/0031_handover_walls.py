from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, wall

OWN_HANDOVER = "handover_id IN (SELECT id FROM leases_handover)"
# A founder ticks what is the company's to do, while the handover is open; "not needed" is the managers' to say.
OWN_OPEN = "handover_id IN (SELECT id FROM leases_handover WHERE state = 'open')"
OWN_TICK = f"{OWN_OPEN} AND by = 'company' AND state IN ('open', 'done')"
OWN_PICTURE = "item_id IN (SELECT id FROM leases_handoveritem)"
OWN_OPEN_PICTURE = f"item_id IN (SELECT id FROM leases_handoveritem WHERE {OWN_OPEN}) AND added_by_id = camp_user()"

FIRST = (
    ("짐과 가구를 모두 뺐습니다", "All belongings and furniture are out", "company", True),
    ("쓰레기를 치우고 청소했습니다", "Cleared of waste and cleaned", "company", True),
    ("벽과 바닥에 붙인 것을 떼었습니다", "What was fixed to walls and floor is taken off", "company", True),
    ("인터넷·우편 등 주소를 옮겼습니다", "Internet, mail and registered address are moved", "company", False),
    ("열쇠와 출입카드를 돌려받았습니다", "Keys and access cards are back", "manager", True),
    ("벽·바닥·창을 점검했습니다 (사진)", "Walls, floor and windows are inspected (photographs)", "manager", True),
    ("비품과 설비를 점검했습니다 (사진)", "Furnishings and fittings are inspected (photographs)", "manager", True),
    ("전기·소방 설비를 점검했습니다", "Electrical and fire equipment is inspected", "manager", True),
)


def first_checklist(apps, schema_editor):
    model = apps.get_model("leases", "ChecklistItem")
    for position, (title, title_en, by, required) in enumerate(FIRST, 1):
        model.objects.create(position=position * 10, title=title, title_en=title_en, by=by, required=required)


class Migration(migrations.Migration):
    dependencies = [("leases", "0030_handovers")]
    operations = [
        wall("leases_checklistitem"),
        history_wall("leases_checklistitemevent"),
        wall("leases_handover", founder=Access(select=OWN_COMPANY)),
        history_wall("leases_handoverevent"),
        wall(
            "leases_handoveritem",
            founder=Access(
                select=OWN_HANDOVER,
                update=OWN_TICK,
                update_columns=("state", "note", "done_by_id", "done_at", "updated_at"),
            ),
        ),
        history_wall("leases_handoveritemevent", writers=["founder"]),
        wall("leases_handoverpicture", founder=Access(select=OWN_PICTURE, insert=OWN_OPEN_PICTURE)),
        migrations.RunPython(first_checklist, migrations.RunPython.noop),
    ]
