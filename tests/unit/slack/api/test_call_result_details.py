"""What an operator reads about a message that Slack rejects: the scope it needs, and what is wrong where."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.api.call_results import CallResult, ResultKind, kind_of, result_of_error


def _result(**answer: Any) -> CallResult:
    """The result of a call that Slack answered so, beside `ok`."""
    error = SlackApiError("The request to the Slack API failed.", {"ok": False} | answer)  # type: ignore[no-untyped-call]
    return result_of_error(error)


@pytest.mark.parametrize(
    ("answer", "needed", "cause"),
    [
        (
            {"needed": "chat:write,channels:read"},
            "chat:write,channels:read",
            "missing_scope:chat:write,channels:read",
        ),
        ({"needed": ""}, "", "missing_scope"),
        ({"needed": None}, "", "missing_scope"),
        ({}, "", "missing_scope"),
        ({"needed": ["chat:write"]}, "unreadable_error", "missing_scope:unreadable_error"),
        ({"needed": "a scope"}, "unreadable_error", "missing_scope:unreadable_error"),
    ],
)
def test_the_scope_that_is_missing_is_part_of_the_cause(
    answer: dict[str, Any], needed: str, cause: str
) -> None:
    """The cause means the same as the error alone."""
    result = _result(error="missing_scope", **answer)
    assert (result.error, result.needed, result.cause) == ("missing_scope", needed, cause)
    assert kind_of(result.cause) is result.kind is ResultKind.PERMISSION_MISSING


@pytest.mark.parametrize("error", ["two words", "<!channel>", "line\nbreak", "ä", "x" * 201])
def test_an_error_that_is_no_code_is_not_repeated(error: str) -> None:
    """It would be logged, printed and shown."""
    assert _result(error=error) == CallResult(ResultKind.OUTAGE, "unreadable_error")


def test_the_longest_code_has_two_hundred_characters() -> None:
    """Slack's own are much shorter."""
    assert _result(error="x" * 200).error == "x" * 200


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        ("no more than 50 items", "no more than 50 items"),
        ({"message": "must be shorter", "pointer": "/blocks/0/text"}, "/blocks/0/text: must be shorter"),
        (
            {"message": "must be shorter", "code": "too_long", "pointer": "/blocks/0", "constraint": 3000},
            "/blocks/0: must be shorter (constraint: 3000)",
        ),
        (
            {"code": "too_long", "pointer": "/blocks/0", "constraint": 0},
            "/blocks/0: too_long (constraint: 0)",
        ),
        ({"message": "must be shorter", "constraint": None}, "somewhere: must be shorter"),
        ({"message": "", "code": "too_long", "pointer": ""}, "somewhere: too_long"),
        ("x" * 201, "x" * 200),
    ],
)
def test_a_broken_rule_is_described_with_its_place(error: object, detail: str) -> None:
    """As blocks.validate reports it, or as a text; cut after 200 characters."""
    assert _result(error="invalid_blocks", errors=[error]) == CallResult(
        ResultKind.PAYLOAD_WRONG, "invalid_blocks", details=(detail,)
    )


@pytest.mark.parametrize(
    "messages", [["[ERROR] no text", 7, "", "[WARN] old"], ["[ERROR] no text", "[WARN] old"]]
)
@pytest.mark.parametrize(
    "errors", [{}, {"errors": []}, {"errors": None}, {"errors": [7, "", None]}, {"errors": "x"}]
)
def test_without_errors_the_messages_of_the_metadata_count(
    errors: dict[str, Any], messages: list[Any]
) -> None:
    """Most methods report what is wrong there."""
    result = _result(error="invalid_arguments", response_metadata={"messages": messages}, **errors)
    assert result.details == ("[ERROR] no text", "[WARN] old")


def test_the_messages_of_the_metadata_only_repeat_the_errors() -> None:
    """Each thing is reported once."""
    metadata = {"messages": ["[ERROR] too long"]}
    result = _result(error="invalid_blocks", errors=["too long", 7], response_metadata=metadata)
    assert result.details == ("too long",)


@pytest.mark.parametrize(
    "metadata", [{}, None, [], "x", {"messages": None}, {"messages": "x"}, {"messages": []}]
)
def test_an_answer_without_details_has_none(metadata: object) -> None:
    """Whatever is in their place."""
    assert _result(error="invalid_blocks", response_metadata=metadata).details == ()


def test_five_details_are_kept() -> None:
    """The first ones; empty ones don't count."""
    errors = ["", *"abcdefg"]
    assert _result(error="invalid_blocks", errors=errors).details == ("a", "b", "c", "d", "e")
