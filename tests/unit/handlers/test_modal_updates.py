"""The newest choice in an open modal."""

from bot.handlers.modal_updates import MOST_MODALS, ModalUpdates


def test_the_newest_choice_is_known_for_each_modal() -> None:
    """By Slack's time of it, in whatever order the requests arrive."""
    updates = ModalUpdates()
    assert updates.note("V1", "1548426417.840180")
    assert updates.note("V1", "1548426418.000001")
    assert not updates.note("V1", "1548426417.999999")
    assert updates.note("V2", "1548426417.000001")
    assert updates.is_newest("V1", "1548426418.000001")
    assert not updates.is_newest("V1", "1548426417.840180")
    assert not updates.is_newest("V3", "1548426417.840180")


def test_modals_of_long_ago_are_forgotten() -> None:
    """What is remembered is bounded."""
    updates = ModalUpdates()
    for number in range(MOST_MODALS + 1):
        updates.note(f"V{number}", "1548426417.840180")
    assert not updates.is_newest("V0", "1548426417.840180")
    assert updates.is_newest("V1", "1548426417.840180")
