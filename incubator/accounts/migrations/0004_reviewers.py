"""Reviewers are people of their own kind, under a database role of their own.

Not a staff group: staff read every table. Not a public visitor: whose columns are open would be the same for the
applicant and for whoever reviews blind. The role gets no more than every signed-in person has, the rest is opened table by
table where the tables are.
"""

from django.db import migrations, models

from incubator.common.walls import READ, Access, opening

ROLE = """
DO $$ BEGIN
  CREATE ROLE camp_reviewer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  IF NOT pg_has_role(current_user, 'camp_reviewer', 'MEMBER') THEN
    EXECUTE format('GRANT camp_reviewer TO %I', current_user);
  END IF;
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO camp_reviewer;
GRANT SELECT, INSERT, UPDATE, DELETE ON camp_cache TO camp_reviewer;
GRANT SELECT ON django_content_type TO camp_reviewer;
"""
KINDS = [
    ("founder", "Founder"),
    ("staff", "Programme manager"),
    ("investor", "Investor"),
    ("adviser", "Adviser"),
    ("reviewer", "Reviewer"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_invitation_sent_at")]
    operations = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        opening("common_campsettings", "reviewer", "all", READ),
        opening("accounts_user", "reviewer", "self", Access(select="id = camp_user()")),
        migrations.AlterField("invitation", "kind", models.CharField(choices=KINDS, max_length=8, verbose_name="invited as")),
        migrations.AlterField("invitationevent", "kind", models.CharField(choices=KINDS, max_length=8, verbose_name="invited as")),
        migrations.RemoveConstraint("invitation", "accounts_invitation_kind_known"),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(condition=models.Q(kind__in=[kind for kind, _label in KINDS]), name="accounts_invitation_kind_known"),
        ),
    ]
