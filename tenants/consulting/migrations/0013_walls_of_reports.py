"""Who reads and writes reports, steps, notes and ratings; what foreign keys keep equal to the session."""

from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, wall

OWN_ADVISER = "adviser_id = camp_adviser()"
OF_OWN_BOOKING = "booking_id IN (SELECT id FROM consulting_booking)"
OF_READ_REPORT = "report_id IN (SELECT booking_id FROM consulting_sessionreport)"
# An adviser with a session that was agreed to, coming or past: a company that merely asks has opened nothing yet.
MET = "company_id IN (SELECT company_id FROM consulting_booking WHERE state IN ('booked', 'held', 'missed'))"
CLOSING = ("state", "closed_by_id", "closed_at", "reason", "updated_at")
JUDGING = ("stars", "words", "corrected_at", "updated_at")

# Copies that foreign keys of several columns keep equal to what they are copied from.
COPIES = """
ALTER TABLE consulting_sessionreport ADD CONSTRAINT consulting_report_parties UNIQUE (booking_id, company_id, adviser_id);
ALTER TABLE consulting_sessionreport ADD CONSTRAINT consulting_report_of_company UNIQUE (booking_id, company_id);
ALTER TABLE consulting_sessionreport ADD CONSTRAINT consulting_report_differs_within_company
  FOREIGN KEY (differs_from_id, company_id) REFERENCES consulting_sessionreport (booking_id, company_id);
ALTER TABLE consulting_nextstep ADD CONSTRAINT consulting_step_as_report
  FOREIGN KEY (report_id, company_id, adviser_id) REFERENCES consulting_sessionreport (booking_id, company_id, adviser_id);
ALTER TABLE consulting_reportfile ADD CONSTRAINT consulting_report_file_as_report
  FOREIGN KEY (report_id, company_id, adviser_id) REFERENCES consulting_sessionreport (booking_id, company_id, adviser_id);
ALTER TABLE consulting_reportnote ADD CONSTRAINT consulting_report_note_as_report
  FOREIGN KEY (report_id, company_id, adviser_id) REFERENCES consulting_sessionreport (booking_id, company_id, adviser_id);
ALTER TABLE consulting_sessionrating ADD CONSTRAINT consulting_rating_as_booking
  FOREIGN KEY (booking_id, company_id, adviser_id) REFERENCES consulting_booking (id, company_id, adviser_id);
ALTER TABLE consulting_companynote ADD CONSTRAINT consulting_company_note_as_booking
  FOREIGN KEY (booking_id, company_id, adviser_id) REFERENCES consulting_booking (id, company_id, adviser_id);
"""
NO_COPIES = """
ALTER TABLE consulting_companynote DROP CONSTRAINT consulting_company_note_as_booking;
ALTER TABLE consulting_sessionrating DROP CONSTRAINT consulting_rating_as_booking;
ALTER TABLE consulting_reportnote DROP CONSTRAINT consulting_report_note_as_report;
ALTER TABLE consulting_reportfile DROP CONSTRAINT consulting_report_file_as_report;
ALTER TABLE consulting_nextstep DROP CONSTRAINT consulting_step_as_report;
ALTER TABLE consulting_sessionreport DROP CONSTRAINT consulting_report_differs_within_company,
  DROP CONSTRAINT consulting_report_of_company, DROP CONSTRAINT consulting_report_parties;
"""

# All that an adviser ever learns of ratings, and only of the own ones. Counted in whole fives, in the order in which they came:
# a mean over six beside the former one over five would tell the sixth.
MEAN = """
CREATE OR REPLACE FUNCTION consulting_own_rating(OUT ratings bigint, OUT mean numeric) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*), round(avg(stars), 1) FROM (
    SELECT stars, row_number() OVER (ORDER BY rated_at, booking_id) AS number, count(*) OVER () AS total
      FROM consulting_sessionrating WHERE adviser_id = camp_adviser()) rated
  WHERE number <= total / 5 * 5;
$$;
"""
NO_MEAN = "DROP FUNCTION consulting_own_rating();"


def report_wall(met: str) -> migrations.RunSQL:
    return wall(
        "consulting_sessionreport",
        founder=Access(select=OWN_COMPANY),
        adviser=Access(select=f"{OWN_ADVISER} OR {met}", insert=OWN_ADVISER, update=OWN_ADVISER),
    )


class Migration(migrations.Migration):
    dependencies = [("consulting", "0012_without_single_steps")]
    operations = [
        migrations.RunSQL(COPIES, NO_COPIES),
        migrations.RunSQL(
            report_wall(MET).sql,
            report_wall(
                "company_id IN (SELECT company_id FROM consulting_booking WHERE state <> 'cancelled')"
            ).sql,
        ),
        wall(
            "consulting_nextstep",
            founder=Access(
                select=OWN_COMPANY, update=f"{OWN_COMPANY} AND owner = 'company'", update_columns=CLOSING
            ),
            adviser=Access(select=OF_READ_REPORT, insert=OWN_ADVISER, update=OWN_ADVISER),
        ),
        history_wall("consulting_nextstepevent", writers=["founder", "adviser"]),
        wall(
            "consulting_reportfile",
            founder=Access(select=OWN_COMPANY),
            adviser=Access(select=OF_READ_REPORT, insert=OWN_ADVISER),
        ),
        wall(
            "consulting_reportnote",
            adviser=Access(select=OWN_ADVISER, insert=OWN_ADVISER, update=OWN_ADVISER),
        ),
        history_wall("consulting_reportnoteevent", writers=["adviser"]),
        wall(
            "consulting_sessionrating",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND {OF_OWN_BOOKING} AND rated_by_id = camp_user()",
                update=OWN_COMPANY,
                update_columns=JUDGING,
            ),
        ),
        history_wall("consulting_sessionratingevent", writers=["founder"]),
        # The camp office is shut out as well.
        wall(
            "consulting_companynote",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND {OF_OWN_BOOKING}",
                update=OWN_COMPANY,
                update_columns=("text", "written_by_id", "written_at"),
            ),
            staff=Access(),
        ),
        migrations.RunSQL(MEAN, NO_MEAN),
    ]
