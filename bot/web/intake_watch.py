"""What happens to Ralio's webhooks before they are recorded: refusals that lose a review are reported."""

from bot.clock import Clock
from bot.reviews.refused_webhook import RefusedWebhook, WebhookRefused
from bot.web.operator_reports import OperatorReports

WARNING_LASTS_MS = 24 * 3_600_000
"""An older refusal says nothing about the current secret."""


class IntakeWatch:
    """Counts refused signatures until one is accepted; Ralio never repeats what ends in 4xx."""

    def __init__(self, reports: OperatorReports, clock: Clock) -> None:
        self._reports = reports
        self._clock = clock
        self._refused = 0
        self._refused_at = 0

    def signature_accepted(self) -> None:
        """The secret is right: earlier refusals came from someone else."""
        self._refused = 0

    def signature_refused(self) -> None:
        """Report it, at most hourly, as long as none is accepted."""
        self._refused += 1
        self._refused_at = self._clock()
        self._reports.report(WebhookRefused(RefusedWebhook.WRONG_SIGNATURE, str(self._refused)))

    def too_large(self, limit_bytes: int) -> None:
        """Report that a body was larger than allowed."""
        self._reports.report(WebhookRefused(RefusedWebhook.TOO_LARGE, str(limit_bytes)))

    def wrong_path(self, path: str) -> None:
        """Report that a signed webhook came to a path that is not Ralio's."""
        self._reports.report(WebhookRefused(RefusedWebhook.WRONG_PATH, path))

    @property
    def warning(self) -> str | None:
        """What is wrong with the signatures; None while they are accepted or none arrives."""
        if not self._refused or self._clock() - self._refused_at > WARNING_LASTS_MS:
            return None
        return (
            f"{self._refused} webhooks with a missing or wrong signature were refused, none accepted since: check "
            "RALIO_WEBHOOK_SECRET and RALIO_SIGNATURE_ENCODING"
        )
