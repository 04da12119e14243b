"""What notifications are about, as stored rows name it."""

from enum import StrEnum


class ActionTopic(StrEnum):
    """What a person did that concerns other people. Stored rows use the values."""

    REASSIGNED = "reassigned"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    ESCALATED = "escalated"
    SENT_BACK = "sent_back"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    NOTE_ADDED = "note_added"


class AutomaticTopic(StrEnum):
    """What Ralio or a timer did. Stored rows, keys of deliveries and the audit use the values."""

    CLOSED = "closed"
    DISAGREES = "disagrees"
    CHECKS_CHANGED = "checks_changed"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    CONFIRMATION_NEEDED = "confirmation_needed"
    REMIND_QUEUE = "remind_queue"
    REMIND_HOLDER = "remind_holder"
    REMIND_LEADS = "remind_leads"
    STILL_ON_IT = "still_on_it"
    SNOOZE_ENDED = "snooze_ended"
    SNOOZE_INTERRUPTED = "snooze_interrupted"
    VERDICT_MISSING = "verdict_missing"
    VERDICT_MISSING_LEADS = "verdict_missing_leads"
    RELEASED_FOR_SILENCE = "released_for_silence"
    HOLDER_DEACTIVATED = "holder_deactivated"
    REMINDER_ENDED = "reminder_ended"
