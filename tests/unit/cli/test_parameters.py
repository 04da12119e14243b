"""The arguments and options that several commands take."""

import click
import pytest

from bot.cli.parameters import Moment, SessionId, SlackUserId, require_id_or_all


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("1970-01-02", 86_400_000),
        ("1970-01-01T00:00:01", 1_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.250Z", 250),
    ],
)
def test_a_moment_is_utc_unless_it_names_an_offset(text: str, at_ms: int) -> None:
    """In milliseconds since 1970."""
    assert Moment().convert(text, None, None) == at_ms


@pytest.mark.parametrize("text", ["yesterday", "", "31.01.2026", "2026-13-01"])
def test_another_form_of_date_is_refused(text: str) -> None:
    """With an example of a date that works."""
    with pytest.raises(click.BadParameter, match="is not a date such as 2026-01-31"):
        Moment().convert(text, None, None)


UUID = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"


@pytest.mark.parametrize(
    "text", [UUID, UUID.upper(), UUID.replace("-", ""), f"urn:uuid:{UUID}", f" {{{UUID}}} "]
)
def test_a_session_is_found_under_every_spelling_of_its_id(text: str) -> None:
    """As it is stored."""
    assert SessionId().convert(text, None, None) == UUID


@pytest.mark.parametrize("text", ["Session-1", "", f"{UUID}:7"])
def test_any_other_session_id_stays_as_it_is(text: str) -> None:
    """The command says if there is none."""
    assert SessionId().convert(text, None, None) == text


@pytest.mark.parametrize("user_id", ["U012AB3CD", "WANA", "operator"])
def test_a_slack_user_id_is_accepted(user_id: str) -> None:
    """So is `operator`, the default."""
    assert SlackUserId().convert(user_id, None, None) == user_id


@pytest.mark.parametrize("text", ["ana", "@ana", "C012AB3CD", "U", "U012ab3cd", "U012AB3CD\n"])
def test_another_name_of_a_person_is_refused(text: str) -> None:
    """The record holds ids only."""
    with pytest.raises(click.BadParameter, match="is not a Slack user's id"):
        SlackUserId().convert(text, None, None)


@pytest.mark.parametrize(("row_id", "everything"), [(None, False), (7, True)])
def test_neither_or_both_of_an_id_and_all_is_a_usage_error(row_id: int | None, *, everything: bool) -> None:
    """The command would have to guess."""
    with pytest.raises(click.UsageError, match="give either an ID or --all"):
        require_id_or_all(row_id, everything=everything)


@pytest.mark.parametrize(("row_id", "everything"), [(7, False), (None, True)])
def test_one_of_an_id_and_all_is_enough(row_id: int | None, *, everything: bool) -> None:
    """It raises nothing."""
    require_id_or_all(row_id, everything=everything)
