from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FirmsConfig(AppConfig):
    name = "investors.firms"
    label = "firms"
    verbose_name = _("Firms")

    def ready(self) -> None:
        from incubator.accounts.acting import grant_columns, register_grants
        from incubator.accounts.enums import Kind
        from incubator.accounts.services import register_admitter

        from .models import Firm, FirmMember
        from .services import admit_firm_member

        register_grants(
            lambda user_id: grant_columns(
                FirmMember.objects.filter(user_id=user_id),
                kind=Kind.INVESTOR,
                scope="firm_id",
                label="firm__name",
                level="level",
            )
        )
        register_admitter(
            Kind.INVESTOR, admit_firm_member, scopes=Firm.objects.all, levels=("lead", "member")
        )
