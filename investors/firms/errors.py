from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class FirmExists(DomainError):
    code = "firm_exists"
    message = _("A firm with this name exists already.")
    field = "name"


class TicketOutOfOrder(DomainError):
    code = "ticket_out_of_order"
    message = _("The smallest ticket is larger than the largest.")
    field = "ticket_min_krw"
    status = 400


class HoldingExists(DomainError):
    code = "holding_exists"
    message = _("This company is among the firm's holdings already.")
    field = "company_name"


class HoldingNameMissing(DomainError):
    code = "holding_name_missing"
    message = _("Name the company that the firm holds.")
    field = "company_name"
    status = 400
