"""The card, as golden files: one per case, compared whole. UPDATE_GOLDEN=1 writes them again."""

from dataclasses import asdict

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.review import Review, SessionState
from bot.slack.messages.card import FALLBACK_LENGTH, card, card_key
from bot.slack.messages.card_checks import CHECKS_LENGTH
from bot.store.tables.subjects import LISTED, EarlierReviews
from tests.support import golden
from tests.support.card_cases import (
    CASES,
    CLOSED,
    CLOSED_OVER_A_PROPOSAL,
    LIMITS,
    PORTAL,
    RECORDED,
    REJECTED_BEFORE,
    Case,
    earlier,
)
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    DECIDED,
    ESCALATED,
    HOSTILE,
    LONGEST,
    MOST,
    NAMED,
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


@pytest.mark.parametrize("name", CASES)
def test_a_card_is_exactly_as_on_file(name: str) -> None:
    """A change of the card changes the file, so the diff shows it."""
    assert golden.on_file(f"card_{name}", asdict(CASES[name].message()))


def test_every_file_has_its_case() -> None:
    """A file that nothing is compared with would prove nothing."""
    assert golden.names("card_") == {f"card_{name}" for name in CASES}


@pytest.mark.parametrize("case", [*CASES.values(), *LIMITS.values()], ids=[*CASES, *LIMITS])
def test_slack_accepts_every_card(case: Case) -> None:
    """It keeps all rules and limits for blocks, checked independently of slack_sdk, with text to spare."""
    message = case.message()
    blocks = list(message.blocks)
    assert block_problems(blocks) == []
    assert all_text_length(blocks) + len(message.text) < 12_000
    assert len(message.text) <= FALLBACK_LENGTH
    assert all(is_harmless(text) for text in [message.text, *formatted_texts(blocks)])


def _elements(review: Review) -> list[tuple[str, str]]:
    rows = [block for block in card(review, [], RULES).blocks if block["type"] == "actions"]
    assert all(row["block_id"] == f"review:{review.session_id}" for row in rows)
    return [
        (element["text"]["text"], element["value"])
        if element["type"] == "button"
        else (element["action_id"], ", ".join(option["text"]["text"] for option in element["options"]))
        for row in rows
        for element in row["elements"]
    ]


SESSION = OPEN.session_id


@pytest.mark.parametrize(
    ("review", "elements"),
    [
        (OPEN, [("Claim", f"{SESSION}@{OPEN.revision}"), ("History", SESSION)]),
        (
            CLAIMED,
            [
                ("Resolve", SESSION),
                ("Release", f"{SESSION}@{CLAIMED.revision}"),
                ("History", SESSION),
                ("review_more", "Reassign, Take over, Escalate, Snooze, Add note"),
            ],
        ),
        (
            SNOOZED,
            [
                ("Resolve", SESSION),
                ("Release", f"{SESSION}@{SNOOZED.revision}"),
                ("History", SESSION),
                ("review_more", "Reassign, Take over, Escalate, Resume, Add note"),
            ],
        ),
        (
            PROPOSED,
            [
                ("Confirm", f"{SESSION}@{PROPOSED.revision}"),
                ("Send back", SESSION),
                ("History", SESSION),
                ("review_more", "Withdraw, Add note"),
            ],
        ),
        (CONFIRMED, [("Reopen", SESSION), ("History", SESSION), ("review_more", "Add note")]),
        (VERIFIED, [("History", SESSION)]),
        (CLOSED, [("Record decision", SESSION), ("History", SESSION)]),
        (CLOSED_OVER_A_PROPOSAL, [("Record decision", SESSION), ("History", SESSION)]),
        (RECORDED, [("History", SESSION)]),
        (CLOSED._replace(opened_at=None), [("History", SESSION)]),
    ],
)
def test_buttons_carry_the_session(review: Review, elements: list[tuple[str, str]]) -> None:
    """A click says which action on which session; Claim, Release and Confirm also say what the person saw."""
    assert _elements(review) == elements


NEXT = "Next: confirmation by a second person: <!subteam^SREVIEWERS>, <@UBORIS>, <@ULEA>."


@pytest.mark.parametrize(
    ("review", "fallback"),
    [
        (OPEN, "Unclaimed · waiting since 2026-03-17 16:41 UTC."),
        (OPEN._replace(opened_at=None), "Unclaimed."),
        (CLAIMED, "Claimed by <@UANNA> since 2026-03-17 16:42 UTC."),
        (
            SNOOZED,
            (
                "Snoozed until 2026-03-19 16:41 UTC (Waiting for proof of address) · "
                "Claimed by <@UANNA> since 2026-03-17 16:42 UTC."
            ),
        ),
        (
            ESCALATED,
            "Claimed by <@UANNA> since 2026-03-17 16:42 UTC · escalated to the leads by <@UANNA>.",
        ),
        (
            PROPOSED,
            (
                f"Awaiting confirmation · <@UANNA> proposed Reject (Document expired). {NEXT} "
                "Note: Typed by a person."
            ),
        ),
        (
            CONFIRMED,
            (
                "Decided · <@UANNA> decided Reject (Document expired), confirmed by <@UBORIS>. Next: reject this "
                "session in Ralio's portal; waiting for Ralio's verdict. Note: Typed by a person."
            ),
        ),
        (
            DECIDED,
            (
                "Decided · <@UANNA> decided Approve. Next: approve this session in Ralio's portal; waiting for "
                "Ralio's verdict."
            ),
        ),
        (
            VERIFIED,
            (
                "Closed · Ralio verified this session; <@UANNA> had decided Reject (Document expired), "
                "confirmed by <@UBORIS>. Note: Typed by a person."
            ),
        ),
        (CLOSED, "Closed · Ralio rejected this session. Next: record what was decided in Ralio's portal."),
        (
            CLOSED._replace(opened_at=None, session_state=SessionState.EXPIRED),
            "Closed · this session expired.",
        ),
    ],
)
def test_the_fallback_says_it_all(review: Review, fallback: str) -> None:
    """The title, then the state: notifications and screen readers use nothing else. The session's id comes last."""
    assert card(review, [], NAMED).text == f"User review #42. {fallback} Session {SESSION}."


def test_the_fallback_names_the_queue() -> None:
    """A related party's review reads as one."""
    assert card(RELATED_PARTY, [], RULES).text.startswith("Related party review #42. Unclaimed ")


def test_confirm_asks_first_and_names_the_outcome() -> None:
    """Slack shows the dialog; the longest labels still fit into it."""
    for review, rules in ((PROPOSED, RULES), (LONGEST, MOST)):
        (actions,) = [block for block in card(review, [], rules).blocks if block["type"] == "actions"]
        dialogs = [element["confirm"] for element in actions["elements"] if "confirm" in element]
        assert [dialog["confirm"]["text"] for dialog in dialogs] == ["Confirm"]
        assert len(dialogs[0]["text"]["text"]) <= 300
    (dialog,) = [
        element["confirm"]
        for block in card(PROPOSED, [], RULES).blocks
        for element in block.get("elements", [])
        if element.get("action_id") == "review_confirm"
    ]
    assert dialog["text"]["text"] == "<@UANNA> proposed *Reject* (Document expired)."


def test_the_portal_is_a_link_button_beside_the_others() -> None:
    """In every state; an address that Slack would refuse is left out, so that the card stays."""
    for review in (OPEN, CLAIMED, PROPOSED, CONFIRMED, VERIFIED, CLOSED):
        (row,) = [block for block in card(review, [], RULES, PORTAL).blocks if block["type"] == "actions"]
        (button,) = [each for each in row["elements"] if each["action_id"] == "portal_open"]
        assert button["text"]["text"] == "Open in portal"
        assert button["url"].startswith(f"https://portal.example.com/sessions/{SESSION}?subject=")
    assert "portal_open" not in str(card(OPEN, [], RULES, PORTAL + "&x=" + "x" * 3_000).blocks)


def test_a_note_is_shown_as_it_was_typed() -> None:
    """Plain text cannot hide formatting, a mention or an emoji."""
    note = "*bold* <!channel> :smile:\n> & more"
    blocks = list(card(PROPOSED._replace(note=note), [], RULES).blocks)
    (section,) = [block for block in blocks if note in str(block.get("text", {}).get("text"))]
    assert section["text"] == {"type": "plain_text", "text": note, "emoji": False}


def test_the_proposer_is_not_among_the_people_who_can_confirm() -> None:
    """The card asks the others."""
    headline = card(PROPOSED, [], NAMED).blocks[1]["text"]["text"]
    assert headline.endswith(f"*Next:*{NEXT.removeprefix('Next:').rstrip('.')}")


def test_a_card_is_found_by_its_session() -> None:
    """The key is the same in every status of the review."""
    keys = {card(review, [], RULES).metadata["event_payload"]["key"] for review in (OPEN, CLAIMED, VERIFIED)}
    assert keys == {card_key(OPEN)} == {f"card:{OPEN.session_id}"}


@pytest.mark.parametrize("name", ["too_many_checks", "too_long_checks"])
def test_checks_that_do_not_fit_are_counted(name: str) -> None:
    """Only whole lines, and no more than the section can hold."""
    texts = [block["text"]["text"] for block in CASES[name].message().blocks if "text" in block]
    (checks,) = [text for text in texts if "❌" in text or "❔" in text][-1:]
    *shown, last = checks.splitlines()
    assert shown
    assert last == f"• and {20 + 7 - len(shown)} more"
    assert len(checks) <= CHECKS_LENGTH + 40


LINK = "https://team.example.com/archives/CUSER00001/p1773765688000001"
NOVEMBER = "<!date^1762200000^{date_short_pretty}|2025-11-03>"
MARCH = f"<!date^{OPENED_AT // 1000}^{{date_short_pretty}}|2026-03-17>"


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (earlier(1, REJECTED_BEFORE), f"Earlier: 1 review, <{LINK}|rejected> {NOVEMBER}"),
        (earlier(2, REJECTED_BEFORE), f"Earlier: 2 reviews, <{LINK}|last rejected> {NOVEMBER}"),
        (earlier(2, REJECTED_BEFORE, None), f"Earlier: 2 reviews, last rejected {NOVEMBER}"),
        (earlier(LISTED + 1, REJECTED_BEFORE, None), f"Earlier: 10+ reviews, last rejected {NOVEMBER}"),
        (earlier(1, CONFIRMED, None), f"Earlier: 1 review, decided Reject {MARCH.replace('688', '868')}"),
        (earlier(1, DECIDED._replace(outcome=HOSTILE), None), None),
        (earlier(3, PROPOSED, None), f"Earlier: 3 reviews, last open since {MARCH}"),
    ],
)
def test_earlier_reviews_are_one_line(before: EarlierReviews, line: str | None) -> None:
    """How many, and Ralio's verdict on the last one or, without one, the decision or that it is still open."""
    message = Case(OPEN, earlier=before).message()
    lines = [each for text in formatted_texts(list(message.blocks)) for each in text.splitlines()]
    texts = [text for text in lines if text.startswith("Earlier: ")]
    assert len(texts) == 1
    assert line is None or texts == [line]
    assert all(map(is_harmless, [message.text, *texts]))
    assert " Earlier: " in message.text
