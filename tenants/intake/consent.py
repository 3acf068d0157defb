"""What applicants agree to. The words are kept with each consent; whoever changes them changes the version."""

from django.utils.translation import gettext as _

from incubator.common.models import CampSettings

from .models import Call

VERSION = "2026-11"


def parts(call: Call) -> list[tuple[str, str]]:
    """Heading and text of each thing that the law wants said, in the reader's language."""
    return [
        (_("Who processes it"), CampSettings.current().operator_name),
        (_("What for"), _("To check, review and decide this application, and to write to you about it.")),
        (
            _("Which data"),
            _(
                "Name of the company, its representative, its business number and e-mail address; names and e-mail "
                "addresses of the team; what you write and attach. No resident registration numbers."
            ),
        ),
        (
            _("For how long"),
            _(
                "%(months)s months after the decision, then it is deleted. With an acceptance it goes on in the company's record."
            )
            % {"months": call.keep_months},
        ),
        (
            _("Your right to refuse"),
            _(
                "You may refuse. Without this consent the application cannot be reviewed; there is no other disadvantage."
            ),
        ),
    ]


def full_text(call: Call) -> str:
    return "\n".join(f"{heading}: {text}" for heading, text in parts(call))
