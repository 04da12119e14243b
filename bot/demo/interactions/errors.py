"""How an act of a person is refused before the bot hears of it."""


class InteractionError(Exception):
    """An act that cannot be done: `reason` names why, `status` is the control API's HTTP status."""

    def __init__(self, reason: str, status: int = 404) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
