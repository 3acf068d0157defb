"""Who sees held times and honoraria; slots and held times keep each other out."""

from django.db import migrations

from incubator.common.walls import ANY, Access, history_wall, wall

OWN_ADVISER = "adviser_id = camp_adviser()"
HOLD_SHOWN = ("id", "adviser_id", "room_id", "period", "live")

# No exclusion constraint reaches over two tables, so each looks into the other. Writers of slots share one lock and do not
# wait for each other; a writer of holds, of which there are few, takes it alone until its transaction ends. Behind the lock
# every statement of these functions sees what the others have committed. As the tables' owner: no role sees all rows.
# The trigger's name sorts after consulting_slot_taken, which fills `held` in.
APART = """
CREATE OR REPLACE FUNCTION consulting_slot_meets_no_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('consulting_timehold'));
  IF EXISTS (SELECT FROM consulting_timehold WHERE live AND adviser_id = NEW.adviser_id AND period && NEW.held) THEN
    RAISE EXCEPTION 'the adviser is held elsewhere'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'consulting_adviser_slots_apart';
  END IF;
  IF EXISTS (SELECT FROM consulting_timehold WHERE live AND room_id = NEW.room_id AND period && NEW.held) THEN
    RAISE EXCEPTION 'the room is held' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'consulting_room_once_at_a_time';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION consulting_hold_meets_no_slot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('consulting_timehold'));
  IF EXISTS (SELECT FROM consulting_slot WHERE state = 'open' AND adviser_id = NEW.adviser_id AND held && NEW.period) THEN
    RAISE EXCEPTION 'the adviser has or offers a session then'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'consulting_holds_adviser_apart';
  END IF;
  IF EXISTS (SELECT FROM consulting_slot WHERE state = 'open' AND room_id = NEW.room_id AND held && NEW.period) THEN
    RAISE EXCEPTION 'the room is taken then'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'consulting_holds_room_apart';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER consulting_slot_unheld BEFORE INSERT OR UPDATE OF adviser_id, room_id, period, held, state ON consulting_slot
  FOR EACH ROW WHEN (NEW.state = 'open') EXECUTE FUNCTION consulting_slot_meets_no_hold();
CREATE TRIGGER consulting_hold_unslotted BEFORE INSERT OR UPDATE OF adviser_id, room_id, period, live ON consulting_timehold
  FOR EACH ROW WHEN (NEW.live) EXECUTE FUNCTION consulting_hold_meets_no_slot();
"""
NOT_APART = """
DROP TRIGGER consulting_hold_unslotted ON consulting_timehold;
DROP TRIGGER consulting_slot_unheld ON consulting_slot;
DROP FUNCTION consulting_hold_meets_no_slot(), consulting_slot_meets_no_hold();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consulting", "0020_holds_and_honoraria"),
        ("consulting", "0013_walls_of_reports"),
    ]
    operations = [
        migrations.RunSQL(APART, NOT_APART),
        wall(
            "consulting_timehold",
            founder=Access(select="live", columns=HOLD_SHOWN),
            adviser=Access(select=OWN_ADVISER),
        ),
        history_wall("consulting_timeholdevent"),
        wall("consulting_honorariumrate", adviser=Access(select=OWN_ADVISER)),
        history_wall("consulting_honorariumrateevent"),
        wall("consulting_honorariumsheet", adviser=Access(select=ANY)),
        wall("consulting_honorariumline", adviser=Access(select=OWN_ADVISER)),
        wall("consulting_honorariumpayment", adviser=Access(select=OWN_ADVISER)),
    ]
