from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "tenants.intake"
    label = "intake"
    verbose_name = _("Admission")

    def ready(self) -> None:
        from incubator.accounts.acting import grant_columns, register_grants
        from incubator.accounts.enums import Kind
        from incubator.accounts.services import register_admitter

        from .selectors import latest_reviewer_row, reviewed_calls
        from .services import admit_reviewer

        register_grants(
            lambda user_id: grant_columns(
                latest_reviewer_row(user_id), kind=Kind.REVIEWER, scope="call_id", label="call__title"
            )
        )
        register_admitter(Kind.REVIEWER, admit_reviewer, scopes=reviewed_calls)
