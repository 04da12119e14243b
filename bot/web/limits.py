"""How many of the server's resources strangers can use."""

from dataclasses import dataclass

from bot.web.body_budget import DEFAULT_BYTES

MAX_LINE_BYTES = 8_190
MAX_FIELD_BYTES = 8_190
MAX_FIELDS = 64
READ_BUFFER_BYTES = 16_384
MAX_PIPELINED = 4
"""Answers to a stranger's pipelined requests; no client in use pipelines any."""

UNREAD_S = 0.1
"""After this time an answer that is still buffered counts as not read: others fetch theirs at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of the server's resources strangers can use.

    `connections` at once: below the 1,024 files that a process can usually open. `head_s` from connecting, or from the
    first bytes of a later request, to the end of its headers. `unread_s` for answers that the client does not read.
    `linger_s` for a body that no handler reads: it is read and thrown away, which lets its sender read the answer.
    `body_bytes` of all request bodies together.
    `keep_alive_s` for an idle connection: longer than proxies keep theirs (Heroku's router 90 s, Caddy 120 s), because
    a request that a proxy sends while the bot closes the connection is lost.
    """

    connections: int = 800
    head_s: float = 10.0
    unread_s: float = 10.0
    linger_s: float = 2.0
    keep_alive_s: float = 130.0
    look_every_s: float = 1.0
    body_bytes: int = DEFAULT_BYTES
