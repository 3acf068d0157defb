"""The settings row, the cache table and the queue, and the walls of what belongs to no domain."""

from django.db import migrations

from incubator.common.walls import ANY, OWN_USER, READ, Access, wall
from incubator.running.queue import install_pgmq

OWN_KEYS = Access(select=OWN_USER, insert=OWN_USER, update=OWN_USER)

CACHE_TABLE = """
CREATE TABLE IF NOT EXISTS camp_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS camp_cache_expires ON camp_cache (expires);
GRANT SELECT, INSERT, UPDATE, DELETE ON camp_cache TO camp_public, camp_founder, camp_investor, camp_adviser, camp_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0002_initial")]
    operations = [
        migrations.RunSQL(CACHE_TABLE, "DROP TABLE IF EXISTS camp_cache"),
        migrations.RunPython(lambda apps, editor: install_pgmq(editor.connection), migrations.RunPython.noop),
        migrations.RunPython(
            lambda apps, editor: apps.get_model("common", "CampSettings").objects.get_or_create(pk=1),
            migrations.RunPython.noop,
        ),
        wall("common_campsettings", public=READ, founder=READ, investor=READ, adviser=READ),
        wall("common_idempotencykey", founder=OWN_KEYS, adviser=OWN_KEYS, staff=Access(select=OWN_USER, insert=ANY, update=OWN_USER, delete=ANY)),
    ]
