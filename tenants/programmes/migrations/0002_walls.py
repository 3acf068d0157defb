"""Who sees what of programmes; what foreign keys and triggers keep equal and within the seats."""

from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, opening, wall

OWN_PROGRAMME = "programme_id IN (SELECT id FROM programmes_programme WHERE adviser_id = camp_adviser())"
SHOWN_PROGRAMME = "programme_id IN (SELECT id FROM programmes_programme)"
SEATED = "programme_id IN (SELECT programme_id FROM programmes_signup WHERE state = 'signed')"
COMPANY_SHOWN = (
    "id",
    "name",
    "name_en",
    "slug",
    "homepage",
    "founded_on",
    "sectors",
    "stage",
    "region",
    "summary",
    "employees",
)

COPIES = """
ALTER TABLE programmes_attendance
  ADD CONSTRAINT programmes_attendance_of_meeting FOREIGN KEY (meeting_id, programme_id)
    REFERENCES programmes_meeting (id, programme_id),
  ADD CONSTRAINT programmes_attendance_of_sign_up FOREIGN KEY (sign_up_id, programme_id, company_id)
    REFERENCES programmes_signup (id, programme_id, company_id);
ALTER TABLE programmes_material ADD CONSTRAINT programmes_material_of_meeting FOREIGN KEY (meeting_id, programme_id)
    REFERENCES programmes_meeting (id, programme_id);
"""
NO_COPIES = """
ALTER TABLE programmes_material DROP CONSTRAINT programmes_material_of_meeting;
ALTER TABLE programmes_attendance DROP CONSTRAINT programmes_attendance_of_sign_up,
  DROP CONSTRAINT programmes_attendance_of_meeting;
"""

# Sign-ups are counted behind the lock of their programme's row, in a statement of its own, which sees all that others have
# committed by then; the check of the row refuses one too many. (The lock lets foreign keys to the row be made meanwhile.)
SEATS = """
CREATE OR REPLACE FUNCTION programmes_count_sign_ups() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM programmes_programme WHERE id = NEW.programme_id FOR NO KEY UPDATE;
  UPDATE programmes_programme SET
      taken = (SELECT count(*) FROM programmes_signup WHERE programme_id = NEW.programme_id AND state = 'signed'),
      waiting = (SELECT count(*) FROM programmes_signup WHERE programme_id = NEW.programme_id AND state = 'waiting')
    WHERE id = NEW.programme_id;
  RETURN NULL;
END $$;
CREATE TRIGGER programmes_sign_ups_counted AFTER INSERT OR UPDATE OF state ON programmes_signup
  FOR EACH ROW EXECUTE FUNCTION programmes_count_sign_ups();
"""
NO_SEATS = """
DROP TRIGGER programmes_sign_ups_counted ON programmes_signup;
DROP FUNCTION programmes_count_sign_ups();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0001_initial"),
        ("consulting", "0021_walls_of_holds_and_honoraria"),
        ("companies", "0002_walls"),
        ("accounts", "0002_walls"),
    ]
    operations = [
        migrations.RunSQL(COPIES, NO_COPIES),
        migrations.RunSQL(SEATS, NO_SEATS),
        wall(
            "programmes_programme",
            founder=Access(select="state <> 'draft'"),
            adviser=Access(select="adviser_id = camp_adviser()"),
        ),
        history_wall("programmes_programmeevent"),
        wall(
            "programmes_meeting",
            founder=Access(select=SHOWN_PROGRAMME),
            adviser=Access(select=OWN_PROGRAMME),
        ),
        history_wall("programmes_meetingevent"),
        wall(
            "programmes_meetinglink",
            founder=Access(select=f"meeting_id IN (SELECT id FROM programmes_meeting WHERE {SEATED})"),
            adviser=Access(select="meeting_id IN (SELECT id FROM programmes_meeting)"),
        ),
        history_wall("programmes_meetinglinkevent"),
        # Signing up and leaving is the system's to write: who comes next on the list is another company's row.
        wall(
            "programmes_signup",
            founder=Access(select=OWN_COMPANY),
            adviser=Access(select=OWN_PROGRAMME),
        ),
        history_wall("programmes_signupevent"),
        wall(
            "programmes_attendance",
            founder=Access(select=OWN_COMPANY),
            adviser=Access(
                select=OWN_PROGRAMME,
                insert=OWN_PROGRAMME,
                update=OWN_PROGRAMME,
                update_columns=("presence", "recorded_by_id", "recorded_at"),
            ),
        ),
        history_wall("programmes_attendanceevent", writers=["adviser"]),
        wall(
            "programmes_material",
            founder=Access(select=f"removed_at IS NULL AND {SEATED}"),
            adviser=Access(
                select=OWN_PROGRAMME,
                insert=OWN_PROGRAMME,
                update=OWN_PROGRAMME,
                update_columns=("removed_at",),
            ),
        ),
        history_wall("programmes_materialevent", writers=["adviser"]),
        wall("programmes_certificate", founder=Access(select=OWN_COMPANY)),
        opening(
            "companies_company",
            "adviser",
            "participants",
            Access(select="id IN (SELECT company_id FROM programmes_signup)", columns=COMPANY_SHOWN),
        ),
        opening(
            "accounts_user",
            "adviser",
            "participants",
            Access(select="id IN (SELECT person_id FROM programmes_signup)"),
        ),
        # The name of a participant stays readable after that person has left the company.
        opening(
            "accounts_user",
            "founder",
            "participants",
            Access(select="id IN (SELECT person_id FROM programmes_signup)"),
        ),
    ]
