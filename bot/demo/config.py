"""What the local Slack must know before it starts."""

from dataclasses import dataclass, field

from bot.demo.moving_time import MovingTime


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """The shared secrets, the bot's address, the pace and the time.

    `posts_per_second` is Slack's pace per channel; the tiers of the other methods are scaled with it. `burst`
    is how many messages a channel takes at once before the pace applies.
    """

    bot_url: str
    signing_secret: str
    bot_token: str
    webhook_secret: str
    posts_per_second: float = 1.0
    burst: int = 5
    time: MovingTime = field(default_factory=MovingTime)
