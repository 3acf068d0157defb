from django.db import migrations

from incubator.common.walls import READ, Access, history_wall, wall

# What a lease (from its offer on) or a blocked period takes of a space is written beside them, where one constraint sees
# both. As its owner: whoever may write a lease need not be able to write claims.
CLAIMS = """
CREATE OR REPLACE FUNCTION leases_claim_days() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_TABLE_NAME = 'leases_lease' THEN
    IF TG_OP = 'DELETE' THEN
      DELETE FROM leases_spaceclaim WHERE lease_id = OLD.id;
    ELSIF NEW.state = 'draft' OR isempty(NEW.period) THEN
      DELETE FROM leases_spaceclaim WHERE lease_id = NEW.id;
    ELSE
      INSERT INTO leases_spaceclaim AS claim (space_id, period, side, lease_id)
        VALUES (NEW.space_id, NEW.period, 0, NEW.id)
        ON CONFLICT (lease_id) DO UPDATE SET space_id = EXCLUDED.space_id, period = EXCLUDED.period
        WHERE (claim.space_id, claim.period) IS DISTINCT FROM (EXCLUDED.space_id, EXCLUDED.period);
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    DELETE FROM leases_spaceclaim WHERE blocked_id = OLD.id;
  ELSIF isempty(NEW.period) THEN
    DELETE FROM leases_spaceclaim WHERE blocked_id = NEW.id;
  ELSE
    INSERT INTO leases_spaceclaim AS claim (space_id, period, side, blocked_id)
      VALUES (NEW.space_id, NEW.period, 1, NEW.id)
      ON CONFLICT (blocked_id) DO UPDATE SET space_id = EXCLUDED.space_id, period = EXCLUDED.period
      WHERE (claim.space_id, claim.period) IS DISTINCT FROM (EXCLUDED.space_id, EXCLUDED.period);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION leases_claim_days() FROM PUBLIC;
CREATE OR REPLACE TRIGGER leases_claim_of_lease AFTER INSERT OR DELETE OR UPDATE OF space_id, period, state
  ON leases_lease FOR EACH ROW EXECUTE FUNCTION leases_claim_days();
CREATE OR REPLACE TRIGGER leases_claim_of_blocked AFTER INSERT OR DELETE OR UPDATE OF space_id, period
  ON leases_blockedperiod FOR EACH ROW EXECUTE FUNCTION leases_claim_days();
INSERT INTO leases_spaceclaim (space_id, period, side, lease_id)
  SELECT space_id, period, 0, id FROM leases_lease WHERE state <> 'draft' AND NOT isempty(period);
"""
UNDO = """
DROP TRIGGER IF EXISTS leases_claim_of_lease ON leases_lease;
DROP TRIGGER IF EXISTS leases_claim_of_blocked ON leases_blockedperiod;
DROP FUNCTION IF EXISTS leases_claim_days();
DELETE FROM leases_spaceclaim;
"""


class Migration(migrations.Migration):
    dependencies = [("leases", "0020_spaces")]
    operations = [
        migrations.RunSQL(CLAIMS, UNDO),
        wall("leases_blockedperiod", founder=READ),
        history_wall("leases_blockedperiodevent"),
        # Nobody writes claims but the triggers; whose they are is the managers' to know.
        wall("leases_spaceclaim", staff=Access(select="true")),
        wall("leases_conditionrecord"),
        wall("leases_spacephoto", founder=READ),
        history_wall("leases_spacephotoevent"),
    ]
