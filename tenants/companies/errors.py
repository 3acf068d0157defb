from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class WrongBusinessNumber(DomainError):
    code = "wrong_business_number"
    message = _("This business number does not exist: its check digit is wrong.")
    field = "business_number"
    status = 400


class BusinessNumberTaken(DomainError):
    code = "business_number_taken"
    message = _("A company with this business number is registered already.")
    field = "business_number"


class ClusterAccountTaken(DomainError):
    code = "cluster_account_taken"
    message = _("Another company has this account on the cluster.")
    field = "cluster_account"


class SlugTaken(DomainError):
    code = "slug_taken"
    message = _("Another company has taken this address just now. Please save again.")
    field = "slug"


class ResidencyOverlaps(DomainError):
    code = "residency_overlaps"
    message = _("The company is in residence at that time already.")
    field = "first_day"


class ResidencyTooShort(DomainError):
    code = "residency_too_short"
    message = _("A residency cannot end before it starts.")
    field = "last_day"
    status = 400


class LastOwner(DomainError):
    code = "last_owner"
    message = _("The company would be left without an owner. Name another one first.")
    field = "level"


class ContactMissing(DomainError):
    code = "contact_missing"
    message = _("With the consent to be written to, please record the address.")
    field = "contact_email"
    status = 400


class TeaserMissing(DomainError):
    code = "teaser_missing"
    message = _("Write what firms read instead of your name: two or three sentences.")
    field = "teaser"
    status = 400


class TeaserNamesCompany(DomainError):
    """`word` is what gives the company away."""

    code = "teaser_names_company"
    message = _("“%(word)s” in the text without your name tells who you are. Please leave it out.")
    field = "teaser"
    status = 400
