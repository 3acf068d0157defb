from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultingConfig(AppConfig):
    name = "tenants.consulting"
    label = "consulting"
    verbose_name = _("Consulting")

    def ready(self) -> None:
        from incubator.accounts.acting import grant_columns, register_grants
        from incubator.accounts.enums import Kind
        from incubator.accounts.services import register_admitter
        from incubator.common.icalendars import register_events

        from .events import sessions_of
        from .models import Adviser
        from .services import link_adviser

        register_grants(
            lambda user_id: grant_columns(
                Adviser.objects.filter(user_id=user_id, active=True),
                kind=Kind.ADVISER,
                scope="pk",
                label="name",
            )
        )
        register_events(sessions_of)
        register_admitter(
            Kind.ADVISER, link_adviser, scopes=lambda: Adviser.objects.filter(user=None, active=True)
        )
