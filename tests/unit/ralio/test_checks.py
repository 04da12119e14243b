"""Checks of any shape: what can be read is kept, the rest is left out and noted, and nothing raises."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ralio.checks import ReadChecks, read_checks
from bot.ralio.schema import MAX_WORD
from bot.reviews.checks import Check

CANARY = "canary of Jane Roe"
REFUSED = {"type": "face", "state": 2}
FACE = Check("face", "refused")


@pytest.mark.parametrize("checks", [None, [], {}, "", "  ", 0, False, [None]])
def test_nothing_is_no_checks(checks: object) -> None:
    """Every form of nothing: there is nothing that could have been read."""
    assert read_checks(checks) == ReadChecks()


@pytest.mark.parametrize(
    "checks", [CANARY, 7, 1.5, True, {"face": REFUSED}, REFUSED, [CANARY], [7], [True], [[REFUSED]]]
)
def test_what_is_no_list_of_checks_is_left_out(checks: object) -> None:
    """Whatever shape it has; the card says so."""
    assert read_checks(checks) == ReadChecks((), unreadable=True)


@pytest.mark.parametrize("junk", [CANARY, 7, True, [REFUSED]])
def test_junk_between_checks_costs_only_itself(junk: object) -> None:
    """Those beside it are kept."""
    assert read_checks([REFUSED, junk, REFUSED]) == ReadChecks((FACE, FACE), unreadable=True)


@pytest.mark.parametrize(
    ("check", "kept"),
    [
        ({"type": {"name": CANARY}, "state": 2}, Check("check", "refused")),
        ({"type": [CANARY], "state": 2}, Check("check", "refused")),
        ({"type": "face", "state": {"name": CANARY}}, Check("face", "")),
        ({"type": "face", "state": 2, "reasons": {"name": CANARY}}, FACE),
        ({"type": "face", "state": 2, "reasons": 7}, FACE),
        ({"type": "face", "state": 2, "reasons": CANARY}, FACE),
        ({"type": "face", "state": 2, "reasons": ["jane"]}, FACE),
        ({"type": "face", "state": 2, "reasons": ["X1234567"]}, FACE),
        ({"type": "face", "state": 2, "reasons": [7, "BLURRED"]}, Check("face", "refused", ("BLURRED",))),
        ({"type": "face", "state": 2, "reasons": [{"code": {"name": CANARY}}]}, FACE),
        (
            {"type": "face", "state": 2, "reasons": [{"code": [CANARY], "type": "blurred"}]},
            Check("face", "refused", ("blurred",)),
        ),
        (
            {"type": "face", "state": 2, "reasons": [{"mappedError": CANARY, "code": "A"}]},
            Check("face", "refused", ("A",)),
        ),
    ],
)
def test_a_part_that_cannot_be_read_costs_only_itself(check: dict[str, object], kept: Check) -> None:
    """The check is kept without it, and nothing of what stands there is."""
    read = read_checks([check])
    assert read == ReadChecks((kept,), unreadable=True)
    assert "Jane" not in repr(read)


@pytest.mark.parametrize(
    ("reasons", "codes"),
    [
        (["DOCUMENT_EXPIRED", " LOW-CONFIDENCE "], ("DOCUMENT_EXPIRED", "LOW-CONFIDENCE")),
        ("KYC.DOC.DETERIORATED", ("KYC.DOC.DETERIORATED",)),
        ([{"code": 17}, "BLURRED", {"code": None, "type": "liveness"}], ("17", "BLURRED", "liveness")),
        (["", None, {}], ()),
        ([{"mapped_error": {"code": "M"}, "code": "C"}], ("M",)),
        ([{"mappedError": {}, "code": "C"}], ("C",)),
        ([{"mappedError": None, "mapped_error": {"code": "M"}}], ("M",)),
    ],
)
def test_reasons_are_texts_or_objects(reasons: object, codes: tuple[str, ...]) -> None:
    """A text counts if it is a code in capitals."""
    read = read_checks([{"type": "face", "state": "Refused", "reasons": reasons}])
    assert read == ReadChecks((Check("face", "refused", codes),))


@pytest.mark.parametrize("field", ["reasons", "refused_reasons", "refusedReasons"])
def test_the_reasons_have_three_names(field: str) -> None:
    """Events use the first, the API the others; a null beside them does not count."""
    read = read_checks([{"type": "face", "state": 2, "reasons": None} | {field: [{"code": "A"}]}])
    assert read.checks == (Check("face", "refused", ("A",)),)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=100),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "state", "reasons", "refused_reasons", "code", "category", "mappedError", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(_json | st.lists(_json, max_size=5))
def test_any_shape_is_read(value: object) -> None:
    """What is kept is short and printable."""
    read = read_checks(value)
    for check in read.checks:
        words = [check.type, check.state, *check.codes, check.category or ""]
        assert all(word.isprintable() and len(word) <= MAX_WORD for word in words)
        assert check.type


def test_a_megabyte_of_checks_is_read_at_once() -> None:
    """The time grows with the size, not faster."""
    size = 20_000
    shapes: list[object] = [
        [{}] * size,
        [{"reasons": ["x"] * size}],
        [{"reasons": [{"category": f"A{number}"} for number in range(size)]}],
        "A" * 1_000_000,
        [{"type": "\u202e" * 500_000, "reasons": "A_" * 250_000}],
    ]
    started = time.process_time()
    for shape in shapes:
        read_checks(json.loads(json.dumps(shape)))
    assert time.process_time() - started < 5
