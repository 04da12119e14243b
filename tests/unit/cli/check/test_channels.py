"""What `check` says about channels that seem to be mixed up."""

import pytest

from bot.cli.check.channels import mixed_up
from bot.cli.check.line import State

NAMES = {"user": "kyc-users", "related-party": "kyc-related-parties", "operations": "kyc-ops"}
SWAPPED = {"user": "kyc-related-parties", "related-party": "kyc-users", "operations": "kyc-ops"}


@pytest.mark.parametrize(
    ("channels", "operations", "names", "message"),
    [
        (
            {"user": "C1", "related-party": "C1"},
            "C3",
            {"user": "kyc", "related-party": "kyc"},
            "both queues post to #kyc (C1): everyone there sees all reviews",
        ),
        (
            {"user": "C1", "related-party": "C2"},
            "C3",
            SWAPPED,
            ("they look swapped: users go to #kyc-related-parties (C1), related parties to #kyc-users (C2)"),
        ),
        (
            {"user": "C1", "related-party": "C2"},
            "C2",
            NAMES,
            (
                "alerts for operators go to the related-party queue's reviewers: "
                "OPS_CHANNEL is #kyc-related-parties (C2), too"
            ),
        ),
    ],
    ids=["identical", "swapped", "operations"],
)
def test_a_mix_up_is_a_warning_that_names_the_channels(
    channels: dict[str, str], operations: str, names: dict[str, str], message: str
) -> None:
    """It can be meant, so it does not fail."""
    (line,) = mixed_up(channels, operations, names)
    assert (line.check, line.state, line.message) == ("channels", State.WARNED, message)
    assert line.advice


@pytest.mark.parametrize("names", [NAMES, {}, {"user": "a", "related-party": "b"}])
def test_channels_of_their_own_are_fine(names: dict[str, str]) -> None:
    """Whatever they are called, or where Slack does not tell their names."""
    assert list(mixed_up({"user": "C1", "related-party": "C2"}, "C3", names)) == []
    assert list(mixed_up({"user": "C1", "related-party": "C2"}, "", names)) == []
