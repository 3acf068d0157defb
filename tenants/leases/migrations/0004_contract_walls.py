from django.db import migrations

from incubator.common.walls import ANY, READ, Access, history_wall, wall

OWN_LEASE = "lease_id IN (SELECT id FROM leases_lease)"
OWN_CONTRACT = "contract_id IN (SELECT id FROM leases_leasecontract)"
# A founder asks and takes back; the decision, and every notice, is never a founder's to write.
OWN_REQUEST = f"{OWN_LEASE} AND kind = 'asked' AND state IN ('open', 'withdrawn')"
ADD_ONLY = Access(select=ANY, insert=ANY)

DOCUMENT_OF_CONTRACT = """
ALTER TABLE leases_leasesignature ADD CONSTRAINT leases_signature_of_document
  FOREIGN KEY (contract_id, document_sha256) REFERENCES leases_leasecontract (id, sha256);
"""


class Migration(migrations.Migration):
    dependencies = [("leases", "0003_contracts"), ("papers", "0002_walls")]
    operations = [
        migrations.RunSQL(
            DOCUMENT_OF_CONTRACT,
            "ALTER TABLE leases_leasesignature DROP CONSTRAINT leases_signature_of_document",
        ),
        wall("leases_leasepolicy", founder=READ, staff=ADD_ONLY),
        wall("leases_contracttemplate", staff=ADD_ONLY),
        wall("leases_leasecontract", founder=Access(select=OWN_LEASE), staff=ADD_ONLY),
        # Signing goes through the service, which asks who signs what; no founder's page writes here by itself.
        wall("leases_leasesignature", founder=Access(select=OWN_CONTRACT), staff=ADD_ONLY),
        wall(
            "leases_earlyend",
            founder=Access(
                select=OWN_LEASE,
                insert=f"{OWN_LEASE} AND kind = 'asked' AND state = 'open' AND asked_by_id = camp_user()",
                update=OWN_REQUEST,
                update_columns=("state", "decided_by_id", "decided_at", "updated_at"),
            ),
        ),
        history_wall("leases_earlyendevent", writers=["founder"]),
        wall("leases_holdover", founder=Access(select=OWN_LEASE)),
        history_wall("leases_holdoverevent"),
    ]
