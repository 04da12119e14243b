"""Reviews, rules and hostile texts that the tests of what is rendered share."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import EntityType, Pause, Review, SessionState, Status
from bot.settings.file import BotFile

OPENED_AT = 1_773_765_688_447
MINUTE = 60_000

OPEN = Review(
    session_id="5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10",
    entity_type=EntityType.USER,
    queue="user",
    session_state=SessionState.REVIEW,
    session_event_at=OPENED_AT - 1_000,
    session_event_id="9d8b7c6a-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
    status=Status.OPEN,
    subject_id="0f3c8f0a-7a55-4f0b-8a43-2f6f0c7a9b21",
    opened_at=OPENED_AT,
    id=42,
)
RELATED_PARTY = OPEN._replace(
    entity_type=EntityType.RELATED_PARTY, queue="related-party", subject_id="c2a1e6b4-93d7-4c8e-a5f0"
)
CLAIMED = OPEN._replace(status=Status.CLAIMED, claimed_by="UANNA", claimed_at=OPENED_AT + MINUTE, version=2)
ESCALATED = CLAIMED._replace(escalated_by="UANNA", escalated_at=OPENED_AT + 2 * MINUTE, version=3)
SNOOZED = CLAIMED._replace(
    snoozed_until=OPENED_AT + 2_880 * MINUTE,
    snooze_reason="proof_of_address",
    pauses=(Pause(OPENED_AT + 2 * MINUTE, OPENED_AT + 2_880 * MINUTE),),
    version=3,
)
PROPOSED = CLAIMED._replace(
    status=Status.PROPOSED,
    outcome="reject",
    reason="document_expired",
    note="Typed by a person.",
    decided_by="UANNA",
    decided_at=OPENED_AT + 2 * MINUTE,
    unconfirmed=True,
    version=3,
)
CONFIRMED = PROPOSED._replace(
    status=Status.DECIDED,
    confirmed_by="UBORIS",
    confirmed_at=OPENED_AT + 3 * MINUTE,
    unconfirmed=False,
    version=4,
)
DECIDED = CONFIRMED._replace(confirmed_by=None, confirmed_at=None, reason=None, note=None, outcome="approve")
VERIFIED = CONFIRMED._replace(
    status=Status.CLOSED, session_state=SessionState.VERIFIED, claimed_by=None, claimed_at=None
)

RULES = replace(BotFile().rules()["user"], four_eyes=frozenset({"reject"}))
"""The outcomes as they are shipped; no reviewers are named."""

NAMED = replace(
    RULES,
    roster=Roster(
        reviewers=frozenset({"UANNA", "UBORIS"}),
        leads=frozenset({"ULEA"}),
        reviewer_groups=frozenset({"SREVIEWERS"}),
    ),
)
"""The same with people and a user group."""

HOSTILE = "<!channel> & <https://evil.example|x> `*b*` <@UEVIL>"
LONGEST_SESSION_ID = "s" + "-" * 127
LONGEST_ID = "U" + "X" * 40

MOST = Policy(
    roster=Roster(
        reviewers=frozenset(f"U{number:040}" for number in range(500)),
        leads=frozenset(f"W{number:040}" for number in range(500)),
        reviewer_groups=frozenset(f"S{number:040}" for number in range(500)),
    ),
    outcomes={
        f"outcome_{number:022}": Outcome(
            "&" * 75, {f"reason_{reason:023}": "<" * 75 for reason in range(100)}, reason_required=True
        )
        for number in range(100)
    },
    four_eyes=frozenset(f"outcome_{number:022}" for number in range(100)),
)
"""As much as the settings let a file say, in characters that grow when they are escaped."""

LONGEST = PROPOSED._replace(
    session_id=LONGEST_SESSION_ID,
    subject_id="&" * 128,
    outcome="outcome_" + "0" * 22,
    reason="reason_" + "0" * 23,
    note="&" * 1_000,
    claimed_by=LONGEST_ID,
    decided_by=LONGEST_ID,
    escalated_by=LONGEST_ID,
    escalated_at=OPENED_AT,
)

_OWN_MARKUP = re.compile(
    r"<@[^<>]*>|<!subteam\^[^<>]*>|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^<>]+ UTC>"
    r"|<!date\^\d+\^\{date_short_pretty\}\|[0-9-]{10}>"
    r"|<https://[a-z.]*\.example\.com/[^<>|]*\|[^<>|]+>"
)


def formatted_texts(value: object) -> Iterator[str]:
    """Every text that Slack reads for markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for item in value.values():
            yield from formatted_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from formatted_texts(item)


def is_harmless(text: str) -> bool:
    """Whether its only markup is the bot's own: mentions of people and groups, times, links."""
    return not re.search("[<>]", _OWN_MARKUP.sub("", text))
