"""A person's home tab: the work that waits for them, the most urgent first. Pure.

Slack allows 100 blocks per view (https://docs.slack.dev/reference/views/home-tab-views).
"""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InteractiveElement,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View as SdkView

from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.review import Action, Review, Status
from bot.slack.api.client import View
from bot.slack.messages import buttons
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, moment, number, permalink, person
from bot.slack.messages.worklist_lines import counts_line
from bot.store.tables.reviews import ListedReview
from bot.store.tables.worklist import QueueCounts, Worklist

NOT_A_REVIEWER = "You are not a reviewer of any queue, so that there is nothing for you to do here."
CANNOT_TELL = "Slack does not answer what you may work on. Open this tab again in a minute."


def home_tab(
    work: Worklist, queues: Sequence[str] | None, outcome: ActionOutcome | None, workspace_url: str, now: int
) -> View:
    """The tab of a person who may work on `queues` (None: Slack cannot tell now).

    `outcome` is what came of their last action there.
    """
    blocks: list[Block] = [HeaderBlock(text="Reviews")]
    if line := _outcome_line(outcome):
        blocks.append(SectionBlock(text=MarkdownTextObject(text=line)))
    if queues:
        blocks += _work_blocks(work, queues, workspace_url, now)
    else:
        reason = NOT_A_REVIEWER if queues is not None else CANNOT_TELL
        blocks.append(SectionBlock(text=MarkdownTextObject(text=reason)))
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=f"As of {moment(now)}")]))
    return SdkView(type="home", blocks=blocks).to_dict()


def _outcome_line(outcome: ActionOutcome | None) -> str:
    match outcome:
        case ActionRefused():
            return f"⚠️ {why_refused(outcome)}"
        case ActionGranted(action=Action.CLAIM):
            return f"✅ You have claimed session {code(outcome.session_id)}."
        case _:
            return ""


def _work_blocks(work: Worklist, queues: Sequence[str], workspace_url: str, now: int) -> list[Block]:
    claim_next = ButtonElement(text="Claim next", action_id=buttons.HOME_CLAIM_NEXT, style="primary")
    counts = "\n".join(counts_line(queue, work.counts.get(queue, QueueCounts())) for queue in queues)
    return [
        SectionBlock(text=MarkdownTextObject(text=counts)),
        ActionsBlock(elements=[claim_next]),
        *_list("Overdue", work.overdue, workspace_url, now, "Nothing is overdue."),
        *_list(
            "Waiting for your confirmation", work.to_confirm, workspace_url, now, "Nothing waits for you."
        ),
        *_list("Yours", work.mine, workspace_url, now, "You have claimed nothing."),
        *_list("Unclaimed", work.unclaimed, workspace_url, now, "Nothing is unclaimed."),
        *_verdicts_missing(work.verdicts_missing, workspace_url),
    ]


def _verdicts_missing(listed: Sequence[ListedReview], workspace_url: str) -> list[Block]:
    """Decisions that Ralio doesn't know yet; one block each, because the lists before can take nearly all that fit."""
    if not listed:
        return []
    blocks: list[Block] = [
        DividerBlock(),
        SectionBlock(text=MarkdownTextObject(text="*Decided, not yet at Ralio*")),
    ]
    for each in listed:
        review, link = each.review, permalink(workspace_url, each.channel, each.message_ts)
        text = (
            f"{_what(review)}\nDecided by {person(review.decided_by or '')}, "
            f"verdict overdue since {moment(review.due_at or 0)}"
        )
        button = ButtonElement(text="Open", action_id=buttons.HOME_OPEN, url=link) if link else None
        blocks.append(SectionBlock(text=MarkdownTextObject(text=text), accessory=button))
    return blocks


def _list(
    title: str, listed: Sequence[ListedReview], workspace_url: str, now: int, nothing: str
) -> list[Block]:
    blocks: list[Block] = [DividerBlock(), SectionBlock(text=MarkdownTextObject(text=f"*{title}*"))]
    if not listed:
        return [*blocks, ContextBlock(elements=[MarkdownTextObject(text=nothing)])]
    for each in listed:
        blocks.append(SectionBlock(text=MarkdownTextObject(text=_line(each, now))))
        if elements := _elements(each, workspace_url):
            blocks.append(ActionsBlock(elements=elements))
    return blocks


def _line(each: ListedReview, now: int) -> str:
    review = each.review
    match review.status:
        case Status.CLAIMED:
            state = f"Claimed by {person(review.claimed_by or '')}"
        case Status.PROPOSED:
            state = f"Proposed by {person(review.decided_by or '')}"
        case other:
            state = other.value.capitalize()
    if review.snoozed_until is not None:
        state += f", snoozed until {moment(review.snoozed_until)}"
    since = f", in review since {moment(review.opened_at)}" if review.opened_at else ""
    return f"{_what(review)}\n{state}{since}{_due(review.due_at, now)}"


def _what(review: Review) -> str:
    return f"{QUEUE_NAMES[review.queue].capitalize()} review{number(review.id)}, session {code(review.session_id)}"


def _due(due_at: int | None, now: int) -> str:
    if due_at is None:
        return ""
    return f", *overdue* since {moment(due_at)}" if due_at <= now else f", due {moment(due_at)}"


def _elements(each: ListedReview, workspace_url: str) -> list[InteractiveElement]:
    elements: list[InteractiveElement] = []
    review = each.review
    if review.status is Status.OPEN:
        elements.append(ButtonElement(text="Claim", action_id=buttons.HOME_CLAIM, value=review.session_id))
    if link := permalink(workspace_url, each.channel, each.message_ts):
        elements.append(ButtonElement(text="Open", action_id=buttons.HOME_OPEN, url=link))
    return elements
