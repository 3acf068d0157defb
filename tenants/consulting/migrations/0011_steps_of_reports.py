"""The one next step that a report had becomes a row of its own, with all that was ever said of it; and back again."""

from django.db import migrations

# Nobody said who was to do it. It was the company that was told, so it is the company's. History goes along: every state of
# a report that had a step is a state of that step.
FORWARDS = """
INSERT INTO consulting_nextstep (report_id, company_id, adviser_id, text, owner, due_on, state, closed_by_id, closed_at,
    reason, agreed_at, created_at, updated_at)
  SELECT booking_id, company_id, adviser_id, next_step, 'company', NULL,
      CASE WHEN next_step_done THEN 'done' ELSE 'open' END,
      CASE WHEN next_step_done THEN written_by_id END, CASE WHEN next_step_done THEN written_at END,
      '', written_at, created_at, updated_at
    FROM consulting_sessionreport WHERE next_step <> ''
  ON CONFLICT DO NOTHING;
INSERT INTO consulting_nextstepevent (pgh_created_at, pgh_label, pgh_obj_id, pgh_context, pgh_context_id, id, report_id,
    company_id, adviser_id, text, owner, due_on, state, closed_by_id, closed_at, reason, agreed_at, created_at, updated_at)
  SELECT event.pgh_created_at, event.pgh_label, step.id, event.pgh_context, event.pgh_context_id, step.id,
      event.booking_id, event.company_id, event.adviser_id, event.next_step, 'company', NULL,
      CASE WHEN event.next_step_done THEN 'done' ELSE 'open' END,
      CASE WHEN event.next_step_done THEN event.written_by_id END,
      CASE WHEN event.next_step_done THEN event.written_at END,
      '', event.written_at, event.created_at, event.updated_at
    FROM consulting_sessionreportevent event JOIN consulting_nextstep step ON step.report_id = event.booking_id
    WHERE event.next_step <> ''
  ON CONFLICT DO NOTHING;
UPDATE consulting_sessionreport report SET field = coalesce(adviser.fields[1], ''),
    session_on = (lower(booking.period) AT TIME ZONE 'Asia/Seoul')::date
  FROM consulting_booking booking JOIN consulting_adviser adviser ON adviser.id = booking.adviser_id
  WHERE booking.id = report.booking_id AND report.session_on = '2000-01-01';
"""
# Several steps become one text, done when none of them is open. What a report's history said of its step is read from the
# step's own history at that moment. A history takes no changes and a step is never deleted, so their guards step aside here.
BACKWARDS = """
UPDATE consulting_sessionreport report SET next_step = step.texts, next_step_done = step.closed
  FROM (SELECT report_id, left(string_agg(text, E'\\n' ORDER BY id), 2000) AS texts, bool_and(state <> 'open') AS closed
      FROM consulting_nextstep GROUP BY report_id) step
  WHERE step.report_id = report.booking_id;
ALTER TABLE consulting_sessionreportevent DISABLE TRIGGER USER;
UPDATE consulting_sessionreportevent event SET next_step = step.texts, next_step_done = step.closed
  FROM (SELECT pgh_id, left(string_agg(text, E'\\n' ORDER BY id), 2000) AS texts, bool_and(state <> 'open') AS closed
      FROM (SELECT DISTINCT ON (report.pgh_id, step.id) report.pgh_id, step.id, step.text, step.state
          FROM consulting_sessionreportevent report JOIN consulting_nextstepevent step
            ON step.report_id = report.booking_id AND step.pgh_created_at <= report.pgh_created_at
          ORDER BY report.pgh_id, step.id, step.pgh_created_at DESC, step.pgh_id DESC) latest
      GROUP BY pgh_id) step
  WHERE step.pgh_id = event.pgh_id;
ALTER TABLE consulting_sessionreportevent ENABLE TRIGGER USER;
ALTER TABLE consulting_nextstep DISABLE TRIGGER USER;
ALTER TABLE consulting_nextstepevent DISABLE TRIGGER USER;
DELETE FROM consulting_nextstepevent;
DELETE FROM consulting_nextstep;
ALTER TABLE consulting_nextstep ENABLE TRIGGER USER;
ALTER TABLE consulting_nextstepevent ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("consulting", "0010_after_sessions")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
