"""Who may see what of an application, and what the database itself refuses.

Applicants have the public role and one secret; reviewers have a role of their own. In a blind call who applies is not in the
rows that a reviewer's role may read, whatever a page asks for.
"""

from django.db import migrations

from incubator.common.walls import ANY, Access, history_wall, opening, wall

# The application whose link was shown: only its secret's SHA-256 finds it, so no code can ask for another one by number.
APPLICATION = """
CREATE OR REPLACE FUNCTION camp_application() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT application_id FROM intake_accesslink
        WHERE token_hash = nullif(current_setting('camp.application', true), '') $$;
REVOKE ALL ON FUNCTION camp_application() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_application() TO camp_public, camp_staff;
"""
# What a person reviews; what of it is not hidden from them any more; and which of their reviews they may still write.
REVIEWS = """
CREATE OR REPLACE FUNCTION camp_reviewed() RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT coalesce(array_agg(r.application_id), '{}') FROM intake_review r JOIN intake_reviewer v ON v.id = r.reviewer_id
        WHERE v.user_id = camp_user() AND r.state <> 'conflict' $$;
CREATE OR REPLACE FUNCTION camp_unveiled() RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT coalesce(array_agg(r.application_id), '{}') FROM intake_review r JOIN intake_reviewer v ON v.id = r.reviewer_id
        JOIN intake_call c ON c.id = v.call_id
        WHERE v.user_id = camp_user() AND r.state <> 'conflict' AND (NOT c.blind OR c.state IN ('decided', 'closed')) $$;
CREATE OR REPLACE FUNCTION camp_open_reviews() RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT coalesce(array_agg(r.id), '{}') FROM intake_review r JOIN intake_reviewer v ON v.id = r.reviewer_id
        WHERE v.user_id = camp_user() AND r.state = 'assigned' $$;
REVOKE ALL ON FUNCTION camp_reviewed(), camp_unveiled(), camp_open_reviews() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_reviewed(), camp_unveiled(), camp_open_reviews() TO camp_reviewer, camp_staff;
"""
DROP_FUNCTIONS = "DROP FUNCTION IF EXISTS camp_application(), camp_reviewed(), camp_unveiled(), camp_open_reviews() CASCADE"

# They hold the call, so that of many at once each sees the others' outcome; the application's role could not hold it itself.
APPLICATION_GUARD = """
CREATE OR REPLACE FUNCTION intake_application_guard() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  c intake_call;
  was text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.state = was THEN
    IF NEW.submitted_at IS DISTINCT FROM OLD.submitted_at THEN
      RAISE check_violation USING CONSTRAINT = 'intake_submitted_once', MESSAGE = 'a submission keeps its moment';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.state = 'submitted' THEN
    SELECT * INTO c FROM intake_call WHERE id = NEW.call_id FOR NO KEY UPDATE;
    IF was IN ('', 'draft') THEN
      IF c.state <> 'open' OR NEW.submitted_at IS NULL OR NEW.submitted_at < c.opens_at OR NEW.submitted_at > c.closes_at THEN
        RAISE check_violation USING CONSTRAINT = 'intake_submitted_in_time', MESSAGE = 'the call was not open at that moment';
      END IF;
      IF NEW.number IS NULL THEN
        SELECT coalesce(max(number), 0) + 1 INTO NEW.number FROM intake_application WHERE call_id = NEW.call_id;
      END IF;
    END IF;
  ELSIF NEW.state = 'accepted' THEN
    SELECT * INTO c FROM intake_call WHERE id = NEW.call_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM intake_application WHERE call_id = NEW.call_id AND state = 'accepted' AND id <> NEW.id) >= c.places THEN
      RAISE check_violation USING CONSTRAINT = 'intake_places', MESSAGE = 'every place is taken';
    END IF;
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS intake_application_guard ON intake_application;
CREATE TRIGGER intake_application_guard BEFORE INSERT OR UPDATE ON intake_application
  FOR EACH ROW EXECUTE FUNCTION intake_application_guard();

CREATE OR REPLACE FUNCTION intake_applicant_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'camp_public' AND NEW.state <> OLD.state AND NOT (
    (OLD.state = 'draft' AND NEW.state = 'submitted')
    OR (OLD.state IN ('draft', 'submitted', 'eligible', 'waiting') AND NEW.state = 'withdrawn')
  ) THEN
    RAISE insufficient_privilege USING MESSAGE = 'an applicant submits and withdraws, and decides nothing';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS intake_applicant_guard ON intake_application;
CREATE TRIGGER intake_applicant_guard BEFORE UPDATE ON intake_application
  FOR EACH ROW EXECUTE FUNCTION intake_applicant_guard();
"""
FROZEN = """
CREATE OR REPLACE FUNCTION intake_freeze() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  row record;
  frozen boolean;
BEGIN
  IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; END IF;
  PERFORM 1 FROM intake_call WHERE id = row.call_id FOR NO KEY UPDATE;
  IF TG_TABLE_NAME = 'intake_question' THEN
    SELECT EXISTS (SELECT 1 FROM intake_application WHERE call_id = row.call_id AND submitted_at IS NOT NULL) INTO frozen;
    IF frozen THEN
      RAISE check_violation USING CONSTRAINT = 'intake_questions_frozen', MESSAGE = 'an application was submitted already';
    END IF;
  ELSE
    SELECT EXISTS (SELECT 1 FROM intake_review r JOIN intake_application a ON a.id = r.application_id
                   WHERE a.call_id = row.call_id AND r.state = 'submitted') INTO frozen;
    IF frozen THEN
      RAISE check_violation USING CONSTRAINT = 'intake_criteria_frozen', MESSAGE = 'a review was submitted already';
    END IF;
  END IF;
  RETURN row;
END $$;
DROP TRIGGER IF EXISTS intake_questions_frozen ON intake_question;
CREATE TRIGGER intake_questions_frozen BEFORE INSERT OR UPDATE OR DELETE ON intake_question
  FOR EACH ROW EXECUTE FUNCTION intake_freeze();
DROP TRIGGER IF EXISTS intake_criteria_frozen ON intake_criterion;
CREATE TRIGGER intake_criteria_frozen BEFORE INSERT OR UPDATE OR DELETE ON intake_criterion
  FOR EACH ROW EXECUTE FUNCTION intake_freeze();

CREATE OR REPLACE FUNCTION intake_call_guard() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF (SELECT count(*) FROM intake_application WHERE call_id = NEW.id AND state = 'accepted') > NEW.places THEN
    RAISE check_violation USING CONSTRAINT = 'intake_places_below_accepted', MESSAGE = 'more are accepted already';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS intake_call_guard ON intake_call;
CREATE TRIGGER intake_call_guard BEFORE UPDATE ON intake_call
  FOR EACH ROW WHEN (NEW.places < OLD.places) EXECUTE FUNCTION intake_call_guard();
"""
REVIEW_GUARD = """
CREATE OR REPLACE FUNCTION intake_review_guard() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE v intake_reviewer;
BEGIN
  SELECT * INTO v FROM intake_reviewer WHERE id = NEW.reviewer_id FOR NO KEY UPDATE;
  IF v.call_id <> (SELECT call_id FROM intake_application WHERE id = NEW.application_id) THEN
    RAISE check_violation USING CONSTRAINT = 'intake_same_call', MESSAGE = 'the reviewer reviews another call';
  END IF;
  IF EXISTS (SELECT 1 FROM intake_conflict WHERE reviewer_id = NEW.reviewer_id AND application_id = NEW.application_id) THEN
    RAISE check_violation USING CONSTRAINT = 'intake_no_conflict', MESSAGE = 'the reviewer has a conflict of interest';
  END IF;
  IF (SELECT count(*) FROM intake_review WHERE reviewer_id = NEW.reviewer_id AND state <> 'conflict' AND id <> NEW.id) >= v.maximum THEN
    RAISE check_violation USING CONSTRAINT = 'intake_reviewer_maximum', MESSAGE = 'the reviewer takes no more';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS intake_review_guard ON intake_review;
CREATE TRIGGER intake_review_guard BEFORE INSERT ON intake_review
  FOR EACH ROW EXECUTE FUNCTION intake_review_guard();
"""
DROP_GUARDS = (
    "DROP FUNCTION IF EXISTS intake_application_guard(), intake_applicant_guard(), intake_freeze(), intake_call_guard(),"
    " intake_review_guard() CASCADE"
)

PUBLISHED = "state <> 'draft'"
OF_PUBLISHED = "call_id IN (SELECT id FROM intake_call)"  # the call's own wall decides
OWN = "application_id = camp_application()"
SELF = "id = camp_application()"
APPLICANT_SEES = (
    "id", "call_id", "number", "state", "language", "submitted_at", "founded_on", "sectors", "stage", "region", "summary",
    "asked_for", "asked_until", "withdrawn_at", "created_at", "updated_at",
)
APPLICANT_WRITES = (
    "state", "submitted_at", "founded_on", "sectors", "stage", "region", "summary", "withdrawn_at", "waiting_order", "updated_at",
)
REVIEWER_SEES = ("id", "call_id", "number", "state", "submitted_at", "founded_on", "sectors", "stage", "region", "summary")
REVIEWED = "application_id = ANY (camp_reviewed())"
UNVEILED = "application_id = ANY (camp_unveiled())"
# What tells who applies is shown like a name, and so are the papers that a manager asked for.
SAYABLE = (
    f"{REVIEWED} AND ({UNVEILED} OR question_id IN (SELECT id FROM intake_question WHERE NOT identifying))"
)
FILE_SEEN = ("id", "application_id", "question_id", "file", "content_type", "size", "uploaded_at")
MINE = "reviewer_id IN (SELECT id FROM intake_reviewer)"  # its own wall shows a reviewer their own rows only
OPEN_REVIEW = "id = ANY (camp_open_reviews())"
OF_OPEN_REVIEW = "review_id = ANY (camp_open_reviews())"


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("accounts", "0004_reviewers")]
    operations = [
        migrations.RunSQL(APPLICATION, DROP_FUNCTIONS),
        migrations.RunSQL(REVIEWS, migrations.RunSQL.noop),
        migrations.RunSQL(APPLICATION_GUARD + FROZEN + REVIEW_GUARD, DROP_GUARDS),
        wall("intake_call", public=Access(select=PUBLISHED)),
        history_wall("intake_callevent"),
        wall("intake_question", public=Access(select=OF_PUBLISHED)),
        history_wall("intake_questionevent"),
        wall("intake_criterion", public=Access(select=OF_PUBLISHED)),
        history_wall("intake_criterionevent"),
        wall("intake_callfile", public=Access(select=OF_PUBLISHED)),
        wall(
            "intake_application",
            public=Access(select=SELF, update=SELF, columns=APPLICANT_SEES, update_columns=APPLICANT_WRITES),
        ),
        history_wall("intake_applicationevent", writers=["public"]),
        wall(
            "intake_applicant",
            public=Access(
                select=OWN,
                update=OWN,
                update_columns=("draft", "name", "name_en", "business_number", "representative", "contact_email", "updated_at"),
            ),
        ),
        wall("intake_teammember", public=Access(select=OWN, insert=OWN, delete=OWN)),
        wall("intake_answer", public=Access(select=OWN, insert=OWN, delete=OWN)),
        wall("intake_applicationfile", public=Access(select=OWN, insert=OWN, delete=OWN)),
        wall("intake_consent", public=Access(select=OWN, insert=OWN)),
        wall("intake_accesslink", public=Access(select=OWN)),
        wall(
            "intake_step",
            public=Access(
                select=OWN,
                insert=f"{OWN} AND actor_id IS NULL",
                columns=("id", "application_id", "from_state", "to_state", "at"),
            ),
        ),
        wall("intake_letter", public=Access(select=OWN, insert=f"{OWN} AND kind = 'receipt' AND sent_at IS NULL")),
        wall("intake_reviewer"),
        history_wall("intake_reviewerevent"),
        wall("intake_conflict"),
        history_wall("intake_conflictevent"),
        wall("intake_review"),
        history_wall("intake_reviewevent"),
        wall("intake_score"),
        wall("intake_acceptance"),
        history_wall("intake_acceptanceevent"),
        # Reviewers
        opening("intake_reviewer", "reviewer", "own", Access(select="user_id = camp_user()")),
        opening("intake_call", "reviewer", "own", Access(select="id IN (SELECT call_id FROM intake_reviewer)")),
        opening("intake_question", "reviewer", "own", Access(select=OF_PUBLISHED)),
        opening("intake_criterion", "reviewer", "own", Access(select=OF_PUBLISHED)),
        opening("intake_review", "reviewer", "own", Access(select=MINE, update=OPEN_REVIEW, update_columns=("state", "submitted_at", "comment", "updated_at"))),
        opening("intake_reviewevent", "reviewer", "own", Access(insert=ANY)),
        opening(
            "intake_score",
            "reviewer",
            "own",
            Access(select="review_id IN (SELECT id FROM intake_review)", insert=OF_OPEN_REVIEW, update=OF_OPEN_REVIEW),
        ),
        opening("intake_application", "reviewer", "assigned", Access(select="id = ANY (camp_reviewed())", columns=REVIEWER_SEES)),
        opening("intake_answer", "reviewer", "assigned", Access(select=SAYABLE)),
        opening("intake_applicationfile", "reviewer", "assigned", Access(select=SAYABLE, columns=FILE_SEEN)),
        opening(
            "intake_applicant",
            "reviewer",
            "unveiled",
            Access(select=UNVEILED, columns=("id", "application_id", "name", "name_en", "representative")),
        ),
        opening("intake_teammember", "reviewer", "unveiled", Access(select=UNVEILED, columns=("id", "application_id", "name"))),
    ]
