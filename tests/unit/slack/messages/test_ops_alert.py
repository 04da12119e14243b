"""Alerts in the operations channel."""

from dataclasses import replace

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.audit.chain import Head
from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.delivery_problems import DeliveryHeld, EditWindowClosed, PersonUnreachable
from bot.reviews.event_problems import EventQuarantined, VerdictDropped
from bot.reviews.refused_webhook import RefusedWebhook, WebhookRefused
from bot.reviews.review import SessionState
from bot.slack.api.client import Message
from bot.slack.messages.ops_alert import database_away, database_back, ops_alert

QUARANTINED = EventQuarantined("data.sessionId: Field required", 42)
HELD = DeliveryHeld("C1", "channel_not_found")
REFUSED = [WebhookRefused(topic, "/wrong") for topic in RefusedWebhook]


def _blocks(text: str) -> list[dict[str, object]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]


def test_an_alert_about_a_quarantined_event_has_the_command_that_shows_it() -> None:
    """An operator knows what to do next."""
    text = (
        "⚠️ *A signed Ralio event couldn't be read and was quarantined*: data.sessionId: Field required\n"
        "Nothing is lost: run `python -m bot events show 42` to look at it. After an upgrade that can read it, run "
        "`python -m bot events replay --all`. I'll report further ones in an hour; "
        "`python -m bot events --quarantined` lists them all."
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


def test_the_audit_head_is_one_line_that_verify_takes() -> None:
    """Copied from Slack as it is, also where it does not follow from the one before."""
    noted = Head(1234, f"0a1b2c3d:{'0b' * 32}")
    for follows in (True, False):
        text = ops_alert("audit_head:1", HeadNoted(str(noted), "2026-11-29", follows=follows)).text
        assert text.startswith("Audit head of 2026-11-29: `1234:0a1b2c3d:")
        assert ("does not follow" in text) is not follows
        assert Head.read_lines(text.replace("`", "")) == Head.read_lines(text) == [noted]


def test_an_alert_about_a_broken_record_names_the_entry() -> None:
    """And the command that says more."""
    text = ops_alert("audit_broken:1", AuditBroken(4, "it is missing: removed")).text
    assert "broken at entry 4*: it is missing: removed" in text
    assert "`python -m bot audit verify`" in text


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


@pytest.mark.parametrize(
    "alert", [QUARANTINED, HELD, PersonUnreachable("UANNA", "error"), AuditBroken(4, "x"), *REFUSED]
)
def test_slack_accepts_every_alert_however_long_the_error(
    alert: EventQuarantined | DeliveryHeld | PersonUnreachable | AuditBroken | WebhookRefused,
) -> None:
    """An error of any length or content stays a short text that pings nobody."""
    message = ops_alert("alert:1", replace(alert, error="<!channel> & " * 1_000))
    assert block_problems(list(message.blocks)) == []
    assert len(message.text) < 1_000
    assert "<!" not in message.text


def test_an_outage_of_the_database_has_its_times_and_what_was_refused() -> None:
    """Without the database there is no queue, so these are posted directly."""
    away = database_away(1_800_000_000_000, "PostgreSQL database bot at db: refused <!channel>")
    assert away.text.startswith("🔴 *The database can't be used* since <!date^1800000000^")
    assert "<!channel>" not in away.text
    back = database_back(1_800_000_000_000, 1_800_000_150_000, 7)
    assert "from <!date^1800000000^" in back.text
    assert "to <!date^1800000150^" in back.text
    assert "7 requests were refused" in back.text
    assert "1 request was refused" in database_back(0, 1, 1).text
