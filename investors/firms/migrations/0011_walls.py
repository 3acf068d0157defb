from django.db import migrations

from incubator.common.walls import OWN_FIRM, Access, history_wall, wall


class Migration(migrations.Migration):
    dependencies = [("firms", "0010_funds_tags_proposals")]
    operations = [
        wall("firms_fund", investor=Access(select=OWN_FIRM)),
        history_wall("firms_fundevent"),
        wall("firms_mandateproposal"),
        wall("firms_tag"),
        history_wall("firms_tagevent"),
        wall("firms_tagword"),
        history_wall("firms_tagwordevent"),
        wall("firms_ignoredword"),
    ]
