"""Who sees and writes what of consulting; what foreign keys and triggers keep equal."""

from django.db import migrations

from incubator.common.walls import ANY, OWN_COMPANY, READ, Access, history_wall, opening, wall

OWN_ADVISER = "adviser_id = camp_adviser()"
OF_OWN_BOOKING = "booking_id IN (SELECT id FROM consulting_booking)"
OF_OWN_SLOT = "slot_id IN (SELECT id FROM consulting_slot)"
ADVISER_SHOWN = ("id", "name", "affiliation", "fields", "languages", "weekly_hours", "active")
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
CANCELLATION = ("state", "cancelled_at", "cancelled_by_id", "cancelled_side", "cancel_reason", "updated_at")

# Copies that a foreign key of several columns keeps equal to what they are copied from.
COPIES = """
ALTER TABLE consulting_booking ADD CONSTRAINT consulting_booking_as_slot
  FOREIGN KEY (slot_id, adviser_id, period) REFERENCES consulting_slot (id, adviser_id, period);
ALTER TABLE consulting_booking ADD CONSTRAINT consulting_booking_parties UNIQUE (id, company_id, adviser_id);
ALTER TABLE consulting_sessionreport ADD CONSTRAINT consulting_report_as_booking
  FOREIGN KEY (booking_id, company_id, adviser_id) REFERENCES consulting_booking (id, company_id, adviser_id);
"""
NO_COPIES = """
ALTER TABLE consulting_sessionreport DROP CONSTRAINT consulting_report_as_booking;
ALTER TABLE consulting_booking DROP CONSTRAINT consulting_booking_parties, DROP CONSTRAINT consulting_booking_as_slot;
"""

# `taken` is computed whenever a slot's row is written, and a booking that begins or ends to live writes the row of its slot:
# under the slot's lock, as the tables' owner, for a founder may neither write slots nor see others' bookings.
TAKEN = """
CREATE OR REPLACE FUNCTION consulting_slot_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.taken := EXISTS (SELECT FROM consulting_booking WHERE slot_id = NEW.id AND state <> 'cancelled');
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION consulting_touch_slot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE consulting_slot SET taken = taken WHERE id = NEW.slot_id;
  RETURN NULL;
END $$;
CREATE TRIGGER consulting_slot_taken BEFORE INSERT OR UPDATE ON consulting_slot
  FOR EACH ROW EXECUTE FUNCTION consulting_slot_taken();
CREATE TRIGGER consulting_booking_begins AFTER INSERT ON consulting_booking
  FOR EACH ROW EXECUTE FUNCTION consulting_touch_slot();
CREATE TRIGGER consulting_booking_ends AFTER UPDATE OF state ON consulting_booking
  FOR EACH ROW WHEN (OLD.state <> 'cancelled' AND NEW.state = 'cancelled') EXECUTE FUNCTION consulting_touch_slot();
"""
NOT_TAKEN = """
DROP TRIGGER consulting_booking_ends ON consulting_booking;
DROP TRIGGER consulting_booking_begins ON consulting_booking;
DROP TRIGGER consulting_slot_taken ON consulting_slot;
DROP FUNCTION consulting_touch_slot(), consulting_slot_taken();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consulting", "0001_initial"),
        ("companies", "0002_walls"),
        ("firms", "0002_walls"),
        ("accounts", "0002_walls"),
    ]
    operations = [
        migrations.RunSQL(COPIES, NO_COPIES),
        migrations.RunSQL(TAKEN, NOT_TAKEN),
        wall(
            "consulting_booking",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND state = 'booked' AND booked_by_id = camp_user()"
                " AND attendee_id IN (SELECT user_id FROM companies_membership)",
                update=OWN_COMPANY,
                update_columns=CANCELLATION,
            ),
            adviser=Access(select=OWN_ADVISER, update=OWN_ADVISER, update_columns=CANCELLATION),
        ),
        history_wall("consulting_bookingevent", writers=["founder", "adviser"]),
        wall(
            "consulting_slot",
            founder=Access(select="state = 'open' OR id IN (SELECT slot_id FROM consulting_booking)"),
            adviser=Access(select=OWN_ADVISER, insert=OWN_ADVISER, update=OWN_ADVISER),
        ),
        history_wall("consulting_slotevent", writers=["adviser"]),
        wall(
            "consulting_slotlink",
            founder=Access(select="slot_id IN (SELECT slot_id FROM consulting_booking WHERE state <> 'cancelled')"),
            adviser=Access(select=OF_OWN_SLOT, insert=OF_OWN_SLOT, update=OF_OWN_SLOT),
        ),
        history_wall("consulting_slotlinkevent", writers=["adviser"]),
        wall("consulting_attendance", founder=Access(select=OF_OWN_BOOKING), adviser=Access(OF_OWN_BOOKING, OF_OWN_BOOKING, OF_OWN_BOOKING)),
        history_wall("consulting_attendanceevent", writers=["adviser"]),
        wall(
            "consulting_sessionreport",
            founder=Access(select=OWN_COMPANY),
            adviser=Access(
                select=f"{OWN_ADVISER} OR company_id IN (SELECT company_id FROM consulting_booking WHERE state <> 'cancelled')",
                insert=OWN_ADVISER,
                update=OWN_ADVISER,
            ),
        ),
        history_wall("consulting_sessionreportevent", writers=["adviser"]),
        wall(
            "consulting_adviser",
            founder=Access(select=ANY, columns=ADVISER_SHOWN),
            adviser=Access(
                select="id = camp_adviser() OR id IN (SELECT adviser_id FROM consulting_sessionreport)",
                columns=ADVISER_SHOWN,
            ),
        ),
        history_wall("consulting_adviserevent"),
        wall("consulting_meetingroom", founder=READ, adviser=READ),
        history_wall("consulting_meetingroomevent"),
        wall(
            "consulting_availability",
            adviser=Access(select=OWN_ADVISER, insert=OWN_ADVISER, update=OWN_ADVISER, delete=OWN_ADVISER),
        ),
        history_wall("consulting_availabilityevent", writers=["adviser"]),
        opening(
            "companies_company",
            "adviser",
            "booked",
            Access(select="id IN (SELECT company_id FROM consulting_booking)", columns=COMPANY_SHOWN),
        ),
        # The name of who attended stays readable after that person has left the company.
        opening(
            "accounts_user",
            "founder",
            "attendees",
            Access(select="id IN (SELECT attendee_id FROM consulting_booking)"),
        ),
        opening(
            "accounts_user",
            "adviser",
            "attendees",
            Access(select="id IN (SELECT attendee_id FROM consulting_booking)"),
        ),
    ]
