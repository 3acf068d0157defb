"""Time that the camp holds is not the adviser's to take out, and nothing can be offered or booked in it."""

from django.db import migrations

from incubator.common.walls import ANY, Access, wall

OWN = "adviser_id = camp_adviser() AND held_for = ''"
SHOWN = ("id", "adviser_id", "kind", "period", "minutes", "place", "room_id")

# Whoever offers or books a time holds its adviser first, so what is held is committed or waits.
HELD = """
CREATE OR REPLACE FUNCTION consulting_slot_not_held() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM consulting_hoursexception
      WHERE adviser_id = NEW.adviser_id AND held_for <> '' AND period && NEW.period) THEN
    RAISE EXCEPTION 'the camp holds this time'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'consulting_time_is_held';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER consulting_slot_not_held BEFORE INSERT ON consulting_slot
  FOR EACH ROW WHEN (NEW.state = 'open') EXECUTE FUNCTION consulting_slot_not_held();
"""
NOT_HELD = """
DROP TRIGGER consulting_slot_not_held ON consulting_slot;
DROP FUNCTION consulting_slot_not_held();
"""


class Migration(migrations.Migration):
    dependencies = [("consulting", "0014_held_times")]
    operations = [
        migrations.RunSQL(HELD, NOT_HELD),
        wall(
            "consulting_hoursexception",
            founder=Access(select=ANY, columns=SHOWN),
            adviser=Access(select="adviser_id = camp_adviser()", insert=OWN, update=OWN, delete=OWN),
        ),
    ]
