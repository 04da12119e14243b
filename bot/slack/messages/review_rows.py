"""Reviews in lists, as the home tab and `/reviews` show them: what each is about and waits for, with buttons. Pure.

A row takes two lines: one line of text above two buttons, or two lines of text beside one. On a phone it takes three.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    MarkdownTextObject,
    SectionBlock,
)

from bot.reviews.action_request import Authority
from bot.reviews.policy import Policy, policy_of
from bot.reviews.review import Action, Review, Status
from bot.slack.messages import buttons, card_buttons
from bot.slack.messages.mrkdwn import VERDICTS, cut, day, escaped, moment, one_line, permalink, person
from bot.slack.messages.review_title import OVERDUE_MARK, is_overdue, outcome_text, title
from bot.slack.messages.status_text import closed_words, disagreement_words, done, snooze_words
from bot.store.tables.reviews import ListedReview

TITLE_LENGTH, SHORT_TITLE_LENGTH = 70, 60
DAY_MS = 24 * 3_600_000
_MORE = re.compile(r" and [0-9]+ more$")
STATUS_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a list at `now` (milliseconds): a reviewer of `queues` who leads those in `led`."""

    person: str
    policies: Mapping[str, Policy]
    workspace_url: str
    now: int
    queues: Sequence[str] = ()
    led: Sequence[str] = ()

    def policy(self, review: Review) -> Policy:
        """The policy of the review's queue."""
        return policy_of(review.queue, self.policies)


def reader_of(person_id: str, authority: Authority, workspace_url: str, now: int) -> Reader:
    """The person as a reader of lists, with what they can do at `now` (milliseconds)."""
    queues = authority.queues_of(person_id)
    led = [queue for queue in queues if authority.policy(queue).roster.leads_queue(person_id)]
    return Reader(person_id, authority.policies, workspace_url, now, queues, led)


def row_blocks(listed: ListedReview, reader: Reader) -> list[Block]:
    """A row on the home tab."""
    review, elements = listed.review, row_buttons(listed.review, reader)
    title_, status = _short_title(listed, reader), _short_status(review, reader)
    if len(elements) > 1:
        text = f"{title_} · {status}"
        actions = ActionsBlock(block_id=buttons.block_id(review.session_id), elements=elements)
        return [SectionBlock(text=MarkdownTextObject(text=text)), actions]
    return [_beside(f"{title_}\n{_sentence(status)}", review, elements)]


def row_block(listed: ListedReview, reader: Reader, *, says_unclaimed: bool = False) -> Block:
    """A row of a message, with its first button beside it: a message has no room for more."""
    text = row_text(listed, reader, says_unclaimed=says_unclaimed)
    return _beside(text, listed.review, row_buttons(listed.review, reader))


def _beside(text: str, review: Review, elements: Sequence[ButtonElement]) -> Block:
    return SectionBlock(
        block_id=buttons.block_id(review.session_id) if elements else None,
        text=MarkdownTextObject(text=text),
        accessory=elements[0] if elements else None,
    )


def row_text(
    listed: ListedReview, reader: Reader, between: str = "\n", *, says_unclaimed: bool = False
) -> str:
    """What the review is about, as a link to its card where that is known, and what it waits for."""
    status = _status(listed.review, reader, says_unclaimed=says_unclaimed)
    return f"{linked_title(listed, reader)}{between}{_sentence(status)}"


def linked_title(listed: ListedReview, reader: Reader) -> str:
    """What the review is about, as a link to its card where that is known."""
    return _linked(title(listed.review, reader.now, TITLE_LENGTH), listed, reader)


def _short_title(listed: ListedReview, reader: Reader) -> str:
    """Only the first thing that failed."""
    text = _MORE.sub("", title(listed.review, reader.now))
    return _linked(one_line(text, SHORT_TITLE_LENGTH), listed, reader)


def _linked(text: str, listed: ListedReview, reader: Reader) -> str:
    link = permalink(reader.workspace_url, listed.channel, listed.message_ts)
    return f"<{escaped(link)}|{escaped(text)}>" if link else f"*{escaped(text)}*"


def row_buttons(review: Review, reader: Reader) -> list[ButtonElement]:
    """What the reader can do about the review right there."""
    policy, is_mine = reader.policy(review), reader.person in (review.claimed_by, review.decided_by)
    match review.status:
        case Status.CLAIMED if not is_mine:
            may_reassign = review.queue in reader.led
            return [_button(Action.REASSIGN, "review_reassign", review)] if may_reassign else []
        case Status.CLAIMED if review.snoozed_until is not None:
            return [
                *card_buttons.state_buttons(review, policy),
                _button(Action.RESUME, "review_resume", review),
            ]
        case Status.PROPOSED if is_mine:
            return [_button(Action.WITHDRAW, "review_withdraw", review)]
        case Status.DECIDED:
            return []
        case _:
            return card_buttons.state_buttons(review, policy)


def _button(action: Action, action_id: str, review: Review) -> ButtonElement:
    """As in the card's menu: it works whatever else has changed on the review."""
    return ButtonElement(
        text=buttons.MENU_ACTIONS[action], action_id=action_id, value=buttons.value(review.session_id)
    )


def _status(review: Review, reader: Reader, *, says_unclaimed: bool) -> str:
    """What the review waits for, without what the title or the reader's own list says."""
    parts = [_state(review, reader, says_unclaimed=says_unclaimed), _deadline(review, reader)]
    if review.escalated_by is not None and review.status is not Status.CLOSED:
        parts.append(f"escalated by {person(review.escalated_by)}")
    return cut(" · ".join(part for part in parts if part) or _since(review), STATUS_LENGTH)


def _short_status(review: Review, reader: Reader) -> str:
    """What to know beside the buttons, short enough for one line of the home tab: its lists say the state."""
    policy = reader.policy(review)
    match review.status:
        case Status.PROPOSED if review.decided_by == reader.person:
            return f"you proposed {_outcome(review, policy)}"
        case Status.PROPOSED:
            return f"{_who(review.decided_by)} proposed {_outcome(review, policy)}"
        case Status.CLAIMED if review.snoozed_until is not None:
            snoozed = f"snoozed until {_when(review.snoozed_until, reader.now)}"
            return snoozed if review.claimed_by == reader.person else f"{_who(review.claimed_by)}, {snoozed}"
        case Status.CLAIMED if review.claimed_by != reader.person and review.escalated_by is not None:
            return f"escalated by {person(review.escalated_by)}"
        case Status.CLAIMED if review.claimed_by != reader.person:
            return f"{_who(review.claimed_by)}{_due(review, reader)}"
        case Status.DECIDED:
            return (
                f"{_who(review.decided_by)} decided {_outcome(review, policy)}{_verdict_due(review, reader)}"
            )
        case Status.CLOSED if review.outcome is None:
            return f"{VERDICTS.get(review.session_state, 'closed')}; no decision here"
        case Status.CLOSED:
            verdict = VERDICTS.get(review.session_state, "closed")
            did = done(unconfirmed=review.unconfirmed)
            return f"Ralio: {verdict} · {_who(review.decided_by)} {did} {_outcome(review, policy)}"
        case _:
            return _deadline(review, reader) or _since(review)


def _outcome(review: Review, policy: Policy) -> str:
    return f"*{escaped(policy.label_of(review.outcome))}*"


def _verdict_due(review: Review, reader: Reader) -> str:
    return f" · due {_when(review.due_at, reader.now)}" if review.due_at is not None else ""


def _due(review: Review, reader: Reader) -> str:
    return f", by {_when(review.due_at, reader.now)}" if review.due_at is not None else ""


def _when(at: int, now: int) -> str:
    """The day, and if it is less than a day away also the time."""
    return moment(at) if abs(at - now) < DAY_MS else day(at)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _state(review: Review, reader: Reader, *, says_unclaimed: bool) -> str:
    policy = reader.policy(review)
    match review.status:
        case Status.OPEN:
            return "Unclaimed" if says_unclaimed else ""
        case Status.CLAIMED:
            snoozed = snooze_words(review, policy).strip(" .")
            claimed = "" if review.claimed_by == reader.person else f"Claimed by {_who(review.claimed_by)}"
            return " · ".join(part for part in (claimed, snoozed) if part)
        case Status.PROPOSED if review.decided_by == reader.person:
            return f"Awaiting confirmation: {outcome_text(review, policy)}"
        case Status.PROPOSED:
            return f"{_who(review.decided_by)} proposed {outcome_text(review, policy)}"
        case Status.DECIDED:
            return f"{_who(review.decided_by)} decided {outcome_text(review, policy)}"
        case Status.CLOSED:
            words = disagreement_words(review.disagreement).rstrip(".")
            return f"{closed_words(review, policy, '*')}{f'. {words}' if words else ''}"


def _deadline(review: Review, reader: Reader) -> str:
    if review.due_at is None or review.snoozed_until is not None:
        return ""
    due, late = moment(review.due_at), is_overdue(review, reader.now)
    match review.status:
        case Status.CLOSED:
            return ""
        case Status.DECIDED:
            return f"{OVERDUE_MARK} verdict was due {due}" if late else f"verdict expected by {due}"
        case _ if late:
            return f"{OVERDUE_MARK} was due {due}"
        case Status.OPEN if reader.policy(review).deadlines.claim_within_ms is not None:
            return f"claim by {due}"
        case Status.PROPOSED:
            return f"confirm by {due}"
        case _:
            return f"decide by {due}"


def _since(review: Review) -> str:
    return f"waiting since {moment(review.opened_at)}" if review.opened_at is not None else "waiting"


def _who(user_id: str | None) -> str:
    return person(user_id) if user_id else "someone"
