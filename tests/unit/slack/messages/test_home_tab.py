"""The home tab, as golden files, and at the limits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from bot.demo.blocks.views import view_problems
from bot.reviews.action_request import Refused
from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.review import Action, Review, Status
from bot.slack.api.client import View
from bot.slack.messages.home_tab import home_tab
from bot.slack.messages.mrkdwn import permalink
from bot.store.tables.reviews import ListedReview
from bot.store.tables.worklist import FEW, PAGE, QueueCounts, Worklist
from tests.support import golden
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    HOSTILE,
    LONGEST,
    LONGEST_SESSION_ID,
    MINUTE,
    OPEN,
    OPENED_AT,
    PROPOSED,
    RELATED_PARTY,
    formatted_texts,
    is_harmless,
)

NOW = OPENED_AT + 90 * MINUTE
BOTH = ("user", "related-party")
URL = "https://team.example.com/"
NOTHING = Worklist(counts={})


def _listed(review: Review, number: int = 1) -> ListedReview:
    return ListedReview(
        replace(review, session_id=f"session-{number}"), "CUSER00001", f"1773765688.{number:06}"
    )


OVERDUE = replace(OPEN, due_at=OPENED_AT + 60 * MINUTE)
SOME_WORK = Worklist(
    counts={
        "user": QueueCounts({Status.OPEN: 2, Status.CLAIMED: 1, Status.PROPOSED: 1}, OPENED_AT),
        "related-party": QueueCounts({Status.OPEN: 1}, OPENED_AT + MINUTE),
    },
    overdue=[_listed(OVERDUE, 1)],
    to_confirm=[_listed(PROPOSED, 2)],
    mine=[_listed(CLAIMED, 3)],
    unclaimed=[_listed(OVERDUE, 1), _listed(RELATED_PARTY, 4), ListedReview(OPEN, None, None)],
)
FULL = Worklist(
    counts={queue: QueueCounts(dict.fromkeys(Status, 5_000_000), OPENED_AT) for queue in BOTH},
    overdue=[_listed(OVERDUE, number) for number in range(PAGE)],
    to_confirm=[_listed(PROPOSED, 100 + number) for number in range(PAGE)],
    mine=[_listed(CLAIMED, 200 + number) for number in range(PAGE)],
    unclaimed=[_listed(OPEN, 300 + number) for number in range(PAGE)],
    verdicts_missing=[_listed(replace(CONFIRMED, due_at=OPENED_AT), 400 + number) for number in range(FEW)],
)
LONGEST_LISTED = ListedReview(replace(LONGEST, due_at=NOW, status=Status.OPEN), "C" + "X" * 40, "1" * 30)
LONGEST_WORK = Worklist(FULL.counts, *([LONGEST_LISTED] * length for length in (PAGE, PAGE, PAGE, PAGE, FEW)))

REFUSAL = ActionRefused(
    Refused.HELD_BY_OTHER,
    Action.CLAIM,
    session_id="session-1",
    queue="user",
    status=Status.CLAIMED,
    holder="UBORIS",
    claimed_at=OPENED_AT,
    leads=("ULEA",),
)
NONE_LEFT = ActionRefused(Refused.NONE_LEFT, Action.CLAIM)


@dataclass(frozen=True)
class Case:
    """The queues and the work of a person."""

    work: Worklist
    queues: Sequence[str] | None = BOTH
    outcome: ActionOutcome | None = None
    workspace_url: str = URL

    def view(self) -> View:
        """The case's tab."""
        return home_tab(self.work, self.queues, self.outcome, self.workspace_url, NOW)


CASES = {
    "nothing_to_do": Case(NOTHING),
    "some_work": Case(SOME_WORK),
    "one_queue": Case(replace(SOME_WORK, to_confirm=[], mine=[]), ("user",)),
    "full": Case(FULL),
    "claimed_just_now": Case(NOTHING, outcome=ActionGranted(Action.CLAIM, "session-1")),
    "claimed_by_somebody_else": Case(NOTHING, outcome=REFUSAL),
    "none_left": Case(NOTHING, outcome=NONE_LEFT),
    "not_a_reviewer": Case(NOTHING, ()),
    "nobody_can_tell": Case(NOTHING, None),
    "address_of_the_workspace_not_known": Case(SOME_WORK, workspace_url=""),
}
LIMITS = {
    "longest": Case(LONGEST_WORK, outcome=replace(REFUSAL, session_id=LONGEST_SESSION_ID)),
    "hostile": Case(
        replace(SOME_WORK, mine=[_listed(replace(CLAIMED, claimed_by=HOSTILE))]),
        outcome=replace(REFUSAL, session_id=HOSTILE, holder=HOSTILE),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_home_tab_is_exactly_as_on_file(name: str) -> None:
    """A change of the tab changes the file, so the diff shows it."""
    assert golden.on_file(f"home_{name}", CASES[name].view())


def test_every_file_has_its_case() -> None:
    """A file that nothing is compared with would prove nothing."""
    assert golden.names("home_") == {f"home_{name}" for name in CASES}


@pytest.mark.parametrize("case", [*CASES.values(), *LIMITS.values()], ids=[*CASES, *LIMITS])
def test_slack_accepts_every_home_tab(case: Case) -> None:
    """It keeps all rules and limits for home tabs: a hundred blocks, none with too much text."""
    view = case.view()
    assert view_problems(dict(view), "home") == []
    assert all(is_harmless(text) for text in formatted_texts(view))


def _buttons(view: View) -> list[tuple[str, str | None]]:
    rows = [block for block in view["blocks"] if block["type"] == "actions"]
    return [
        (element["text"]["text"], element.get("value") or element.get("url"))
        for row in rows
        for element in row["elements"]
    ]


def test_an_open_review_can_be_claimed_and_its_card_opened() -> None:
    """Open is a link to the card, and is missing until the card is in Slack."""
    card = "https://team.example.com/archives/CUSER00001/p"
    assert _buttons(CASES["some_work"].view()) == [
        ("Claim next", None),
        ("Claim", "session-1"),
        ("Open", f"{card}1773765688000001"),
        ("Open", f"{card}1773765688000002"),
        ("Open", f"{card}1773765688000003"),
        ("Claim", "session-1"),
        ("Open", f"{card}1773765688000001"),
        ("Claim", "session-4"),
        ("Open", f"{card}1773765688000004"),
        ("Claim", OPEN.session_id),
    ]


def test_a_person_without_a_queue_gets_no_buttons() -> None:
    """There is nothing that they can do."""
    assert _buttons(CASES["not_a_reviewer"].view()) == _buttons(CASES["nobody_can_tell"].view()) == []


@pytest.mark.parametrize(
    ("channel", "message_ts", "url"),
    [(None, "1.0", URL), ("C1", None, URL), ("C1", "1.0", ""), ("", "", URL)],
)
def test_there_is_no_link_to_a_card_that_is_not_known(
    channel: str | None, message_ts: str | None, url: str
) -> None:
    """No link is better than one that leads nowhere."""
    assert permalink(url, channel, message_ts) == ""
