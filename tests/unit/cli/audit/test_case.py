"""A case file in its three formats."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.cli.audit.case import print_case
from bot.reviews.audit.entry import Keys
from bot.reviews.policy import Decision
from bot.reviews.review import Action, SessionState
from bot.store.store import open_store
from tests.support.store import act, receive, verdict
from tests.support.tamper import tamper

KEYS = Keys([])
SESSION = "5e551014"
NOTE = "Looks <b>odd</b> | *see* [1]"


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """The URL of a database with one review that was approved with a note full of markup."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    async with open_store(url, 1, lambda: None, KEYS) as store:
        await receive(store, SESSION, 1_000)
        await act(store, SESSION, "UANA", Action.CLAIM)
        await act(store, SESSION, "UANA", Action.RESOLVE, 3_000, decision=Decision("approve", None, NOTE))
    return url


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
