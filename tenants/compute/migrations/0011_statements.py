from django.db import migrations

# A transfer's hash covers the codes of both its accounts. Of pools, a founder may know these and nothing else.
POOLS = """
CREATE OR REPLACE FUNCTION camp_pools_of_transfers() RETURNS TABLE (id bigint, code text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT account.id, account.code::text FROM compute_creditaccount AS account
    WHERE account.kind = 'pool' AND EXISTS (
      SELECT 1 FROM compute_transfer AS transfer WHERE transfer.company_id = ANY (camp_companies())
        AND account.id IN (transfer.debit_id, transfer.credit_id)) $$;
REVOKE ALL ON FUNCTION camp_pools_of_transfers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_pools_of_transfers() TO camp_founder, camp_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("compute", "0010_view_walls")]
    operations = [migrations.RunSQL(POOLS, "DROP FUNCTION IF EXISTS camp_pools_of_transfers()")]
