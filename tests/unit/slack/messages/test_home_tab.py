"""The home tab, as golden files, and at the limits."""

import json
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from bot.demo.blocks.views import view_problems
from bot.reviews.action_request import Refused
from bot.reviews.checks import Check, Checks
from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Disagreement, Review, Status
from bot.slack.api.client import View
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.home_tab import home_tab
from bot.slack.messages.mrkdwn import permalink
from bot.slack.messages.review_rows import Reader
from bot.store.tables.reviews import ListedReview
from bot.store.tables.worklist import (
    EXPANDED_PAGE,
    OF_LEADS,
    OF_REVIEWERS,
    PAGE,
    Expanded,
    ListName,
    QueueCounts,
    ReviewList,
    TeamMember,
    Worklist,
)
from tests.support import golden
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    ESCALATED,
    HOSTILE,
    LONGEST,
    LONGEST_ID,
    LONGEST_SESSION_ID,
    MINUTE,
    MOST,
    OPEN,
    OPENED_AT,
    PROPOSED,
    RELATED_PARTY,
    RULES,
    SNOOZED,
    VERIFIED,
    formatted_texts,
    is_harmless,
)

NOW = OPENED_AT + 90 * MINUTE
BOTH = ("user", "related-party")
URL = "https://team.example.com/"
READER = Reader("UANNA", dict.fromkeys(BOTH, RULES), URL, NOW, BOTH)
LEAD = replace(READER, person="ULEA", led=BOTH)
NOTHING = Worklist({}, {name: ReviewList() for name in OF_REVIEWERS})
FACE = Checks.of([Check("face-match", "refused", ("KYC.FACE.NO_MATCH",))])


def _listed(review: Review, number: int = 1) -> ListedReview:
    changed = review._replace(session_id=f"session-{number}", id=number, checks=FACE)
    return ListedReview(changed, "CUSER00001", f"1773765688.{number:06}")


def _list(*reviews: ListedReview, total: int = 0, first: int = 0) -> ReviewList:
    return ReviewList(reviews, total or len(reviews), first)


DUE = NOW + 60 * MINUTE
OVERDUE = OPEN._replace(due_at=OPENED_AT + 60 * MINUTE)
TO_CONFIRM = PROPOSED._replace(claimed_by="UBORIS", decided_by="UBORIS", due_at=DUE)
COUNTS = {
    "user": QueueCounts({Status.OPEN: 2, Status.CLAIMED: 1, Status.PROPOSED: 1}, OPENED_AT),
    "related-party": QueueCounts({Status.OPEN: 1}, OPENED_AT + MINUTE),
}
OF_REVIEWER = {
    ListName.TO_CONFIRM: _list(_listed(TO_CONFIRM, 2)),
    ListName.MINE: _list(
        _listed(CLAIMED._replace(due_at=DUE), 3), _listed(SNOOZED, 5), _listed(PROPOSED._replace(), 6)
    ),
    ListName.UNCLAIMED: _list(
        _listed(OVERDUE, 1), _listed(RELATED_PARTY, 4), ListedReview(OPEN, None, None), total=9
    ),
    ListName.VERDICT_MISSING: _list(_listed(CONFIRMED._replace(due_at=OPENED_AT + 5 * MINUTE), 7)),
}
OTHERS = CLAIMED._replace(claimed_by="UBORIS")
UNDECIDED = VERIFIED._replace(
    outcome=None,
    reason=None,
    decided_by=None,
    confirmed_by=None,
    disagreement=Disagreement.UNDECIDED,
)
OF_LEAD = {
    **dict.fromkeys(OF_REVIEWERS, ReviewList()),
    ListName.ESCALATED: _list(_listed(ESCALATED._replace(claimed_by="UANNA", due_at=OPENED_AT + MINUTE), 1)),
    ListName.IN_PROGRESS: _list(_listed(OTHERS._replace(due_at=DUE), 2), total=7),
    ListName.DISAGREEMENTS: _list(
        _listed(VERIFIED._replace(disagreement=Disagreement.CONTRADICTS), 3), _listed(UNDECIDED, 4)
    ),
    ListName.VERDICT_MISSING: _list(_listed(CONFIRMED._replace(due_at=OPENED_AT + 5 * MINUTE), 5)),
}
TEAM = [TeamMember("UBORIS", claimed=6, proposed=1, overdue=2), TeamMember("UANNA", claimed=1, escalated=1)]
A_HUNDRED = {queue: QueueCounts(dict.fromkeys(Status, 5_000_000), OPENED_AT) for queue in BOTH}
STATUS_IN = {
    ListName.TO_CONFIRM: Status.PROPOSED,
    ListName.MINE: Status.CLAIMED,
    ListName.UNCLAIMED: Status.OPEN,
    ListName.VERDICT_MISSING: Status.DECIDED,
    ListName.ESCALATED: Status.CLAIMED,
    ListName.IN_PROGRESS: Status.CLAIMED,
    ListName.DISAGREEMENTS: Status.CLOSED,
}
LONGEST_READER = replace(LEAD, policies=dict.fromkeys(BOTH, MOST))


def _longest(name: ListName, place: int) -> ListedReview:
    mine = LONGEST_READER.person if name is ListName.MINE else LONGEST_ID
    review = LONGEST._replace(
        session_id=f"{STATUS_IN[name]}-{name}-{place}{LONGEST_SESSION_ID}"[:128],
        status=STATUS_IN[name],
        due_at=NOW,
        claimed_by=mine,
        decided_by=mine,
        outcome=None if name is ListName.DISAGREEMENTS else LONGEST.outcome,
    )
    return ListedReview(review, "C" + "X" * 40, "1" * 30)


def _full(expanded: ListName) -> Worklist:
    """Lists that go on, one of them in full, of reviews whose texts are as long as they can be."""
    lists = {}
    for name in (*OF_REVIEWERS, *OF_LEADS):
        length, first = (EXPANDED_PAGE, EXPANDED_PAGE) if name is expanded else (PAGE, 0)
        lists[name] = ReviewList([_longest(name, place) for place in range(length)], 5_000_000, first)
    team = [TeamMember(LONGEST_ID, 5_000_000, 5_000_000, 5_000_000, 5_000_000)] * 500
    return Worklist(A_HUNDRED, lists, team, Expanded(expanded, EXPANDED_PAGE))


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
    """The work of a person."""

    work: Worklist
    reader: Reader = READER
    outcome: ActionOutcome | None = None
    refusal: ActionRefused | None = None

    def view(self) -> View:
        """The case's tab."""
        return home_tab(self.work, self.reader, self.outcome, self.refusal)


SOME_WORK = Worklist(COUNTS, OF_REVIEWER)
TEN = [_listed(OPEN, number) for number in range(1, EXPANDED_PAGE + 1)]
EXPANDED = Worklist(
    COUNTS,
    {ListName.UNCLAIMED: ReviewList(TEN, 40, EXPANDED_PAGE)},
    expanded=Expanded(ListName.UNCLAIMED, EXPANDED_PAGE),
)

CASES = {
    "nothing_to_do": Case(NOTHING),
    "of_a_reviewer": Case(SOME_WORK),
    "of_a_lead": Case(Worklist(COUNTS, OF_LEAD, TEAM), LEAD),
    "of_a_lead_without_work": Case(NOTHING, LEAD),
    "one_queue": Case(SOME_WORK, replace(READER, queues=("user",))),
    "expanded": Case(EXPANDED),
    "claimed_just_now": Case(NOTHING, outcome=ActionGranted(Action.CLAIM, "session-1")),
    "claimed_by_another_person": Case(NOTHING, outcome=REFUSAL),
    "none_left": Case(NOTHING, outcome=NONE_LEFT),
    "not_a_reviewer": Case(
        NOTHING, refusal=ActionRefused(Refused.NOT_A_REVIEWER, None, reviewers=("UANNA", "UBORIS"))
    ),
    "of_a_guest": Case(NOTHING, refusal=ActionRefused(Refused.GUEST, None)),
    "permissions_unknown": Case(NOTHING, refusal=ActionRefused(Refused.CANNOT_CHECK, None)),
    "workspace_address_unknown": Case(SOME_WORK, replace(READER, workspace_url="")),
}
HOSTILE_READER = replace(READER, policies={"user": Policy()})
LIMITS = {
    **{
        f"longest {name}": Case(
            _full(name),
            LONGEST_READER,
            outcome=replace(REFUSAL, session_id=LONGEST_SESSION_ID),
        )
        for name in (*OF_REVIEWERS, *OF_LEADS)
    },
    "hostile": Case(
        replace(
            SOME_WORK,
            lists={
                ListName.TO_CONFIRM: _list(
                    _listed(TO_CONFIRM._replace(decided_by=HOSTILE, outcome=HOSTILE, reason=HOSTILE))
                ),
                ListName.MINE: _list(_listed(ESCALATED._replace(escalated_by=HOSTILE), 2)),
            },
        ),
        HOSTILE_READER,
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
    elements = [
        element
        for block in view["blocks"]
        for element in [*(block.get("elements") or []), block.get("accessory")]
        if element is not None and element["type"] == "button"
    ]
    return [(element["text"]["text"], element.get("value")) for element in elements]


def test_each_row_has_the_buttons_for_its_work() -> None:
    """One's own, those of others to confirm, and those to claim; a card that is not in Slack blocks no one."""
    assert _buttons(CASES["of_a_reviewer"].view()) == [
        ("Claim next", None),
        ("Confirm", "session-2@1"),
        ("Send back", "session-2"),
        ("Resolve", "session-3"),
        ("Release", "session-3@1"),
        ("Resolve", "session-5"),
        ("Release", "session-5@1"),
        ("Resume", "session-5"),
        ("Withdraw", "session-6"),
        ("Claim", "session-1@1"),
        ("Claim", "session-4@1"),
        ("Claim", f"{OPEN.session_id}@1"),
        ("6 more", "unclaimed:0"),
    ]


def test_a_lead_reassigns_what_others_have() -> None:
    """And records a decision that is missing."""
    assert _buttons(CASES["of_a_lead"].view()) == [
        ("Claim next", None),
        ("Reassign", "session-1"),
        ("Reassign", "session-2"),
        ("6 more", "in_progress:0"),
        ("Record decision", "session-4"),
    ]


def test_a_list_in_full_has_pages() -> None:
    """Ten more, the fifteen before, and the way back."""
    assert _buttons(CASES["expanded"].view())[-3:] == [
        ("10 more", "unclaimed:30"),
        ("Previous", "unclaimed:0"),
        ("Show fewer", "unclaimed"),
    ]


def test_a_person_without_a_queue_gets_no_buttons() -> None:
    """There is nothing that they can do."""
    for name in ("not_a_reviewer", "of_a_guest", "permissions_unknown"):
        assert _buttons(CASES[name].view()) == []


def _rows(view: View) -> list[tuple[str, bool]]:
    """The text of each row, and whether buttons follow on a line of their own."""
    blocks = view["blocks"]
    return [
        (block["text"]["text"], after["type"] == "actions" and "block_id" in after)
        for block, after in pairwise(blocks)
        if block["type"] == "section" and "archives/" in block["text"]["text"]
    ]


def test_an_action_is_confirmed_even_if_the_person_cannot_be_checked_any_more() -> None:
    """Slack answered when they pressed the button, but not when the tab was made; the same refusal is shown once."""
    unknown = ActionRefused(Refused.CANNOT_CHECK, None)
    claimed = ActionGranted(Action.CLAIM, "session-1")
    shown = home_tab(NOTHING, READER, claimed, unknown)["blocks"]
    assert [block["text"]["text"] for block in shown[1:3]] == [
        "✅ You claimed the review of session `session-1`.",
        why_refused(unknown),
    ]
    refused = home_tab(NOTHING, READER, replace(unknown, action=Action.CLAIM), unknown)["blocks"]
    assert [block["text"]["text"] for block in refused[1:-1]] == [why_refused(unknown)]


@pytest.mark.parametrize("name", CASES)
def test_a_row_takes_two_lines(name: str) -> None:
    """Two of text, or one above the buttons."""
    for text, has_line_of_buttons in _rows(CASES[name].view()):
        assert text.count("\n") + 1 + has_line_of_buttons == 2, text


def test_each_review_is_shown_once() -> None:
    """An overdue one is marked where it stands."""
    rows = [text for text, _ in _rows(CASES["of_a_reviewer"].view())]
    assert len(rows) == len(set(rows))
    (late,) = [text for text in rows if "verdue" in text and "Verdict" not in text]
    assert "|Overdue · User review #1 · Face doesn" in late
    assert "⏰ was due" in late


def test_open_is_neither_a_state_nor_a_button() -> None:
    """A review that no one has is unclaimed, and its title leads to its card."""
    for name in ("of_a_reviewer", "of_a_lead"):
        assert not [label for label, _ in _buttons(CASES[name].view()) if label == "Open"]
        assert "*Open*" not in json.dumps(CASES[name].view())


def test_confirm_asks_first() -> None:
    """The same dialog as on the card."""
    view = CASES["of_a_reviewer"].view()
    (confirm,) = [
        element
        for block in view["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["text"]["text"] == "Confirm"
    ]
    assert "Reject" in confirm["confirm"]["text"]["text"]


@pytest.mark.parametrize(
    ("channel", "message_ts", "url"),
    [(None, "1.0", URL), ("C1", None, URL), ("C1", "1.0", ""), ("", "", URL)],
)
def test_there_is_no_link_to_a_card_that_is_not_known(
    channel: str | None, message_ts: str | None, url: str
) -> None:
    """No link is better than one that leads nowhere."""
    assert permalink(url, channel, message_ts) == ""
