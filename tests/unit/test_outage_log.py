"""An outage is two lines in the log: its beginning and its end."""

import structlog
from structlog.testing import capture_logs

from bot.outage_log import OutageLog


def test_an_outage_is_logged_when_it_begins_and_when_it_ends() -> None:
    """Failures in between are for those who look for details; a success without a failure is no news."""
    outage = OutageLog(structlog.get_logger(), "slack_away", "slack_back")
    with capture_logs() as lines:
        outage.recovered()
        for number in range(3):
            outage.failed(error=f"error {number}")
        outage.recovered(lane="update")
        outage.recovered()
        outage.failed(level="error", error="again")
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", "slack_away"),
        ("debug", "slack_away"),
        ("debug", "slack_away"),
        ("info", "slack_back"),
        ("error", "slack_away"),
    ]
    assert (lines[3]["failures"], lines[3]["lane"], lines[0]["error"]) == (3, "update", "error 0")
