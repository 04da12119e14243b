"""The private notes: why a click changed nothing."""

from itertools import product
from typing import Any

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.decide import Refused
from bot.reviews.review import Action, Status
from bot.slack.messages.ephemeral import form_not_shown_note, not_recorded_note, private_note

SINCE = "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
FACTS: dict[str, Any] = {
    "why": Refused.NOT_POSSIBLE,
    "action": Action.CLAIM,
    "session_id": "session-1",
    "queue": "user",
    "status": Status.CLAIMED,
    "holder": "UANNA",
    "since": 1_773_765_688_447,
    "maker": None,
    "escalated_by": None,
    "to": None,
    "session_state": "REVIEW",
    "may": ["UANNA", "UBORIS", "ULEA"],
    "leads": ["ULEA"],
}
PEOPLES_ACTIONS = [action for action in Action if action not in (Action.RECEIVE, Action.CLOSE)]
NOBODY: dict[str, Any] = {"holder": None, "since": None, "may": [], "leads": []}

NOTES: list[tuple[dict[str, Any], str]] = [
    (
        {"why": Refused.NOT_A_REVIEWER},
        (
            "You may not claim this: you are not a reviewer of the user queue. "
            "These people may: <@UANNA>, <@UBORIS>, <@ULEA>."
        ),
    ),
    (
        {"why": Refused.NOT_A_REVIEWER, "action": Action.RELEASE, "queue": "related-party", "may": ["UANNA"]},
        "You may not release this: you are not a reviewer of the related party queue. These people may: <@UANNA>.",
    ),
    (
        {"why": Refused.HELD_BY_OTHER},
        f"<@UANNA> already has this review since {SINCE}. Ask them or a lead (<@ULEA>) to release it.",
    ),
    (
        {"why": Refused.HELD_BY_OTHER} | NOBODY,
        "Somebody else already has this review. Ask them to release it.",
    ),
    ({"why": Refused.ALREADY_YOURS}, f"You already have this review since {SINCE}."),
    (
        {"why": Refused.NOT_THE_HOLDER, "action": Action.RELEASE},
        f"<@UANNA> has this review since {SINCE}. Only they or a lead (<@ULEA>) may release it.",
    ),
    (
        {"why": Refused.NOT_THE_HOLDER, "action": Action.RELEASE, "leads": []},
        f"<@UANNA> has this review since {SINCE}. Only they may release it.",
    ),
    (
        {"why": Refused.OWN_PROPOSAL, "action": Action.CONFIRM, "may": []},
        "You proposed this decision yourself: a second person has to confirm it.",
    ),
    (
        {"why": Refused.OWN_PROPOSAL, "action": Action.SEND_BACK, "may": ["UBORIS"]},
        "You proposed this decision yourself: a second person has to send it back. These people may: <@UBORIS>.",
    ),
    (
        {"action": Action.RELEASE, "status": Status.OPEN},
        "You cannot release this review now: it is open and nobody has it. The card shows its newest state.",
    ),
    (
        {"action": Action.REOPEN},
        "You cannot reopen this review now: <@UANNA> has claimed it. The card shows its newest state.",
    ),
    (
        {"action": Action.RESOLVE, "status": Status.PROPOSED},
        (
            "You cannot resolve this review now: a decision is proposed and waits for a second person. "
            "The card shows its newest state."
        ),
    ),
    (
        {"status": Status.DECIDED},
        "You cannot claim this review now: it is decided. The card shows its newest state.",
    ),
    (
        {"status": Status.CLOSED},
        (
            "You cannot claim this review now: it is closed, for Ralio has told the verdict. "
            "The card shows its newest state."
        ),
    ),
    ({"why": Refused.UNKNOWN_REVIEW}, "You cannot claim this: the bot does not know the session."),
    (
        {"why": Refused.GUEST},
        "You may not claim reviews: guests of the workspace may not work on them.",
    ),
    (
        {"why": Refused.BOT, "action": Action.TAKE_OVER},
        "You may not take reviews over: only people may work on them.",
    ),
    (
        {"why": Refused.OUTSIDER},
        "You may not claim reviews: only members of this workspace may work on them.",
    ),
    (
        {"why": Refused.DEACTIVATED, "action": Action.CONFIRM},
        "You may not confirm reviews: your account is deactivated.",
    ),
    (
        {"why": Refused.CANNOT_CHECK, "action": Action.CONFIRM},
        (
            "You cannot confirm now: Slack does not answer who may work on this, and without that nobody may. "
            "Try again in a minute."
        ),
    ),
    ({"why": Refused.NONE_LEFT}, "No review is left that you could claim."),
    (
        {"why": Refused.NO_LEADS, "action": Action.ESCALATE},
        "You cannot escalate this: no leads are named for the user queue.",
    ),
    (
        {"why": Refused.ALREADY_ESCALATED, "action": Action.ESCALATE, "escalated_by": "UBORIS"},
        "<@UBORIS> has escalated this review to the leads already.",
    ),
    (
        {"why": Refused.CANNOT_GIVE_TO, "action": Action.REASSIGN, "to": "UDAN"},
        "<@UDAN> may not review the user queue. These people may: <@UANNA>, <@UBORIS>, <@ULEA>.",
    ),
    (
        {"why": Refused.HAS_IT_ALREADY, "action": Action.REASSIGN, "to": "UANNA"},
        f"<@UANNA> has this review already since {SINCE}.",
    ),
    (
        {"why": Refused.CHANGED_MEANWHILE, "action": Action.CONFIRM, "status": Status.PROPOSED},
        (
            "The review changed before you could confirm it: a decision is proposed and waits for a second person. "
            "Look at the card and press again."
        ),
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), NOTES)
def test_a_refusal_says_why_and_who_can_help(changes: dict[str, Any], sentence: str) -> None:
    """And that nothing was changed, on which session."""
    note = private_note(FACTS | changes)
    assert note.text == f"{sentence} Nothing was changed. (Session `session-1`)"


def test_every_reason_has_its_note() -> None:
    """No refusal is silent."""
    assert {(FACTS | changes)["why"] for changes, _ in NOTES} == set(Refused)


def test_an_unknown_review_needs_no_more_facts() -> None:
    """There is nothing else to say about it."""
    facts = {"why": "unknown_review", "action": "claim", "session_id": "session-1"}
    assert private_note(facts).text.startswith("You cannot claim this")


@pytest.mark.parametrize(
    ("why", "action", "status"),
    list(product(Refused, PEOPLES_ACTIONS, Status)),
)
def test_slack_takes_every_note(why: Refused, action: Action, status: Status) -> None:
    """Whatever was wished, for whatever reason it was refused, also with plain words from the database."""
    facts = FACTS | {"why": why.value, "action": action.value, "status": status.value}
    note = private_note(facts)
    assert block_problems(list(note.blocks)) == []
    reason, about = note.blocks
    assert note.text == f"{reason['text']['text']} ({about['elements'][0]['text']})"
    assert not note.metadata


def test_a_large_team_is_shortened() -> None:
    """A note is read at a glance."""
    note = private_note(FACTS | {"why": Refused.NOT_A_REVIEWER, "may": [f"U{n:03}" for n in range(500)]})
    assert "<@U009> and 490 more." in note.text
    assert len(note.text) < 400


def test_a_note_escapes_what_it_shows() -> None:
    """Its texts come from outside."""
    note = private_note(FACTS | {"session_id": "`<!channel>`", "holder": "U1> <!here"})
    assert "<!" not in note.text
    assert "`'&lt;!channel&gt;'`" in note.text


def test_a_click_that_could_not_be_recorded_is_told_so() -> None:
    """The person can press again; nothing was half done."""
    note = not_recorded_note("session-1")
    assert note.text == (
        "Your click could not be recorded: the bot's database cannot be reached right now. "
        "Look at the card in a minute, and press again if it does not show what you asked for. (Session `session-1`)"
    )
    assert block_problems(list(note.blocks)) == []


def test_a_click_of_no_session_is_told_so_too() -> None:
    """Claim next names none."""
    note = not_recorded_note(None)
    assert note.text.endswith("if it does not show what you asked for.")
    assert block_problems(list(note.blocks)) == []


@pytest.mark.parametrize("action", PEOPLES_ACTIONS)
def test_a_form_that_was_not_shown_is_told_so(action: Action) -> None:
    """The person can press again; nothing was half done."""
    note = form_not_shown_note(action, "session-1")
    assert note.text.startswith("Slack did not show the form to ")
    assert " this review" in note.text
    assert note.text.endswith(". Nothing was changed: press again. (Session `session-1`)")
    assert block_problems(list(note.blocks)) == []


def test_nobody_is_named_who_may_not() -> None:
    """A lead may release and nothing more; whoever proposed may not confirm."""
    facts = {
        "session_id": "s",
        "queue": "user",
        "since": None,
        "holder": "UA",
        "maker": "UA",
        "leads": ["UL"],
    }
    refused = facts | {"why": "not_the_holder", "action": "resolve", "status": "claimed", "may": []}
    assert "UL" not in private_note(refused).text
    own = facts | {"why": "own_proposal", "action": "confirm", "status": "proposed", "may": ["UA", "UB"]}
    assert "<@UA>" not in private_note(own).text
    assert "<@UB>" in private_note(own).text
