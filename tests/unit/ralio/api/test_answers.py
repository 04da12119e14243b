"""The API's answers in every spelling that the documentation leaves open."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.ralio.api.answers import Checks, Login, SessionsPage, StateHistory
from bot.reviews.checks import Check
from bot.reviews.review import (
    SessionState,
)

AT = "2026-03-17T16:41:28.447Z"
AT_MS = 1_773_765_688_447


@pytest.mark.parametrize("state", ["Refused", "refused", 2, "2"])
@pytest.mark.parametrize("reasons", ["refused_reasons", "refusedReasons", "reasons"])
@pytest.mark.parametrize("mapped", ["mappedError", "mapped_error"])
def test_a_refused_check_in_any_spelling(state: object, reasons: str, mapped: str) -> None:
    """Numbers or texts, snake or camel."""
    reason = {"id": 7, "type": "face-match", "code": "17", mapped: {"code": "KYC.FACE.X", "category": "FACE"}}
    answer = {"sessionId": "s1", "checks": [{"type": "face", "state": state, reasons: [reason]}]}
    assert Checks.model_validate(answer).refused() == (Check("face", "refused", ("KYC.FACE.X",), "FACE"),)


def test_only_refused_checks_are_taken() -> None:
    """What was validated or still runs needs no reviewer."""
    states: list[Any] = ["Validated", 1, "Pending", None, 3]
    answer = {"checks": [{"type": "document", "state": state} for state in states]}
    assert Checks.model_validate(answer).refused() == ()


def test_a_reason_without_a_mapped_error() -> None:
    """The provider's code is better than none."""
    reasons = [{"type": "document", "code": "EXPIRED", "mappedError": None}, {"type": "glare"}]
    answer = {"checks": [{"type": "document", "state": 2, "refused_reasons": reasons}]}
    assert Checks.model_validate(answer).refused() == (Check("document", "refused", ("EXPIRED", "glare")),)


@pytest.mark.parametrize(
    ("state", "understood"),
    [
        ("VERIFIED", SessionState.VERIFIED),
        ("rejected", SessionState.REJECTED),
        ("FAILED", SessionState.REJECTED),
        (" expired ", SessionState.EXPIRED),
        ("IN_PROGRESS", None),
        (7, None),
        (None, None),
    ],
)
def test_a_sessions_state(state: object, understood: SessionState | None) -> None:
    """One that is not known is none, and no reason to read nothing."""
    answer = {"logs": [{"id": 1, "newState": state, "createdAt": AT}]}
    (change,) = StateHistory.model_validate(answer).changes()
    assert (change.id, change.state, change.at) == ("1", understood, AT_MS)


def test_a_log_without_an_id_is_named_by_its_time() -> None:
    """So that the same change has the same name tomorrow."""
    (change,) = StateHistory.model_validate({"logs": [{"new_state": "VERIFIED", "created_at": AT}]}).changes()
    assert change.id == str(AT_MS)


def test_a_page_without_pagination_is_the_only_one() -> None:
    """As long as the sessions are there."""
    answer = {"sessions": [{"id": "s1", "state": "REVIEW", "updatedAt": AT}]}
    page = SessionsPage.model_validate(answer)
    assert page.pagination.pages == 1
    assert page.listed()[0].state is SessionState.REVIEW


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        (Checks, {}),
        (Checks, {"checks": None}),
        (StateHistory, {"logs": [{"new_state": "VERIFIED"}]}),
        (StateHistory, []),
        (SessionsPage, {"sessions": "none"}),
        (Login, {"token": ""}),
        (Login, {"token": "two\nlines"}),
        (Login, {"jwt": "x"}),
    ],
)
def test_another_shape_is_not_read_as_nothing(model: Any, answer: object) -> None:
    """An answer that is not understood must not look like an empty one."""
    with pytest.raises(ValidationError):
        model.model_validate(answer)
