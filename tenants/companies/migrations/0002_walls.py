from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, opening, wall

SELF = "id = ANY (camp_companies())"
EDITABLE = (
    "name_en",
    "representative",
    "email",
    "homepage",
    "sectors",
    "stage",
    "region",
    "summary",
    "employees",
    "revenue_krw",
    "ask_krw",
    "visible_to_investors",
    "picture",
    "updated_at",
)
# Whatever a page of an investor's asks for, the database gives these columns and no others.
DISCLOSED = (
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
    "ask_krw",
    "visible_to_investors",
    "picture",
)


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_initial"), ("accounts", "0002_walls")]
    operations = [
        wall(
            "companies_company",
            founder=Access(select=SELF, update=SELF, update_columns=EDITABLE),
            investor=Access(select="visible_to_investors", columns=DISCLOSED),
        ),
        history_wall("companies_companyevent", writers=["founder"]),
        wall("companies_membership", founder=Access(select=OWN_COMPANY)),
        history_wall("companies_membershipevent"),
        wall(
            "companies_residency",
            founder=Access(select=OWN_COMPANY),
            investor=Access(
                select="company_id IN (SELECT id FROM companies_company)",
                columns=("id", "company_id", "state", "period"),
            ),
        ),
        history_wall("companies_residencyevent"),
        opening(
            "accounts_user",
            "founder",
            "colleagues",
            Access(select="id IN (SELECT user_id FROM companies_membership)"),
        ),
    ]
