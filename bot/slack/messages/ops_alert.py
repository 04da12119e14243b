"""Alerts in the operations channel: what is wrong, and the commands that show it and put it right. Pure."""

from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.decision_update import DecisionHeld
from bot.reviews.delivery_problems import DeliveryHeld, EditWindowClosed, PersonUnreachable
from bot.reviews.event_problems import EventQuarantined, VerdictDropped
from bot.reviews.notifications import OpsAlert
from bot.reviews.refused_webhook import RefusedWebhook, WebhookRefused
from bot.slack.api.client import Message
from bot.slack.messages.as_json import as_json
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import code, escaped, moment, person

ERROR_LENGTH = 300
"""Escaping makes text up to five times as long, and Slack accepts 3,000 characters."""


def ops_alert(key: str, alert: OpsAlert) -> Message:
    """An alert for operators."""
    text = _text(alert)
    return Message(
        text=text,
        blocks=[as_json(SectionBlock(text=MarkdownTextObject(text=text)))],
        metadata=metadata(key),
    )


def _text(alert: OpsAlert) -> str:
    match alert:
        case EditWindowClosed(channel=channel):
            where = f"in <#{escaped(channel)}>" if channel else "in this workspace"
            return (
                f"⚠️ *Slack no longer lets the bot update its cards* ({where}): {code('edit_window_closed')}\n"
                "Cards are posted again instead, each at most once an hour, so until then they can be out of date. "
                "Ask a workspace administrator to let messages be edited at any time (Settings & permissions > "
                "Message editing). I'll report this again tomorrow if it continues."
            )
        case PersonUnreachable(person=who):
            return (
                f"⚠️ *Slack can't show {person(who)} the bot's direct messages*: {code(alert.error[:ERROR_LENGTH])}\n"
                "Reminders for this person are dropped, and the queue's leads are reminded instead. If the person no "
                "longer works here, remove the id from the configuration. I'll report this at most once a day."
            )
        case EventQuarantined(event=event):
            show = f"python -m bot events show {event}" if event else "python -m bot events --quarantined"
            return (
                f"⚠️ *A signed Ralio event couldn't be read and was quarantined*: "
                f"{escaped(alert.error[:ERROR_LENGTH])}\n"
                f"Nothing is lost: run {code(show)} to look at it. After an upgrade that can read it, run "
                f"{code('python -m bot events replay --all')}. I'll report further ones in an hour; "
                f"{code('python -m bot events --quarantined')} lists them all."
            )
        case DeliveryHeld(channel=channel):
            where = f"in <#{escaped(channel)}>" if channel else "without a channel"
            code_, _, needed = alert.error[:ERROR_LENGTH].partition(":")
            fix = (
                f"Add the scope {code(needed)} to the app under 'OAuth & Permissions' and reinstall it."
                if needed
                else "Fix the cause."
            )
            return (
                f"⚠️ *Slack is rejecting the bot's messages* ({where}): {code(code_)}\n"
                f"They are held, and nothing is lost. {fix} They are then sent within a few minutes, or at once with "
                f"{code('python -m bot deliveries requeue --all')}. {code('python -m bot deliveries --held')} lists "
                "them. I'll report further ones in an hour."
            )
        case HeadNoted(head, day, follows):
            remark = "" if follows else " ⚠️ It does not follow from the one before."
            return f"Audit head of {escaped(day)}: {code(head)}{remark}"
        case AuditBroken(entry):
            return (
                f"🔴 *The audit record is broken at entry {entry}*: {escaped(alert.error[:ERROR_LENGTH])}\n"
                f"Someone changed it, or an old backup was restored. {code('python -m bot audit verify')} shows more; "
                "the heads in this channel show until when it was sound. I'll report this again tomorrow."
            )
        case VerdictDropped(session_id, session_state):
            case_command = f"python -m bot audit case {session_id}"
            return (
                f"⚠️ *A verdict from Ralio was older than its session's newest event* and did not close the review: "
                f"session {code(session_id)}, {code(session_state)}.\n"
                f"The review stays open. Compare {code(case_command)} with the session in Ralio's portal; if the "
                "verdict is right, a clock was wrong, and the review can be decided by hand."
            )
        case DecisionHeld():
            return (
                f"⚠️ *The decision webhook doesn't accept a decision*: {code(alert.error)}\n"
                f"It is held, along with later decisions on the same review; nothing is lost. Fix the receiver "
                f"({code('python -m bot check --send')} tests it), then run "
                f"{code('python -m bot deliveries requeue --all')}. I'll report further ones in an hour."
            )
        case WebhookRefused(topic=topic):
            return f"⚠️ {_refused_webhook(topic, alert.error[:ERROR_LENGTH])} I'll report further ones in an hour."


def _refused_webhook(topic: RefusedWebhook, error: str) -> str:
    match topic:
        case RefusedWebhook.WRONG_PATH:
            return (
                f"*A signed Ralio webhook came to a wrong address* ({code(error)}), and Ralio doesn't repeat it. In "
                f"Ralio's portal, set the webhook's path to {code('/webhooks/ralio')}, then look there for reviews "
                "that are missing here."
            )
        case RefusedWebhook.TOO_LARGE:
            return (
                f"*A webhook was larger than {escaped(error)} bytes and was refused*, and Ralio doesn't repeat it. "
                f"If it came from Ralio, raise {code('MAX_BODY_BYTES')}."
            )
        case RefusedWebhook.WRONG_SIGNATURE:
            return (
                f"*Webhooks with a missing or wrong signature are refused* ({escaped(error)} so far) and none is "
                "accepted. Ralio doesn't repeat them. If they come from Ralio, check "
                f"{code('RALIO_WEBHOOK_SECRET')}: has the secret changed in Ralio's portal?"
            )


def database_away(since: int, problem: str) -> Message:
    """The database can't be used; sent directly, because nothing can be queued."""
    return _plain(
        f"🔴 *The database can't be used* since {moment(since)}: {code(problem[:ERROR_LENGTH])}\n"
        "Webhooks are answered with 503, and Ralio repeats them; clicks are refused. I'll report when it is back."
    )


def database_back(since: int, until: int, refused: int) -> Message:
    """The database can be used again; `refused` requests could not be recorded in between."""
    requests = "1 request was" if refused == 1 else f"{refused} requests were"
    return _plain(
        f"🟢 *The database is back.* It couldn't be used from {moment(since)} to {moment(until)}; {requests} refused. "
        "Ralio repeats its webhooks; people have to repeat their clicks."
    )


def _plain(text: str) -> Message:
    return Message(text=text, blocks=[as_json(SectionBlock(text=MarkdownTextObject(text=text)))])
