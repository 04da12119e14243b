"""Alerts in the operations channel."""

from dataclasses import replace

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.delivery_problems import EditWindowClosed, PersonUnreachable
from bot.reviews.notifications import DeliveryHeld, EventQuarantined, VerdictDropped
from bot.reviews.review import SessionState
from bot.slack.api.client import Message
from bot.slack.messages.ops_alert import ops_alert

QUARANTINED = EventQuarantined("data.sessionId: Field required")
HELD = DeliveryHeld("C1", "channel_not_found")


def _blocks(text: str) -> list[dict[str, object]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]


def test_an_alert_about_a_quarantined_event_has_the_command_that_shows_it() -> None:
    """An operator knows what to do next."""
    text = (
        "⚠️ *A signed event of Ralio could not be understood* and waits in the quarantine: "
        "data.sessionId: Field required\n"
        "Nothing is lost. See `python -m bot events --quarantined`; after an upgrade that understands more, "
        "`python -m bot events replay --all`. Further ones are told in an hour."
    )
    carried = {"event_type": "kyc_review_bot", "event_payload": {"key": "quarantined:1"}}
    assert ops_alert("quarantined:1", QUARANTINED) == Message(text, _blocks(text), carried)


def test_an_alert_about_held_messages_has_the_channel_and_the_error() -> None:
    """Slack's error code says what is wrong."""
    text = (
        "⚠️ *Slack is rejecting the bot's messages* (in <#C1>): `channel_not_found`\n"
        "They are held, and nothing is lost. Fix the cause. They are then sent within a few minutes, or at once with "
        "`python -m bot deliveries requeue --all`. `python -m bot deliveries --held` lists them. "
        "I'll report further ones in an hour."
    )
    assert ops_alert("held:1", HELD).text == text


def test_an_alert_about_a_missing_permission_names_the_scope() -> None:
    """The operator can add it without looking anything up."""
    text = ops_alert("held:1", DeliveryHeld("C1", "missing_scope:im:history")).text
    assert "(in <#C1>): `missing_scope`" in text
    assert "Add the scope `im:history` to the app under 'OAuth & Permissions' and reinstall it." in text


def test_an_alert_about_a_dropped_verdict_names_the_session_and_what_to_do() -> None:
    """Nothing else would close the review."""
    alert = VerdictDropped("s-1", SessionState.VERIFIED)
    assert ops_alert("verdict_dropped:1", alert).text == (
        "⚠️ *A verdict from Ralio was older than its session's newest event* and did not close the review: "
        "session `s-1`, `VERIFIED`.\n"
        "The review stays open. Compare `python -m bot audit case s-1` with the session in Ralio's portal; if the "
        "verdict is right, a clock was wrong, and the review can be decided by hand."
    )


def test_an_alert_about_closed_edit_windows_says_what_to_change() -> None:
    """The cards are posted again, so operators see why there are several."""
    text = ops_alert("edit_window:C1", EditWindowClosed("C1")).text
    assert "at most once an hour" in text
    assert "Message editing" in text


def test_an_alert_about_an_unreachable_person_names_the_person() -> None:
    """It also says who is reminded instead."""
    text = ops_alert("unreachable:UANNA", PersonUnreachable("UANNA", "user_disabled")).text
    assert "<@UANNA>" in text
    assert "`user_disabled`" in text
    assert "leads are reminded instead" in text


@pytest.mark.parametrize("alert", [QUARANTINED, HELD, PersonUnreachable("UANNA", "error")])
def test_slack_accepts_every_alert_however_long_the_error(
    alert: EventQuarantined | DeliveryHeld | PersonUnreachable,
) -> None:
    """An error of any length or content stays a short text that pings nobody."""
    message = ops_alert("alert:1", replace(alert, error="<!channel> & " * 1_000))
    assert block_problems(list(message.blocks)) == []
    assert len(message.text) < 1_000
    assert "<!" not in message.text
