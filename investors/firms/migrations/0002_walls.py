from django.db import migrations

from incubator.common.walls import OWN_FIRM, Access, history_wall, opening, wall

OWN = Access(select=OWN_FIRM)


class Migration(migrations.Migration):
    dependencies = [("firms", "0001_initial"), ("accounts", "0002_walls")]
    operations = [
        wall("firms_firm", investor=Access(select="id = ANY (camp_firms())")),
        history_wall("firms_firmevent"),
        wall("firms_firmmember", investor=OWN),
        history_wall("firms_firmmemberevent"),
        wall("firms_mandate", investor=OWN),
        history_wall("firms_mandateevent"),
        wall("firms_holding", investor=OWN),
        history_wall("firms_holdingevent"),
        opening(
            "accounts_user", "investor", "colleagues", Access(select="id IN (SELECT user_id FROM firms_firmmember)")
        ),
    ]
