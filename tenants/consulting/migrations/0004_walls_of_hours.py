"""Who sees and writes hours, waiting lists and feeds; what triggers keep equal to bookings and offers."""

from django.db import migrations

from incubator.common.walls import (
    ANY,
    OWN_COMPANY,
    OWN_USER,
    Access,
    history_wall,
    opening,
    wall,
)

OWN_ADVISER = "adviser_id = camp_adviser()"
OF_OWN_BOOKING = "booking_id IN (SELECT id FROM consulting_booking)"
OF_OWN_SLOT = "slot_id IN (SELECT id FROM consulting_slot)"
OWN_HOURS = Access(select=OWN_ADVISER, insert=OWN_ADVISER, update=OWN_ADVISER, delete=OWN_ADVISER)
ENDING = (
    "state",
    "cancelled_at",
    "cancelled_by_id",
    "cancelled_side",
    "cancel_reason",
    "ended_as",
    "late",
    "sequence",
    "updated_at",
)
AGREEING = ("decided_by_id", "decided_at")
HOURS_SHOWN = (
    "id",
    "adviser_id",
    "weekday",
    "starts",
    "ends",
    "period",
    "minutes",
    "seats",
    "place",
    "room_id",
    "topics",
    "languages",
    "on_holidays",
)
EXCEPTION_SHOWN = ("id", "adviser_id", "kind", "period", "minutes", "place", "room_id")

# Bookings and open offers take the seats of a slot between them. All run as the tables' owner, for a founder may neither
# write slots nor see others' bookings and offers.
SEATS = """
CREATE OR REPLACE FUNCTION consulting_slot_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.held := coalesce(NEW.held, NEW.period);
  NEW.taken := (SELECT count(*) FROM consulting_booking WHERE slot_id = NEW.id AND state <> 'cancelled')
    + (SELECT count(*) FROM consulting_offer WHERE slot_id = NEW.id AND state = 'open') >= NEW.seats;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION consulting_booking_seated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  all_seats integer := (SELECT seats FROM consulting_slot WHERE id = NEW.slot_id);
  offered integer := (SELECT count(*) FROM consulting_offer WHERE slot_id = NEW.slot_id AND state = 'open');
BEGIN
  IF NEW.seat > all_seats OR NEW.seat < 1 THEN
    RAISE EXCEPTION 'there is no such seat' USING ERRCODE = 'check_violation', CONSTRAINT = 'consulting_seat_exists';
  END IF;
  IF offered > 0 AND offered + (SELECT count(*) FROM consulting_booking
      WHERE slot_id = NEW.slot_id AND state <> 'cancelled') >= all_seats THEN
    RAISE EXCEPTION 'the time is held for another company'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'consulting_time_is_offered';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION consulting_attendee_of_booking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  SELECT booking.company_id, slot.held, booking.state <> 'cancelled' INTO NEW.company_id, NEW.held, NEW.live
    FROM consulting_booking booking JOIN consulting_slot slot ON slot.id = booking.slot_id
    WHERE booking.id = NEW.booking_id;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION consulting_attendees_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO consulting_attendee (booking_id, person_id, live) VALUES (NEW.id, NEW.attendee_id, true);
  ELSE
    UPDATE consulting_attendee SET live = false WHERE booking_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER consulting_booking_seated BEFORE INSERT ON consulting_booking
  FOR EACH ROW WHEN (NEW.state <> 'cancelled') EXECUTE FUNCTION consulting_booking_seated();
CREATE TRIGGER consulting_attendee_of_booking BEFORE INSERT ON consulting_attendee
  FOR EACH ROW EXECUTE FUNCTION consulting_attendee_of_booking();
CREATE TRIGGER consulting_booking_people AFTER INSERT ON consulting_booking
  FOR EACH ROW EXECUTE FUNCTION consulting_attendees_follow();
CREATE TRIGGER consulting_booking_people_go AFTER UPDATE OF state ON consulting_booking
  FOR EACH ROW WHEN (OLD.state <> 'cancelled' AND NEW.state = 'cancelled')
  EXECUTE FUNCTION consulting_attendees_follow();
CREATE TRIGGER consulting_offer_holds AFTER INSERT OR UPDATE OF state ON consulting_offer
  FOR EACH ROW EXECUTE FUNCTION consulting_touch_slot();
"""
NO_SEATS = """
DROP TRIGGER consulting_offer_holds ON consulting_offer;
DROP TRIGGER consulting_booking_people_go ON consulting_booking;
DROP TRIGGER consulting_booking_people ON consulting_booking;
DROP TRIGGER consulting_attendee_of_booking ON consulting_attendee;
DROP TRIGGER consulting_booking_seated ON consulting_booking;
DROP FUNCTION consulting_attendees_follow(), consulting_attendee_of_booking(), consulting_booking_seated();
CREATE OR REPLACE FUNCTION consulting_slot_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.taken := EXISTS (SELECT FROM consulting_booking WHERE slot_id = NEW.id AND state <> 'cancelled');
  RETURN NEW;
END $$;
"""
# Everyone booked so far comes alone. The trigger fills in the rest.
FIRST_ATTENDEES = """
INSERT INTO consulting_attendee (booking_id, person_id, live) SELECT id, attendee_id, true FROM consulting_booking;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consulting", "0003_hours_and_waiting"),
        ("companies", "0002_walls"),
        ("accounts", "0002_walls"),
    ]
    operations = [
        migrations.RunSQL(SEATS, NO_SEATS),
        migrations.RunSQL(FIRST_ATTENDEES, migrations.RunSQL.noop),
        wall(
            "consulting_booking",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND state IN ('booked', 'requested') AND booked_by_id = camp_user()"
                " AND attendee_id IN (SELECT user_id FROM companies_membership)",
                update=OWN_COMPANY,
                update_columns=ENDING,
            ),
            adviser=Access(
                select=OWN_ADVISER, update=OWN_ADVISER, update_columns=(*ENDING, *AGREEING)
            ),
        ),
        wall(
            "consulting_attendee",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND {OF_OWN_BOOKING} AND person_id IN (SELECT user_id FROM companies_membership)",
            ),
            adviser=Access(select=OF_OWN_BOOKING),
        ),
        wall(
            "consulting_bookingfile",
            founder=Access(select=OWN_COMPANY, insert=f"{OWN_COMPANY} AND {OF_OWN_BOOKING}"),
            adviser=Access(select=OF_OWN_BOOKING),
        ),
        wall(
            "consulting_slotlink",
            founder=Access(
                select="slot_id IN (SELECT slot_id FROM consulting_booking WHERE state IN ('booked', 'held', 'missed'))"
            ),
            adviser=Access(select=OF_OWN_SLOT, insert=OF_OWN_SLOT, update=OF_OWN_SLOT),
        ),
        wall(
            "consulting_availability",
            founder=Access(select=ANY, columns=HOURS_SHOWN),
            adviser=OWN_HOURS,
        ),
        wall("consulting_bookingterms", founder=Access(select=ANY), adviser=OWN_HOURS),
        history_wall("consulting_bookingtermsevent", writers=["adviser"]),
        wall(
            "consulting_hoursexception",
            founder=Access(select=ANY, columns=EXCEPTION_SHOWN),
            adviser=OWN_HOURS,
        ),
        history_wall("consulting_hoursexceptionevent", writers=["adviser"]),
        wall("consulting_externalcalendar", adviser=OWN_HOURS),
        history_wall("consulting_externalcalendarevent", writers=["adviser"]),
        wall("consulting_busytime", founder=Access(select=ANY), adviser=OWN_HOURS),
        wall(
            "consulting_waitingentry",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND person_id = camp_user() AND state = 'waiting'",
                update=OWN_COMPANY,
                update_columns=("state", "updated_at"),
            ),
        ),
        history_wall("consulting_waitingentryevent", writers=["founder"]),
        wall("consulting_offer", founder=Access(select=OWN_COMPANY)),
        history_wall("consulting_offerevent"),
        wall(
            "consulting_proposal",
            founder=Access(select=OWN_COMPANY, insert=OWN_COMPANY, update=OWN_COMPANY),
            adviser=Access(select=OWN_ADVISER, insert=OWN_ADVISER, update=OWN_ADVISER),
        ),
        history_wall("consulting_proposalevent", writers=["founder", "adviser"]),
        wall(
            "consulting_calendarfeed",
            founder=Access(select=OWN_USER, insert=OWN_USER, update=OWN_USER),
            adviser=Access(select=OWN_USER, insert=OWN_USER, update=OWN_USER),
        ),
        wall("consulting_reminder"),
        opening(
            "accounts_user",
            "founder",
            "session_people",
            Access(select="id IN (SELECT person_id FROM consulting_attendee)"),
        ),
        opening(
            "accounts_user",
            "adviser",
            "session_people",
            Access(select="id IN (SELECT person_id FROM consulting_attendee)"),
        ),
    ]
