"""What `check` says about the decision webhook, and the ping that it sends on request."""

import uuid

from bot.cli.check.line import CheckLine, failed, passed, skipped
from bot.clock import Clock, system_clock
from bot.delivery.decision_webhook.message import ping_body
from bot.delivery.decision_webhook.receiver import open_receiver
from bot.outbound import OutboundProxy, proxy_advice
from bot.reviews.decision_update import DecisionSharing
from bot.settings.decision_webhook import DecisionWebhookSettings, origin_of

CHECK = "decision webhook"


async def decision_webhook_line(
    settings: DecisionWebhookSettings,
    *,
    sends: bool,
    clock: Clock = system_clock,
    proxy: OutboundProxy | None = None,
) -> CheckLine:
    """Show where decisions go and, if `sends`, whether a signed ping is accepted there."""
    if settings.decision_sharing is DecisionSharing.NOTHING:
        return skipped(CHECK, "not set: decisions aren't sent to another system")
    origin, secrets = origin_of(settings.decision_webhook_url), settings.decision_webhook_secret
    if not sends:
        return passed(CHECK, f"{origin}, {_signatures(len(secrets))}; check --send sends a ping")
    async with open_receiver(settings.decision_webhook_url, secrets, proxy=proxy) as receiver:
        now = clock()
        answer = await receiver.send(f"msg_ping_{uuid.uuid4().hex}", ping_body(now), now)
    if answer.is_received:
        return passed(CHECK, f"{origin} accepted a ping: {answer.error}")
    advice = "check DECISION_WEBHOOK_URL and the receiver, and that both use the same secret"
    advice = proxy_advice(answer.error) or advice
    return failed(CHECK, f"{origin} did not accept a ping: {answer.error}", advice)


def _signatures(count: int) -> str:
    return "one signature" if count == 1 else f"{count} signatures"
