"""The base address of Slack's Web API."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

SLACKS_OWN = ("slack.com", "slack-gov.com")
PATH = "/api"


def _with_its_path(url: str) -> str:
    """Reject the mistakes that Slack's own server answers with a web page; other servers may have any path."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if host in SLACKS_OWN and (parts.scheme, parts.path.rstrip("/")) != ("https", PATH):
        raise ValueError(f"must be https://{host}{PATH}/, with its path")
    return url


SlackApiUrl = Annotated[str, Field(pattern=r"^https?://[^\s/@]+(/[^\s]*)?$"), AfterValidator(_with_its_path)]
"""An HTTP or HTTPS address; Slack's own only with its path."""
