from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompaniesConfig(AppConfig):
    name = "tenants.companies"
    label = "companies"
    verbose_name = _("Residents")

    def ready(self) -> None:
        from incubator.accounts.acting import grant_columns, register_grants
        from incubator.accounts.enums import Kind
        from incubator.accounts.services import register_admitter

        from .models import Company
        from .selectors import memberships_with_level
        from .services import admit_member

        register_grants(
            lambda user_id: grant_columns(
                memberships_with_level(user_id),
                kind=Kind.FOUNDER,
                scope="company_id",
                label="company__name",
                level="level_now",
            )
        )
        register_admitter(Kind.FOUNDER, admit_member, scopes=Company.objects.all, levels=("owner", "member"))
