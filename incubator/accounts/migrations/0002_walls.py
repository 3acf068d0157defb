"""Sign-in belongs to everyone, people to themselves, invitations to who sends them."""

from django.db import migrations

from incubator.common.walls import ANY, OWN_USER, Access, history_wall, wall

SELF = "id = camp_user()"
INVITED_TO_OWN_COMPANY = "kind = 'founder' AND scope_id = ANY (camp_companies())"
OWN_SELF = Access(select=SELF, update=SELF, update_columns=("name", "language"))

# Tables of Django and allauth that signing in writes; they carry no policies, so only the sign-in role may touch them.
SIGN_IN = """
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, account_emailaddress, account_emailconfirmation, mfa_authenticator TO camp_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO camp_staff;
GRANT SELECT ON django_content_type TO camp_public, camp_founder, camp_investor, camp_adviser;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("common", "0003_walls"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        migrations.RunSQL(SIGN_IN, migrations.RunSQL.noop),
        wall(
            "accounts_user",
            public=Access(select=ANY, update=ANY, update_columns=("password", "last_login", "language")),
            founder=OWN_SELF,
            investor=Access(select=SELF),
            adviser=OWN_SELF,
        ),
        history_wall("accounts_userevent", writers=["public", "founder", "adviser"]),
        wall("accounts_staffmembership"),
        history_wall("accounts_staffmembershipevent"),
        wall(
            "accounts_invitation",
            founder=Access(
                select=INVITED_TO_OWN_COMPANY, insert=INVITED_TO_OWN_COMPANY, update=INVITED_TO_OWN_COMPANY
            ),
        ),
        history_wall("accounts_invitationevent", writers=["founder"]),
        wall("accounts_apitoken", founder=Access(select=OWN_USER), adviser=Access(select=OWN_USER)),
    ]
