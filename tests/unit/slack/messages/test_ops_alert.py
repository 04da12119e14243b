"""What the operations channel is told."""

import pytest

from bot.demo.blocks.validation import block_problems
from bot.slack.api.client import Message
from bot.slack.messages.ops_alert import operations_notice

QUARANTINED = {"what": "quarantined", "error": "data.sessionId: Field required"}
HELD = {"what": "held", "channel": "C1", "error": "channel_not_found"}


def _blocks(text: str) -> list[dict[str, object]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]


def test_a_quarantined_event_is_told_with_the_command_that_shows_it() -> None:
    """An operator knows what to do next."""
    text = (
        "⚠️ *A signed event of Ralio could not be understood* and waits in the quarantine: "
        "data.sessionId: Field required\n"
        "Nothing is lost. See `python -m bot events --quarantined`; after an upgrade that understands more, "
        "`python -m bot events replay --all`. Further ones are told in an hour."
    )
    carried = {"event_type": "kyc_review_bot", "event_payload": {"key": "notice:quarantined:1"}}
    assert operations_notice("notice:quarantined:1", QUARANTINED) == Message(text, _blocks(text), carried)


def test_held_messages_are_told_with_the_channel_and_the_error() -> None:
    """Slack's own word says what is wrong."""
    text = (
        "⚠️ *Slack refuses messages of the bot* (in <#C1>): `channel_not_found`\n"
        "They are held, nothing is lost. See `python -m bot deliveries --held`, mend the cause, then run "
        "`python -m bot deliveries requeue --all`. Further ones are told in an hour."
    )
    assert operations_notice("notice:held:1", HELD).text == text


@pytest.mark.parametrize("facts", [QUARANTINED, HELD])
def test_slack_takes_every_notice_however_long_the_error(facts: dict[str, str]) -> None:
    """An error of any length or content stays a short text that pings nobody."""
    notice = operations_notice("notice:1", facts | {"error": "<!channel> & " * 1_000})
    assert block_problems(list(notice.blocks)) == []
    assert len(notice.text) < 1_000
    assert "<!" not in notice.text
