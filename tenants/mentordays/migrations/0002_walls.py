"""Who sees what of a mentor day, what the database keeps together, and what of a timetable can still change.

A company reads its own wishes and its own meetings of the version that is published; an adviser likewise, and the names of
the companies while they put them in order and of those that come. Vetoes and the other side's wishes reach nobody but the
office.
"""

from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, opening, wall

OWN_ADVISER = "adviser_id = camp_adviser()"
OF_OWN_DAY = "day_id IN (SELECT id FROM mentordays_mentorday)"
RANKED_NOW = "day_id IN (SELECT id FROM mentordays_mentorday WHERE state = 'ranking')"
PUBLISHED = "arrangement_id IN (SELECT id FROM mentordays_arrangement)"
MET = "SELECT company_id FROM mentordays_meeting"
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
MEETING_SHOWN = (
    "id",
    "arrangement_id",
    "day_id",
    "company_id",
    "adviser_id",
    "slot_id",
    "table_id",
    "cancelled",
    "cancelled_why",
)
VERSION_SHOWN = ("id", "day_id", "number", "state", "published_at")


def invited(table: str) -> str:
    return f"state <> 'draft' AND id IN (SELECT day_id FROM mentordays_{table})"


# Whoever meets or wishes is invited to the same day, and meets in a slot and at a table of it.
TOGETHER = """
ALTER TABLE mentordays_mentorslot ADD CONSTRAINT mentordays_slot_of_day UNIQUE (day_id, id);
ALTER TABLE mentordays_table ADD CONSTRAINT mentordays_table_of_day UNIQUE (day_id, id);
ALTER TABLE mentordays_arrangement ADD CONSTRAINT mentordays_arrangement_of_day UNIQUE (day_id, id);
ALTER TABLE mentordays_meeting
  ADD CONSTRAINT mentordays_meeting_in_slot FOREIGN KEY (day_id, slot_id) REFERENCES mentordays_mentorslot (day_id, id),
  ADD CONSTRAINT mentordays_meeting_at_table FOREIGN KEY (day_id, table_id) REFERENCES mentordays_table (day_id, id),
  ADD CONSTRAINT mentordays_meeting_of_version
    FOREIGN KEY (day_id, arrangement_id) REFERENCES mentordays_arrangement (day_id, id),
  ADD CONSTRAINT mentordays_meeting_company_invited
    FOREIGN KEY (day_id, company_id) REFERENCES mentordays_invitedcompany (day_id, company_id),
  ADD CONSTRAINT mentordays_meeting_adviser_invited
    FOREIGN KEY (day_id, adviser_id) REFERENCES mentordays_invitedadviser (day_id, adviser_id);
ALTER TABLE mentordays_wish
  ADD CONSTRAINT mentordays_wish_company_invited
    FOREIGN KEY (day_id, company_id) REFERENCES mentordays_invitedcompany (day_id, company_id),
  ADD CONSTRAINT mentordays_wish_adviser_invited
    FOREIGN KEY (day_id, adviser_id) REFERENCES mentordays_invitedadviser (day_id, adviser_id);
"""
APART = """
ALTER TABLE mentordays_wish DROP CONSTRAINT mentordays_wish_company_invited,
  DROP CONSTRAINT mentordays_wish_adviser_invited;
ALTER TABLE mentordays_meeting DROP CONSTRAINT mentordays_meeting_in_slot,
  DROP CONSTRAINT mentordays_meeting_at_table, DROP CONSTRAINT mentordays_meeting_of_version,
  DROP CONSTRAINT mentordays_meeting_company_invited, DROP CONSTRAINT mentordays_meeting_adviser_invited;
ALTER TABLE mentordays_arrangement DROP CONSTRAINT mentordays_arrangement_of_day;
ALTER TABLE mentordays_table DROP CONSTRAINT mentordays_table_of_day;
ALTER TABLE mentordays_mentorslot DROP CONSTRAINT mentordays_slot_of_day;
"""

# A version says for ever what it was computed from and what came out. A draft's meetings can be locked, nothing else.
UNCHANGED = """
CREATE OR REPLACE FUNCTION mentordays_arrangement_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moving text[] := ARRAY['state', 'published_at', 'published_by_id'];
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving
     OR NOT (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (('draft', 'published'), ('published', 'replaced')))
     OR (OLD.published_at IS NOT NULL AND (NEW.published_at, NEW.published_by_id)
         IS DISTINCT FROM (OLD.published_at, OLD.published_by_id)) THEN
    RAISE EXCEPTION 'a timetable is never changed: a new version takes its place'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'mentordays_version_stays';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mentordays_arrangement_guard BEFORE UPDATE OR DELETE ON mentordays_arrangement
  FOR EACH ROW EXECUTE FUNCTION mentordays_arrangement_guard();

CREATE OR REPLACE FUNCTION mentordays_part_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept jsonb;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := to_jsonb(NEW) - 'locked';
    IF kept = to_jsonb(OLD) - 'locked'
       AND EXISTS (SELECT FROM mentordays_arrangement WHERE id = NEW.arrangement_id AND state = 'draft') THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT FROM mentordays_arrangement WHERE id = NEW.arrangement_id AND state = 'draft') THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a timetable is never changed: a new version takes its place'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'mentordays_version_stays';
END $$;
CREATE TRIGGER mentordays_meeting_guard BEFORE INSERT OR UPDATE OR DELETE ON mentordays_meeting
  FOR EACH ROW EXECUTE FUNCTION mentordays_part_guard();
CREATE TRIGGER mentordays_unmet_guard BEFORE INSERT OR UPDATE OR DELETE ON mentordays_unmet
  FOR EACH ROW EXECUTE FUNCTION mentordays_part_guard();
"""
CHANGED = """
DROP TRIGGER mentordays_unmet_guard ON mentordays_unmet;
DROP TRIGGER mentordays_meeting_guard ON mentordays_meeting;
DROP TRIGGER mentordays_arrangement_guard ON mentordays_arrangement;
DROP FUNCTION mentordays_part_guard(), mentordays_arrangement_guard();
"""


def own_wishes(own: str, side: str) -> Access:
    mine = f"{own} AND side = '{side}'"
    now = f"{mine} AND {RANKED_NOW}"
    return Access(select=mine, insert=now, update=now, delete=now)


class Migration(migrations.Migration):
    dependencies = [
        ("mentordays", "0001_initial"),
        ("companies", "0002_walls"),
        ("consulting", "0015_walls_of_held_times"),
    ]
    operations = [
        migrations.RunSQL(TOGETHER, APART),
        migrations.RunSQL(UNCHANGED, CHANGED),
        wall(
            "mentordays_mentorday",
            founder=Access(select=invited("invitedcompany")),
            adviser=Access(select=invited("invitedadviser")),
        ),
        history_wall("mentordays_mentordayevent"),
        wall(
            "mentordays_mentorslot", founder=Access(select=OF_OWN_DAY), adviser=Access(select=OF_OWN_DAY)
        ),
        wall(
            "mentordays_invitedadviser",
            founder=Access(select=OF_OWN_DAY, columns=("id", "day_id", "adviser_id")),
            adviser=Access(select=OWN_ADVISER),
        ),
        history_wall("mentordays_invitedadviserevent"),
        wall(
            "mentordays_invitedcompany",
            founder=Access(select=OWN_COMPANY),
            adviser=Access(
                select=f"{RANKED_NOW} OR company_id IN ({MET})", columns=("id", "day_id", "company_id")
            ),
        ),
        history_wall("mentordays_invitedcompanyevent"),
        wall("mentordays_table", founder=Access(select=OF_OWN_DAY), adviser=Access(select=OF_OWN_DAY)),
        history_wall("mentordays_tableevent"),
        wall(
            "mentordays_wish",
            founder=own_wishes(OWN_COMPANY, "company"),
            adviser=own_wishes(OWN_ADVISER, "adviser"),
        ),
        history_wall("mentordays_wishevent", writers=["founder", "adviser"]),
        wall(
            "mentordays_arrangement",
            founder=Access(select=f"state = 'published' AND {OF_OWN_DAY}", columns=VERSION_SHOWN),
            adviser=Access(select=f"state = 'published' AND {OF_OWN_DAY}", columns=VERSION_SHOWN),
        ),
        wall(
            "mentordays_meeting",
            founder=Access(select=f"{OWN_COMPANY} AND {PUBLISHED}", columns=MEETING_SHOWN),
            adviser=Access(select=f"{OWN_ADVISER} AND {PUBLISHED}", columns=MEETING_SHOWN),
        ),
        wall("mentordays_unmet"),
        opening(
            "companies_company",
            "adviser",
            "mentor_days",
            Access(select="id IN (SELECT company_id FROM mentordays_invitedcompany)", columns=COMPANY_SHOWN),
        ),
    ]
