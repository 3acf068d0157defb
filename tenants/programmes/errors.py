from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class ProgrammeUnknown(DomainError):
    code = "programme_unknown"
    message = _("This programme does not exist.")
    status = 404


class TeacherMissing(DomainError):
    code = "teacher_missing"
    message = _("Please choose a teacher of ours or name one from elsewhere, not both.")
    field = "teacher_name"
    status = 400


class BadWindow(DomainError):
    code = "bad_window"
    message = _("Sign-up has to end after it begins.")
    field = "closes_at"
    status = 400


class SeatsTaken(DomainError):
    code = "seats_taken"
    message = _("More people than that have signed up already.")
    field = "seats"


class WrongState(DomainError):
    code = "wrong_state"
    message = _("The programme has moved on: it is “%(state)s” now.")


class NoMeeting(DomainError):
    code = "no_meeting"
    message = _("A programme needs a meeting before anyone can sign up.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give a reason. The participants read it.")
    field = "reason"
    status = 400


class BadTime(DomainError):
    code = "bad_time"
    message = _("A meeting has to end after it begins, within %(hours)s hours.")
    field = "ends"
    status = 400


class TimePast(DomainError):
    code = "time_past"
    message = _("This time is over already.")
    field = "starts"
    status = 400


class MeetingsOverlap(DomainError):
    code = "meetings_overlap"
    message = _("The programme has another meeting at that time.")
    field = "starts"


class PlaceMissing(DomainError):
    code = "place_missing"
    message = _("Please name the place: a meeting room, an online address, or where the visit goes.")
    field = "place"
    status = 400


class SignUpClosed(DomainError):
    code = "sign_up_closed"
    message = _("Nobody can sign up for this programme now.")


class ProgrammeFull(DomainError):
    code = "programme_full"
    message = _("All seats are taken. You can join the waiting list.")


class SignedUpAlready(DomainError):
    code = "signed_up_already"
    message = _("This person is signed up already.")
    field = "person"


class PersonNotMember(DomainError):
    code = "person_not_member"
    message = _("Only people of the company can take part.")
    field = "person"
    status = 400


class NotSignedUp(DomainError):
    code = "not_signed_up"
    message = _("This sign-up has ended already.")


class ProgrammeBegun(DomainError):
    code = "programme_begun"
    message = _("The programme has begun. Please speak to the camp office.")


class NotBegun(DomainError):
    code = "not_begun"
    message = _("Attendance can be taken from half an hour before the meeting on.")


class MeetingOff(DomainError):
    code = "meeting_off"
    message = _("This meeting was called off.")


class NotAParticipant(DomainError):
    code = "not_a_participant"
    message = _("This person has no seat in the programme.")
    status = 400


class TooManyMaterials(DomainError):
    code = "too_many_materials"
    message = _("A programme holds at most %(most)s files.")
    field = "file"


class NotOver(DomainError):
    code = "not_over"
    message = _("Certificates are issued once the programme is over.")


class AttendanceTooLow(DomainError):
    code = "attendance_too_low"
    message = _("%(share)s%% of the meetings were attended; the certificate needs %(needed)s%%.")
