"""A case file in its three formats."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.cli.audit.case import print_case
from bot.handlers.person_action import carry_out
from bot.reviews.audit.entry import Keys
from bot.reviews.policy import Decision
from bot.reviews.review import Action, SessionState
from bot.reviews.snooze import Snooze
from bot.store.engine.transaction import Transaction
from bot.store.store import open_store
from bot.store.tables import legal_holds, staff_names
from bot.store.tables.legal_holds import PlaceHold
from tests.support import examples
from tests.support.store import act, asked, receive, verdict
from tests.support.tamper import tamper

KEYS = Keys([])
SESSION = "5e551014"
NOTE = "Looks <b>odd</b> | *see* [1]"


@pytest.fixture
async def url(sqlite_url: str) -> str:
    """The URL of a database with one review that was approved with a note full of markup."""
    async with open_store(sqlite_url, 1, lambda: None, KEYS) as store:
        await receive(store, SESSION, 1_000)
        await act(store, SESSION, "UANA", Action.CLAIM)
        await act(store, SESSION, "UANA", Action.RESOLVE, 3_000, decision=Decision("approve", None, NOTE))
    return sqlite_url


async def test_json_holds_the_review_and_its_entries(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every entry is sound, and so is the chain of the session."""
    assert await print_case(url, KEYS, SESSION, "json")
    content = json.loads(capsys.readouterr().out)
    assert content["session_id"] == SESSION
    assert content["claimed_by"] == "UANA"
    assert content["note"] == NOTE
    assert content["number"] == 1
    assert (content["earlier_reviews"], content["more_earlier_reviews"]) == ([], False)
    assert content["card"] is None
    assert content["unbroken"] is True
    assert [entry["action"] for entry in content["entries"]] == ["receive", "claim", "resolve"]
    assert all(entry["sound"] for entry in content["entries"])


async def test_a_decision_names_its_evidence_and_its_policy(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are printed as they were then, and their digests fit."""
    assert await print_case(url, KEYS, SESSION, "json")
    content = json.loads(capsys.readouterr().out)
    decision = content["entries"][-1]
    assert decision["fits_evidence"] is True
    policy = content["policies"][decision["detail"]["policy"]]
    assert policy["four_eyes"] == []
    assert content["not_on_record"] == []
    tamper(url, "UPDATE audit_texts SET text = '{}'")
    assert not await print_case(url, KEYS, SESSION, "markdown")
    assert "policy in force: recorded " in capsys.readouterr().out


async def test_markdown_escapes_what_people_wrote(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A note can't change the table."""
    assert await print_case(url, KEYS, SESSION, "markdown")
    printed = capsys.readouterr().out
    assert printed.startswith(f"# Case file of session {SESSION}\n")
    assert r"- note: Looks \<b\>odd\</b\> \| \*see\* \[1\]" in printed
    assert "The chain of this session is unbroken" in printed


async def test_html_escapes_what_people_wrote(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A note can't bring in elements."""
    assert await print_case(url, KEYS, SESSION, "html")
    printed = capsys.readouterr().out
    assert printed.startswith("<!DOCTYPE html>")
    assert "Looks &lt;b&gt;odd&lt;/b&gt;" in printed
    assert "<b>odd" not in printed


async def test_a_case_names_earlier_reviews_of_the_subject(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By number, with their results, newest first; the case itself is found by its number, too."""
    async with open_store(url, 1, lambda: None, KEYS) as store:
        await verdict(store, SESSION, 4_000, SessionState.REJECTED)
        await receive(store, "5e551015", 5_000)
        await receive(store, "5e551016", 6_000)
    assert await print_case(url, KEYS, "#3", "json")
    content = json.loads(capsys.readouterr().out)
    assert content["session_id"] == "5e551016"
    assert [each["number"] for each in content["earlier_reviews"]] == [2, 1]
    assert content["earlier_reviews"][1] == {
        "number": 1,
        "session_id": SESSION,
        "session_state": "REJECTED",
        "status": "closed",
        "outcome": "approve",
        "opened_at": "1970-01-01T00:00:01.000Z",
        "result_at": "1970-01-01T00:00:04.000Z",
    }
    assert await print_case(url, KEYS, "3", "markdown")
    printed = capsys.readouterr().out
    assert (
        "earlier reviews of the subject: \\#2 open 1970-01-01T00:00:05.000Z; \\#1 closed REJECTED 1970"
        in printed
    )


async def test_a_case_speaks_from_the_record(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An altered table does not change what is printed; the difference is named, and the exit code says so."""
    tamper(url, "UPDATE reviews SET outcome = 'reject', note = '<i>', status = 'closed'")
    assert not await print_case(url, KEYS, SESSION, "json")
    content = json.loads(capsys.readouterr().out)
    assert (content["outcome"], content["note"], content["status"]) == ("approve", NOTE, "decided")
    assert [each["field"] for each in content["differences"]] == ["status", "outcome", "note"]
    assert not await print_case(url, KEYS, SESSION, "html")
    printed = capsys.readouterr().out
    assert "outcome: recorded approve, found reject" in printed
    assert "found &lt;i&gt;" in printed


RULES = {"user": examples.RULES}
NOTHING: dict[str, Any] = {"decision": None, "comment": None}


def _name(transaction: Transaction, name: str) -> None:
    staff_names.record(transaction, {"UANA": name}, 1_500)


@pytest.fixture
async def full(tmp_path: Path) -> str:
    """The URL of a database with a review that two people decided, with everything else that can happen to one."""
    url = f"sqlite:///{tmp_path / 'full.db'}"
    async with open_store(url, 1, lambda: None, KEYS, RULES) as store:
        await receive(store, SESSION, 1_000)
        for name in ("Ana Ruiz", "Ana Ruiz"):
            await store.write(_name, name)
        await act(store, SESSION, "UANA", Action.CLAIM, **NOTHING)
        assert (await store.write_batched(carry_out, asked(SESSION, "UBEN", Action.CLAIM, **NOTHING))).refused
        await act(store, SESSION, "UANA", Action.ADD_NOTE, 2_500, decision=None, comment="Called Ralio.")
        await act(
            store,
            SESSION,
            "UANA",
            Action.SNOOZE,
            2_600,
            snooze=Snooze(date(1970, 1, 2), "customer"),
            **NOTHING,
        )
        await act(store, SESSION, "UANA", Action.RESUME, 2_700, **NOTHING)
        await store.write(_name, "Ana Vega")
        rejected = Decision("reject", "document_expired", "Ended in May.")
        await act(store, SESSION, "UANA", Action.RESOLVE, 3_000, decision=rejected, comment=None)
        await act(store, SESSION, "UBEN", Action.CONFIRM, 4_000, **NOTHING)
        await store.write(legal_holds.place, (PlaceHold(SESSION, "a complaint", "operator", "ines"), 4_500))
        await verdict(store, SESSION, 5_000, SessionState.REJECTED)
    return url


async def test_a_case_answers_who_decided_what_on_which_basis(
    full: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the names and labels of that time, what was refused, and whether Ralio's verdict agrees."""
    assert await print_case(full, KEYS, SESSION, "json")
    content = json.loads(capsys.readouterr().out)
    proposed, confirmed = content["decisions"]
    assert (proposed["name"], proposed["outcome_label"], proposed["needs_second_person"]) == (
        "Ana Vega",
        "Reject",
        True,
    )
    assert (proposed["reason_label"], proposed["note"]) == ("Document expired", "Ended in May.")
    assert (proposed["status_before"], proposed["automatic_checks"]) == ("claimed", [])
    assert (confirmed["action"], confirmed["by"], confirmed["outcome"]) == ("confirm", "UBEN", "reject")
    assert [names["name"] for names in content["people"]["UANA"]] == ["Ana Ruiz", "Ana Vega"]
    (refusal,) = content["refusals"]
    assert (refusal["by"], refusal["reason"]) == ("UBEN", "held_by_other")
    (note,) = content["notes"]
    assert (note["name"], note["note"]) == ("Ana Ruiz", "Called Ralio.")
    assert [each["action"] for each in content["snoozes"]] == ["snooze", "resume"]
    (hold,) = content["holds"]
    assert (hold["reason"], hold["os_user"]) == ("a complaint", "ines")
    assert (content["verdict"]["state"], content["verdict"]["agrees"]) == ("REJECTED", True)


@pytest.mark.parametrize("form", ["markdown", "html"])
async def test_people_read_the_same_in_a_case(
    full: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each question under its own heading, and how to verify the file."""
    assert await print_case(full, KEYS, SESSION, form)
    printed = capsys.readouterr().out
    for text in (
        "Ana Vega (UANA) proposed Reject (Document expired)",
        "a second person needed to confirm",
        "UBEN, claim: held_by_other",
        "Called Ralio.",
        "REJECTED at 1970-01-01T00:00:05.000Z; it agrees with the decision",
        "UANA: Ana Ruiz since 1970-01-01T00:00:01.500Z, then Ana Vega since",
        "How to verify it",
    ):
        assert text in printed


@pytest.mark.usefixtures("set_up")
def test_an_unknown_session_is_an_error() -> None:
    """It can be a typing mistake or a session that was purged."""
    CliRunner().invoke(main, ["migrate"])
    result = CliRunner().invoke(main, ["audit", "case", SESSION])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert (
        result.stderr == f"there is no review of session {SESSION}: check the id; it may have been purged\n"
    )
