"""How long an introduction may stay where it is before somebody looks."""

from investors.matching.enums import IntroductionState

# The owners are reminded after so many days, once each.
REMINDED_AFTER = (3, 7, 14)
# Days in a state after which the board marks it and the inbox names it.
PATIENCE = {
    IntroductionState.ASKED: 14,
    IntroductionState.CONSENTED: 3,
    IntroductionState.SENT: 14,
    IntroductionState.MET: 14,
    IntroductionState.CONTINUING: 60,
    IntroductionState.TERM_SHEET: 45,
}
