"""The card: one message a review, rendered from the review's newest row and its last changes. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)

from bot.reviews.audit import RALIO, AuditEntry
from bot.reviews.review import Action, Check, EntityType, Review, SessionState, Status
from bot.slack.gateway import Message
from bot.slack.metadata import metadata
from bot.slack.texts import QUEUE_NAMES, code, escaped, moment, person, plain_moment

HISTORY_LENGTH = 5
CHECKS_LENGTH = 2_400
"""Characters of checks at most: Slack takes 3,000 a section."""

_VERDICTS: Mapping[SessionState, str] = MappingProxyType(
    {SessionState.VERIFIED: "verified", SessionState.REJECTED: "rejected", SessionState.EXPIRED: "expired"}
)
_MARKS: Mapping[Status, str] = MappingProxyType(
    {
        Status.OPEN: "🟡",
        Status.CLAIMED: "🔵",
        Status.PROPOSED: "🟣",
        Status.DECIDED: "🟢",
    }
)
_VERDICT_MARKS: Mapping[SessionState, str] = MappingProxyType(
    {SessionState.VERIFIED: "✅", SessionState.REJECTED: "❌", SessionState.EXPIRED: "⌛"}
)
_CHECK_MARKS: Mapping[str, str] = MappingProxyType({"validated": "✅", "refused": "❌"})


def card_key(review: Review) -> str:
    """What the card is found by again in the channel's history."""
    return f"card:{review.session_id}"


def card(review: Review, history: Sequence[AuditEntry], portal_url_template: str = "") -> Message:
    """The message that shows this review; `history` is its newest changes, oldest first."""
    blocks: list[Block] = [
        HeaderBlock(text=f"{_mark(review)} Manual review of a {QUEUE_NAMES[review.queue]}"),
        SectionBlock(text=MarkdownTextObject(text=_headline(review))),
        SectionBlock(fields=[MarkdownTextObject(text=text) for text in _fields(review)]),
    ]
    if review.checks:
        blocks.append(SectionBlock(text=MarkdownTextObject(text=_checks(review.checks))))
    if link := _portal_link(review, portal_url_template):
        blocks.append(SectionBlock(text=MarkdownTextObject(text=link)))
    if history:
        lines = "\n".join(_history_line(entry) for entry in history[-HISTORY_LENGTH:])
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=lines)]))
    if buttons := _buttons(review):
        blocks.append(ActionsBlock(block_id="review_actions", elements=buttons))
    return Message(
        text=_fallback(review),
        blocks=[block.to_dict() for block in blocks],
        metadata=metadata(card_key(review), review.session_id),
    )


def _mark(review: Review) -> str:
    """A mark to find the card by at a glance; the headline says the same in words."""
    if review.status is Status.CLOSED:
        return _VERDICT_MARKS.get(review.session_state, "⚪")
    return _MARKS[review.status]


def _headline(review: Review) -> str:
    """The state in words."""
    match review.status:
        case Status.OPEN:
            return "*Open*: nobody has claimed it yet."
        case Status.CLAIMED:
            return f"*Claimed* by {_who(review.claimed_by)}{_since(review.claimed_at)}."
        case Status.PROPOSED:
            return f"*Proposed* by {_who(review.decided_by)}: {_outcome(review)}. A second person has to confirm it."
        case Status.DECIDED:
            confirmed = f", confirmed by {person(review.confirmed_by)}" if review.confirmed_by else ""
            return f"*Decided* by {_who(review.decided_by)}: {_outcome(review)}{confirmed}."
        case Status.CLOSED:
            verdict = _VERDICTS.get(review.session_state, review.session_state.value)
            return f"*Closed*: Ralio says that the session is *{verdict}*."


def _fields(review: Review) -> list[str]:
    subject = code(review.subject_id) if review.subject_id else "unknown: Ralio did not name it"
    fields = [
        f"*Session*\n{code(review.session_id)}",
        f"*{'User' if review.entity_type is EntityType.USER else 'Related party'}*\n{subject}",
        f"*Queue*\n{QUEUE_NAMES[review.queue]}",
    ]
    if review.opened_at is not None:
        fields.append(f"*In review since*\n{moment(review.opened_at)}")
    return fields


def _checks(checks: Sequence[Check]) -> str:
    """The checks line by line, refused ones first, whole lines only, cut where Slack's limit comes near."""
    text = "*Automatic checks*"
    for shown, check in enumerate(sorted(checks, key=lambda check: check.state != "refused")):
        codes = f": {', '.join(code(word) for word in check.codes)}" if check.codes else ""
        mark = _CHECK_MARKS.get(check.state, "•")
        line = f"\n{mark} {code(check.type)} {_state(check.state)}{codes}"
        if len(text) + len(line) > CHECKS_LENGTH:
            return f"{text}\n• and {len(checks) - shown} more"
        text += line
    return text


def _state(state: str) -> str:
    """The states that Ralio documents are plain words; any other could hold markup."""
    if not state:
        return "without a state"
    return state if state in {"validated", "refused"} else code(state)


def _portal_link(review: Review, template: str) -> str | None:
    if not template or ("{subject_id}" in template and not review.subject_id):
        return None
    url = template.format(
        session_id=quote(review.session_id, safe=""), subject_id=quote(review.subject_id or "", safe="")
    )
    return f"<{escaped(url)}|Open the session in the portal>"


def _history_line(entry: AuditEntry) -> str:
    by = "" if entry.actor == RALIO else f" by {person(entry.actor)}"
    return f"{moment(entry.at)}: {_what_happened(entry)}{by}"


_DONE_BY_PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        Action.CLAIM: "claimed",
        Action.RELEASE: "released",
        Action.RESOLVE: "decided",
        Action.PROPOSE: "decision proposed",
        Action.CONFIRM: "decision confirmed",
        Action.SEND_BACK: "sent back",
        Action.REOPEN: "reopened",
    }
)


def _what_happened(entry: AuditEntry) -> str:
    match entry.action:
        case Action.RECEIVE if entry.from_status is None:
            return "sent to manual review"
        case Action.RECEIVE if entry.to_status is entry.from_status:
            return "sent to manual review again"
        case Action.RECEIVE:
            return "sent to manual review again and reopened"
        case Action.CLOSE:
            state = SessionState(entry.detail["session_state"])
            return f"closed, the session is {_VERDICTS.get(state, state.value)}"
        case _:
            return _DONE_BY_PEOPLE[entry.action]


def _buttons(review: Review) -> list[ButtonElement]:
    match review.status:
        case Status.OPEN:
            return [_button("Claim", "review_claim", review, style="primary")]
        case Status.CLAIMED:
            return [_button("Release", "review_release", review)]
        case _:
            return []


def _button(label: str, action_id: str, review: Review, style: str | None = None) -> ButtonElement:
    return ButtonElement(text=label, action_id=action_id, value=review.session_id, style=style)


def _fallback(review: Review) -> str:
    """What a notification or a screen reader says; complete in itself."""
    what = f"Manual review of a {QUEUE_NAMES[review.queue]}, session {escaped(review.session_id)}"
    outcome = (
        f"{escaped(review.outcome or 'no outcome')}{f' ({escaped(review.reason)})' if review.reason else ''}"
    )
    match review.status:
        case Status.OPEN:
            since = f" since {plain_moment(review.opened_at)}" if review.opened_at is not None else ""
            return f"{what}: open{since}, nobody has claimed it yet."
        case Status.CLAIMED:
            return f"{what}: claimed by {_who(review.claimed_by)}."
        case Status.PROPOSED:
            return f"{what}: {outcome}, proposed by {_who(review.decided_by)}."
        case Status.DECIDED:
            return f"{what}: {outcome}, decided by {_who(review.decided_by)}."
        case Status.CLOSED:
            return f"{what}: closed, {_VERDICTS.get(review.session_state, review.session_state.value)}."


def _who(user_id: str | None) -> str:
    return person(user_id) if user_id else "somebody"


def _since(at_ms: int | None) -> str:
    return f" since {moment(at_ms)}" if at_ms is not None else ""


def _outcome(review: Review) -> str:
    reason = f" ({code(review.reason)})" if review.reason else ""
    return f"{code(review.outcome or 'no outcome')}{reason}"
