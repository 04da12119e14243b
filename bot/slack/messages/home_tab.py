"""A person's home tab: their work, with the buttons for it, and for leads also their team's. Pure.

Slack allows 100 blocks per view (https://docs.slack.dev/reference/views/home-tab-views).
"""

from collections.abc import Mapping
from types import MappingProxyType

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View as SdkView

from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.review import Action
from bot.slack.api.client import View
from bot.slack.messages import buttons
from bot.slack.messages.as_json import as_json
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.mrkdwn import code, moment
from bot.slack.messages.review_rows import Reader, row_blocks
from bot.slack.messages.worklist_lines import LIST_TITLES, counts_line, team_lines
from bot.store.tables.worklist import (
    EXPANDED_PAGE,
    OF_LEADS,
    Expanded,
    ListName,
    QueueCounts,
    ReviewList,
    Worklist,
)

_NOTHING: Mapping[ListName, str] = MappingProxyType(
    {
        ListName.TO_CONFIRM: "Nothing awaiting your confirmation.",
        ListName.MINE: "You have no claimed reviews.",
        ListName.UNCLAIMED: "No unclaimed reviews.",
    }
)
"""What the lists say that are always there; every other list is left out while it is empty."""

_DONE: Mapping[Action, str] = MappingProxyType(
    {
        Action.CLAIM: "You claimed the review of session {session}.",
        Action.RELEASE: "You released the review of session {session}.",
        Action.CONFIRM: "You confirmed the decision on session {session}.",
        Action.WITHDRAW: "You withdrew your proposal for session {session}.",
        Action.RESUME: "You resumed the review of session {session}.",
    }
)
"""What a button on the tab did that needs no modal."""


def home_tab(
    work: Worklist, reader: Reader, outcome: ActionOutcome | None = None, refusal: ActionRefused | None = None
) -> View:
    """The tab of a person; `outcome` is what came of their last action there.

    `refusal` is why a person can work on no queue; it takes the place of the same refusal of their action.
    """
    blocks: list[Block] = [HeaderBlock(text="Reviews")]
    is_told_below = (
        isinstance(outcome, ActionRefused) and refusal is not None and outcome.reason is refusal.reason
    )
    if (line := _outcome_line(outcome)) and not is_told_below:
        blocks.append(_section(line))
    if refusal is not None:
        blocks.append(_section(why_refused(refusal)))
    else:
        blocks += _work_blocks(work, reader)
    blocks.append(_small_print(f"As of {moment(reader.now)}"))
    return as_json(SdkView(type="home", blocks=blocks))


def _section(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text))


def _small_print(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])


def _outcome_line(outcome: ActionOutcome | None) -> str:
    match outcome:
        case ActionRefused():
            return f"⚠️ {why_refused(outcome)}"
        case ActionGranted(action, session_id) if action in _DONE:
            return f"✅ {_DONE[action].format(session=code(session_id))}"
        case _:
            return ""


def _work_blocks(work: Worklist, reader: Reader) -> list[Block]:
    claim_next = ButtonElement(text="Claim next", action_id=buttons.HOME_CLAIM_NEXT, style="primary")
    counts = [counts_line(queue, work.counts.get(queue, QueueCounts())) for queue in reader.queues]
    blocks: list[Block] = [_section("\n".join(counts)), ActionsBlock(elements=[claim_next])]
    for name, found in work.lists.items():
        if name not in OF_LEADS:
            blocks += _list_blocks(name, found, work.expanded, reader)
    if reader.led:
        blocks += [DividerBlock(), HeaderBlock(text="Team"), _section(team_lines(work.team))]
        for name in OF_LEADS:
            blocks += _list_blocks(name, work.lists.get(name, ReviewList()), work.expanded, reader)
    return blocks


def _list_blocks(name: ListName, found: ReviewList, expanded: Expanded | None, reader: Reader) -> list[Block]:
    title = _section(f"*{LIST_TITLES[name]}*{f' ({found.total})' if found.total else ''}")
    if not found.reviews:
        return [DividerBlock(), title, _small_print(_NOTHING[name])] if name in _NOTHING else []
    blocks = [DividerBlock(), title]
    for each in found.reviews:
        blocks += row_blocks(each, reader)
    is_expanded = expanded is not None and expanded.name is name
    if elements := _more(name, found, is_expanded=is_expanded):
        blocks.append(ActionsBlock(elements=elements))
    return blocks


def _more(name: ListName, found: ReviewList, *, is_expanded: bool) -> list[ButtonElement]:
    """The buttons that show more of a list, page by page, and less again."""
    elements: list[ButtonElement] = []
    if found.more:
        first = found.first + len(found.reviews) if is_expanded else 0
        value = str(Expanded(name, first))
        elements.append(ButtonElement(text=f"{found.more} more", action_id=buttons.HOME_MORE, value=value))
    if is_expanded and found.first:
        value = str(Expanded(name, max(0, found.first - EXPANDED_PAGE)))
        elements.append(ButtonElement(text="Previous", action_id=buttons.HOME_PREVIOUS, value=value))
    if is_expanded:
        elements.append(ButtonElement(text="Show fewer", action_id=buttons.HOME_LESS, value=name.value))
    return elements
