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


class FundExists(DomainError):
    code = "fund_exists"
    message = _("This firm has a fund of this name already.")
    field = "name"


class FundLeftWithoutDay(DomainError):
    code = "fund_left_without_day"
    message = _("Say what is left to invest together with the day on which it was so.")
    field = "left_as_of"
    status = 400


class FundLeftTooMuch(DomainError):
    code = "fund_left_too_much"
    message = _("More is left to invest than the fund is large.")
    field = "left_krw"
    status = 400


class ProposalFromTheFuture(DomainError):
    code = "proposal_from_the_future"
    message = _("The day lies in the future.")
    field = "written_on"
    status = 400


class ProposalDecided(DomainError):
    code = "proposal_decided"
    message = _("This proposal has been decided already.")


class TagWordMissing(DomainError):
    code = "tag_word_missing"
    message = _("“%(word)s” has neither letters nor digits.")
    status = 400


class TagWordTaken(DomainError):
    code = "tag_word_taken"
    message = _("“%(word)s” stands for the tag “%(tag)s” already.")


class TagWordTakenMeanwhile(DomainError):
    code = "tag_word_taken_meanwhile"
    message = _("One of these words was given to another tag at the same moment. Look at the list again.")


class TagCodeTaken(DomainError):
    code = "tag_code_taken"
    message = _("A tag with this code exists already.")
    field = "code"


class TagInCircle(DomainError):
    code = "tag_in_circle"
    message = _("A tag cannot be part of one of its own parts.")
    field = "parent"
    status = 400


class TagInUse(DomainError):
    code = "tag_in_use"
    message = _("Other tags are part of this one. Move them first.")


class TagParentLater(DomainError):
    code = "tag_parent_later"
    message = _("The row of “%(code_named)s” has to stand above this one.")
    field = "parent"
    status = 400
