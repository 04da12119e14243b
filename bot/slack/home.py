"""A person's home tab: what is to be done, the most urgent first. Pure.

Limits: 100 blocks a view (https://docs.slack.dev/reference/views/home-tab-views).
"""

from collections.abc import Mapping, Sequence
from typing import Any

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

from bot.reviews.review import Action, Status
from bot.slack import buttons
from bot.slack.gateway import View
from bot.slack.notes import why_refused
from bot.slack.texts import QUEUE_NAMES, code, moment, person
from bot.store.reviews import ListedReview
from bot.store.worklist import QueueCounts, Worklist


def home(
    work: Worklist, queues: Sequence[str], notice: Mapping[str, Any], workspace_url: str, now: int
) -> View:
    """The tab of a person who may work on `queues`; `notice` are the facts of their last click there."""
    blocks: list[Block] = [HeaderBlock(text="Reviews")]
    if said := _notice(notice):
        blocks.append(SectionBlock(text=MarkdownTextObject(text=said)))
    if queues:
        blocks += _work_blocks(work, queues, workspace_url)
    else:
        words = "You are not a reviewer of any queue, so that there is nothing for you to do here."
        blocks.append(SectionBlock(text=MarkdownTextObject(text=words)))
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=f"As of {moment(now)}")]))
    return SdkView(type="home", blocks=blocks).to_dict()


def _notice(notice: Mapping[str, Any]) -> str:
    if "why" in notice:
        return f"⚠️ {why_refused(notice)}"
    if notice.get("action") == Action.CLAIM:
        return f"✅ You have claimed session {code(str(notice['session_id']))}."
    return ""


def _work_blocks(work: Worklist, queues: Sequence[str], workspace_url: str) -> list[Block]:
    claim_next = ButtonElement(text="Claim next", action_id=buttons.HOME_CLAIM_NEXT, style="primary")
    counts = "\n".join(counts_line(queue, work.counts.get(queue, QueueCounts())) for queue in queues)
    return [
        SectionBlock(text=MarkdownTextObject(text=counts)),
        ActionsBlock(elements=[claim_next]),
        *_list("Overdue", work.overdue, workspace_url, "Nothing is overdue."),
        *_list("Waiting for your confirmation", work.to_confirm, workspace_url, "Nothing waits for you."),
        *_list("Yours", work.mine, workspace_url, "You have claimed nothing."),
        *_list("Unclaimed", work.unclaimed, workspace_url, "Nothing is unclaimed."),
    ]


def counts_line(queue: str, counts: QueueCounts) -> str:
    """How many reviews of a queue are in which state."""
    oldest = f", the oldest since {moment(counts.oldest_open_at)}" if counts.oldest_open_at else ""
    return (
        f"*{QUEUE_NAMES[queue].capitalize()}*: {counts.of(Status.OPEN)} unclaimed{oldest}; "
        f"{counts.of(Status.CLAIMED)} claimed, {counts.of(Status.PROPOSED)} to be confirmed"
    )


def _list(title: str, listed: Sequence[ListedReview], workspace_url: str, nothing: str) -> list[Block]:
    blocks: list[Block] = [DividerBlock(), SectionBlock(text=MarkdownTextObject(text=f"*{title}*"))]
    if not listed:
        return [*blocks, ContextBlock(elements=[MarkdownTextObject(text=nothing)])]
    for each in listed:
        blocks.append(SectionBlock(text=MarkdownTextObject(text=_line(each))))
        if elements := _elements(each, workspace_url):
            blocks.append(ActionsBlock(elements=elements))
    return blocks


def _line(each: ListedReview) -> str:
    review = each.review
    what = f"{QUEUE_NAMES[review.queue].capitalize()}, session {code(review.session_id)}"
    match review.status:
        case Status.CLAIMED:
            state = f"Claimed by {person(review.claimed_by or '')}"
        case Status.PROPOSED:
            state = f"Proposed by {person(review.decided_by or '')}"
        case other:
            state = other.value.capitalize()
    since = f", in review since {moment(review.opened_at)}" if review.opened_at else ""
    due = f", due {moment(review.due_at)}" if review.due_at else ""
    return f"{what}\n{state}{since}{due}"


def _elements(each: ListedReview, workspace_url: str) -> list[InteractiveElement]:
    elements: list[InteractiveElement] = []
    review = each.review
    if review.status is Status.OPEN:
        elements.append(ButtonElement(text="Claim", action_id=buttons.HOME_CLAIM, value=review.session_id))
    if link := permalink(each, workspace_url):
        elements.append(ButtonElement(text="Open", action_id=buttons.HOME_OPEN, url=link))
    return elements


def permalink(each: ListedReview, workspace_url: str) -> str:
    """Where the card opens; empty as long as it, or the workspace's address, is not known."""
    if not each.channel or not each.message_ts or not workspace_url:
        return ""
    return f"{workspace_url}archives/{each.channel}/p{each.message_ts.replace('.', '')}"
