"""Ephemeral messages: what came of a person's action, and why."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.action_request import Refused
from bot.reviews.notifications import ActionGranted, ActionRefused
from bot.reviews.review import Action, Status
from bot.slack.messages.ephemeral import action_outcome, click_not_recorded, modal_not_shown, why_refused

SINCE = "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
REFUSAL = ActionRefused(
    Refused.NOT_POSSIBLE,
    Action.CLAIM,
    session_id="session-1",
    queue="user",
    status=Status.CLAIMED,
    holder="UANNA",
    claimed_at=1_773_765_688_447,
    reviewers=("UANNA", "UBORIS", "ULEA"),
    leads=("ULEA",),
)
PEOPLES_ACTIONS = [action for action in Action if action not in (Action.RECEIVE, Action.CLOSE)]
NOBODY: dict[str, Any] = {"holder": None, "claimed_at": None, "reviewers": (), "leads": ()}

REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"reason": Refused.NOT_SNOOZED, "action": Action.RESUME}, "This review isn't snoozed."),
    (
        {"reason": Refused.NOT_A_REVIEWER},
        (
            "You can't claim this: you aren't a reviewer of the user queue. "
            "Ask one of: <@UANNA>, <@UBORIS>, <@ULEA>."
        ),
    ),
    (
        {
            "reason": Refused.NOT_A_REVIEWER,
            "action": Action.RELEASE,
            "queue": "related-party",
            "reviewers": ("UANNA",),
        },
        "You can't release this: you aren't a reviewer of the related party queue. Ask one of: <@UANNA>.",
    ),
    (
        {"reason": Refused.HELD_BY_OTHER},
        f"<@UANNA> has been working on this since {SINCE}. To take it over: ⋯ &gt; Take over.",
    ),
    (
        {"reason": Refused.HELD_BY_OTHER} | NOBODY,
        "Someone else has been working on this. To take it over: ⋯ &gt; Take over.",
    ),
    (
        {"reason": Refused.HELD_BY_OTHER, "status": Status.PROPOSED},
        "<@UANNA> has already proposed a decision. It needs confirmation by a second person.",
    ),
    (
        {"reason": Refused.NOT_THE_HOLDER, "action": Action.RELEASE},
        (
            f"<@UANNA> has been working on this since {SINCE}. Only <@UANNA> or a lead (<@ULEA>) can release it. "
            "To take it over: ⋯ &gt; Take over."
        ),
    ),
    (
        {"reason": Refused.NOT_THE_HOLDER, "action": Action.RESOLVE},
        (
            f"<@UANNA> has been working on this since {SINCE}. Only <@UANNA> can resolve it. "
            "To take it over: ⋯ &gt; Take over."
        ),
    ),
    (
        {"reason": Refused.OWN_PROPOSAL, "action": Action.CONFIRM, "reviewers": ()},
        "You proposed this decision, so a second person needs to confirm it.",
    ),
    (
        {"reason": Refused.OWN_PROPOSAL, "action": Action.SEND_BACK, "reviewers": ("UBORIS",)},
        "You proposed this decision, so a second person needs to send it back. Ask one of: <@UBORIS>.",
    ),
    (
        {"reason": Refused.NOT_YOUR_PROPOSAL, "action": Action.WITHDRAW, "proposer": "UANNA"},
        "<@UANNA> proposed this decision, so only <@UANNA> can withdraw it. You can send it back instead.",
    ),
    (
        {"reason": Refused.ALREADY_DECIDED, "action": Action.RECORD_DECISION, "proposer": "UBORIS"},
        "A decision is already recorded on this review, by <@UBORIS>.",
    ),
    (
        {"action": Action.ADD_NOTE, "status": Status.OPEN},
        "You can't add a note to this review now: it's unclaimed. The card is up to date.",
    ),
    (
        {"action": Action.RECORD_DECISION, "status": Status.OPEN},
        "You can't record a decision on this review now: it's unclaimed. The card is up to date.",
    ),
    (
        {"action": Action.RELEASE, "status": Status.OPEN},
        "You can't release this review now: it's unclaimed. The card is up to date.",
    ),
    (
        {"action": Action.REOPEN},
        "You can't reopen this review now: <@UANNA> has claimed it. The card is up to date.",
    ),
    (
        {"action": Action.RESOLVE, "status": Status.PROPOSED},
        "You can't resolve this review now: a decision is awaiting confirmation. The card is up to date.",
    ),
    (
        {"status": Status.DECIDED},
        "You can't claim this review now: it's decided. The card is up to date.",
    ),
    (
        {"status": Status.CLOSED},
        "You can't claim this review now: Ralio's verdict closed it. The card is up to date.",
    ),
    ({"reason": Refused.UNKNOWN_REVIEW}, "You can't claim this: no review was found for this session."),
    (
        {"reason": Refused.GUEST, "reviewers": ()},
        "You're a guest in this workspace, and guests can't work on reviews.",
    ),
    (
        {"reason": Refused.BOT, "action": Action.TAKE_OVER, "reviewers": ("UANNA",)},
        "Only people can work on reviews. Ask one of: <@UANNA>.",
    ),
    (
        {"reason": Refused.OUTSIDER, "reviewers": ()},
        "Only members of this workspace can work on reviews.",
    ),
    (
        {"reason": Refused.DEACTIVATED, "action": Action.CONFIRM, "reviewers": ()},
        "Your account is deactivated, so you can't work on reviews.",
    ),
    (
        {"reason": Refused.CANNOT_CHECK, "action": Action.CONFIRM},
        "Slack isn't answering, so I can't check your permissions. Try again in a minute.",
    ),
    ({"reason": Refused.NONE_LEFT}, "There's nothing left for you to claim."),
    (
        {"reason": Refused.NO_LEADS, "action": Action.ESCALATE},
        "You can't escalate this: no leads are named for the user queue.",
    ),
    (
        {"reason": Refused.ALREADY_ESCALATED, "action": Action.ESCALATE, "escalated_by": "UBORIS"},
        "<@UBORIS> has already escalated this review to the leads.",
    ),
    (
        {"reason": Refused.CANNOT_GIVE_TO, "action": Action.REASSIGN, "target": "UDAN"},
        "<@UDAN> can't review the user queue. Ask one of: <@UANNA>, <@UBORIS>, <@ULEA>.",
    ),
    (
        {"reason": Refused.HAS_IT_ALREADY, "action": Action.REASSIGN, "target": "UANNA"},
        f"<@UANNA> already has this review since {SINCE}.",
    ),
    (
        {"reason": Refused.NOTE_REQUIRED, "action": Action.RESOLVE, "status": Status.CLAIMED},
        "You can't resolve it without a note: the reason you chose needs one.",
    ),
    (
        {"reason": Refused.CHANGED_MEANWHILE, "action": Action.CONFIRM, "status": Status.PROPOSED},
        (
            "The review changed before you could confirm it: a decision is awaiting confirmation. "
            "Check the card and try again."
        ),
    ),
]


STANDS_ALREADY: list[tuple[dict[str, Any], str]] = [
    ({"reason": Refused.ALREADY_YOURS}, f"You've had this review since {SINCE}."),
    ({"action": Action.RELEASE}, "You've already released this review. Anyone can claim it now."),
    ({"action": Action.REASSIGN, "target": "UDAN"}, "You've already reassigned this review to <@UDAN>."),
    ({"action": Action.ESCALATE}, "You've already escalated this review to the leads."),
    ({"action": Action.CONFIRM}, "You've already confirmed this decision."),
    ({"action": Action.RESOLVE, "status": Status.DECIDED}, "You've already recorded this decision."),
    (
        {"action": Action.RESOLVE, "status": Status.PROPOSED},
        "You've already proposed this decision. It needs confirmation by a second person.",
    ),
    ({"action": Action.SEND_BACK}, "You've already sent this decision back to <@UANNA>."),
    ({"action": Action.WITHDRAW}, "You've already withdrawn your proposal. You have the review again."),
    ({"action": Action.RECORD_DECISION, "status": Status.CLOSED}, "You've already recorded this decision."),
    ({"action": Action.REOPEN}, "You've already reopened this review. Anyone can claim it now."),
]


@pytest.mark.parametrize(("changes", "sentence"), STANDS_ALREADY)
def test_a_double_click_reads_kindly(changes: dict[str, Any], sentence: str) -> None:
    """Nothing failed: the review stands as the person asked."""
    message = action_outcome(replace(REFUSAL, **({"reason": Refused.ALREADY_DONE} | changes)))
    assert message.text == f"{sentence} (Session `session-1`)"


@pytest.mark.parametrize(("changes", "sentence"), REFUSALS)
def test_a_refusal_says_why_and_who_can_help(changes: dict[str, Any], sentence: str) -> None:
    """It also names the session."""
    message = action_outcome(replace(REFUSAL, **changes))
    assert message.text == f"{sentence} (Session `session-1`)"


def test_every_reason_has_its_sentence() -> None:
    """No refusal is silent."""
    refused = {changes.get("reason", REFUSAL.reason) for changes, _ in REFUSALS}
    assert refused == set(Refused) - {Refused.ALREADY_DONE, Refused.ALREADY_YOURS}


def test_a_refusal_about_an_unknown_review_needs_nothing_else() -> None:
    """There is nothing else to say about it."""
    refusal = ActionRefused(Refused.UNKNOWN_REVIEW, Action.CLAIM, "session-1")
    assert action_outcome(refusal).text.startswith("You can't claim this")


def test_a_person_without_a_queue_learns_whom_to_ask() -> None:
    """The same on the home tab, for `/reviews` and for a click."""
    for action in (None, Action.CLAIM):
        text = why_refused(ActionRefused(Refused.NOT_A_REVIEWER, action, reviewers=("UANNA",)))
        assert text == (
            "You aren't a reviewer for any queue, so there's nothing here for you. Ask one of: <@UANNA>."
        )


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (Action.CLAIM, "You claimed this review."),
        (Action.CONFIRM, "You confirmed this decision."),
        (Action.WITHDRAW, "You withdrew your proposal. You have the review again."),
        (Action.RESUME, "You resumed this review."),
        (Action.STILL_ON_IT, "Got it. You still have this review."),
        (Action.RELEASE, "Released. Anyone can claim this review now."),
    ],
)
def test_a_click_in_a_list_or_direct_message_is_confirmed(action: Action, sentence: str) -> None:
    """The list stays as it is, and the card is elsewhere."""
    message = action_outcome(ActionGranted(action, "session-1"))
    assert message.text == f"{sentence} (Session `session-1`)"
    assert block_problems(list(message.blocks)) == []


@pytest.mark.parametrize("reason", Refused)
def test_slack_accepts_every_refusal(reason: Refused) -> None:
    """Each reason, for each action, in each status."""
    for action, status in product(PEOPLES_ACTIONS, Status):
        message = action_outcome(replace(REFUSAL, reason=reason, action=action, status=status))
        assert block_problems(list(message.blocks)) == [], f"{action} when {status}"
        sentence, about = message.blocks
        assert message.text == f"{sentence['text']['text']} ({about['elements'][0]['text']})"
        assert not message.metadata


def test_a_large_team_is_shortened() -> None:
    """The message is read at a glance."""
    team = tuple(f"U{n:03}" for n in range(500))
    message = action_outcome(replace(REFUSAL, reason=Refused.NOT_A_REVIEWER, reviewers=team))
    assert "<@U009> and 490 more." in message.text
    assert len(message.text) < 400


def test_an_ephemeral_message_escapes_what_it_shows() -> None:
    """Its texts come from outside."""
    message = action_outcome(replace(REFUSAL, session_id="`<!channel>`", holder="U1> <!here"))
    assert "<!" not in message.text
    assert "`'&lt;!channel&gt;'`" in message.text


def test_a_click_that_could_not_be_recorded_says_so() -> None:
    """The person can press again; nothing was half done."""
    message = click_not_recorded("session-1", is_certain=True)
    assert message.text == (
        "I couldn't record your click because the database can't be reached. "
        "Check the card in a minute, and press again if it doesn't show your change. (Session `session-1`)"
    )
    assert block_problems(list(message.blocks)) == []


def test_a_click_whose_commit_broke_may_not_have_been_recorded() -> None:
    """The person looks first, because it may have counted."""
    message = click_not_recorded(None, is_certain=False)
    assert message.text == (
        "Your click may not have been recorded, because the connection to the database broke. "
        "Check the card in a minute, and press again if it doesn't show your change."
    )


def test_a_click_without_a_session_says_so_too() -> None:
    """The button Claim next names none."""
    message = click_not_recorded(None, is_certain=True)
    assert message.text.endswith("if it doesn't show your change.")
    assert block_problems(list(message.blocks)) == []


@pytest.mark.parametrize("action", PEOPLES_ACTIONS)
def test_a_modal_that_was_not_shown_says_so(action: Action) -> None:
    """The person can press again; nothing was half done."""
    message = modal_not_shown(action, "session-1")
    assert message.text.startswith("Slack didn't open the form to ")
    assert " this review" in message.text
    assert message.text.endswith(" in time. Press the button again. (Session `session-1`)")
    assert block_problems(list(message.blocks)) == []


def test_only_people_who_can_help_are_named() -> None:
    """A lead can release but not resolve; the proposer cannot confirm."""
    refusal = replace(REFUSAL, holder="UA", proposer="UA", leads=("UL",), reviewers=())
    not_the_holder = replace(refusal, reason=Refused.NOT_THE_HOLDER, action=Action.RESOLVE)
    assert "UL" not in action_outcome(not_the_holder).text
    own = replace(refusal, reason=Refused.OWN_PROPOSAL, action=Action.CONFIRM, reviewers=("UA", "UB"))
    assert "<@UA>" not in action_outcome(own).text
    assert "<@UB>" in action_outcome(own).text
