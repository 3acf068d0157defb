from django.db import migrations

from incubator.common.walls import ANY, OWN_COMPANY, OWN_FIRM, Access, history_wall, wall

TODAY = "(now() AT TIME ZONE 'Asia/Seoul')::date"
# What a firm may open: everything below hangs on this one row, and the row on the company's consent. The sub-query says so
# itself, and runs under the investor's wall of the consents besides, which says it again (and that the company is still seen).
# So a withdrawn consent closes every document, version and folder in the statement after its commit.
OPEN_TO_FIRM = (
    f"{OWN_FIRM} AND withdrawn_at IS NULL AND (until IS NULL OR until >= {TODAY})"
    " AND EXISTS (SELECT 1 FROM matching_disclosuregrant d WHERE d.id = disclosure_id"
    " AND d.company_id = dataroom_documentaccess.company_id AND d.firm_id = dataroom_documentaccess.firm_id"
    f" AND d.withdrawn_at IS NULL AND {TODAY} BETWEEN d.since AND d.until)"
)
# A founder opens documents under a consent of their own company to that firm, which is live.
UNDER_CONSENT = (
    f"{OWN_COMPANY} AND given_by_id = camp_user() AND EXISTS (SELECT 1 FROM matching_disclosuregrant d"
    " WHERE d.id = disclosure_id AND d.company_id = dataroom_documentaccess.company_id"
    " AND d.firm_id = dataroom_documentaccess.firm_id AND d.withdrawn_at IS NULL)"
)
VERSION_SHOWN = (
    "id",
    "company_id",
    "document_id",
    "number",
    "file",
    "content_type",
    "pages",
    "uploaded_at",
    "scan_state",
)
ACCESS_SHOWN = (
    "id",
    "company_id",
    "document_id",
    "firm_id",
    "disclosure_id",
    "level",
    "until",
    "given_at",
    "withdrawn_at",
)
VIEW_SHOWN = (
    "id",
    "company_id",
    "document_id",
    "version_id",
    "firm_id",
    "reader",
    "kind",
    "page",
    "at",
    "seconds",
    "reason",
)

# A document lies in a folder of its own company, a version and an access belong to a document of theirs, and what firms see
# of a document is a version of it, whoever writes them.
BELONGS = """
ALTER TABLE dataroom_document ADD CONSTRAINT dataroom_document_in_own_folder
  FOREIGN KEY (folder_id, company_id) REFERENCES dataroom_folder (id, company_id);
ALTER TABLE dataroom_documentversion ADD CONSTRAINT dataroom_version_of_company
  FOREIGN KEY (document_id, company_id) REFERENCES dataroom_document (id, company_id);
ALTER TABLE dataroom_document ADD CONSTRAINT dataroom_current_is_own
  FOREIGN KEY (current_id, id) REFERENCES dataroom_documentversion (id, document_id);
ALTER TABLE dataroom_documentaccess ADD CONSTRAINT dataroom_access_of_company
  FOREIGN KEY (document_id, company_id) REFERENCES dataroom_document (id, company_id);
ALTER TABLE dataroom_pageview ADD CONSTRAINT dataroom_look_of_company
  FOREIGN KEY (document_id, company_id) REFERENCES dataroom_document (id, company_id);
ALTER TABLE dataroom_pageview ADD CONSTRAINT dataroom_look_of_version
  FOREIGN KEY (version_id, document_id) REFERENCES dataroom_documentversion (id, document_id);
"""
NOT_BELONGS = """
ALTER TABLE dataroom_pageview DROP CONSTRAINT dataroom_look_of_version;
ALTER TABLE dataroom_pageview DROP CONSTRAINT dataroom_look_of_company;
ALTER TABLE dataroom_documentaccess DROP CONSTRAINT dataroom_access_of_company;
ALTER TABLE dataroom_document DROP CONSTRAINT dataroom_current_is_own;
ALTER TABLE dataroom_documentversion DROP CONSTRAINT dataroom_version_of_company;
ALTER TABLE dataroom_document DROP CONSTRAINT dataroom_document_in_own_folder;
"""

# A founder withdraws an access, and can do nothing else to it.
WITHDRAWS_ONLY = """
CREATE POLICY camp_founder_update_withdrawals ON dataroom_documentaccess AS RESTRICTIVE FOR UPDATE TO camp_founder
  USING (withdrawn_at IS NULL) WITH CHECK (withdrawn_at IS NOT NULL);
"""
NOT_WITHDRAWS_ONLY = "DROP POLICY IF EXISTS camp_founder_update_withdrawals ON dataroom_documentaccess;"


class Migration(migrations.Migration):
    dependencies = [
        ("dataroom", "0001_initial"),
        ("companies", "0002_walls"),
        ("matching", "0002_walls"),
    ]
    operations = [
        migrations.RunSQL(BELONGS, NOT_BELONGS),
        wall(
            "dataroom_folder",
            founder=Access(
                select=OWN_COMPANY,
                insert=OWN_COMPANY,
                update=OWN_COMPANY,
                delete=OWN_COMPANY,
                update_columns=("name", "position", "updated_at"),
            ),
            investor=Access(select="id IN (SELECT folder_id FROM dataroom_document)"),
        ),
        history_wall("dataroom_folderevent", writers=["founder"]),
        wall(
            "dataroom_document",
            founder=Access(
                select=OWN_COMPANY,
                insert=OWN_COMPANY,
                update=OWN_COMPANY,
                update_columns=("title", "folder_id", "current_id", "archived_at", "updated_at"),
            ),
            investor=Access(
                select="archived_at IS NULL AND current_id IS NOT NULL"
                " AND id IN (SELECT document_id FROM dataroom_documentaccess)"
            ),
        ),
        history_wall("dataroom_documentevent", writers=["founder"]),
        wall(
            "dataroom_documentversion",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND uploaded_by_id = camp_user() AND scan_state IN ('waiting', 'not_configured')",
            ),
            investor=Access(
                select="scan_state IN ('clean', 'not_configured') AND id IN (SELECT current_id FROM dataroom_document)",
                columns=VERSION_SHOWN,
            ),
        ),
        wall(
            "dataroom_documentaccess",
            founder=Access(
                select=OWN_COMPANY, insert=UNDER_CONSENT, update=OWN_COMPANY, update_columns=("withdrawn_at",)
            ),
            investor=Access(select=OPEN_TO_FIRM, columns=ACCESS_SHOWN),
        ),
        history_wall("dataroom_documentaccessevent", writers=["founder"]),
        migrations.RunSQL(WITHDRAWS_ONLY, NOT_WITHDRAWS_ONLY),
        wall(
            "dataroom_pageview",
            founder=Access(select=OWN_COMPANY, columns=VIEW_SHOWN),
            staff=Access(select=ANY, insert=ANY),
        ),
    ]
