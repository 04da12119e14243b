"""The address of a session in Ralio's portal."""

from urllib.parse import quote

from bot.reviews.review import Review

URL_LENGTH = 3_000
"""Slack's limit for the address of a button."""


def portal_url(review: Review, template: str) -> str:
    """The session's page, from the configured template.

    Empty without a template, if it needs a subject that is unknown, or if the address is too long for Slack.
    """
    if not template or ("{subject_id}" in template and not review.subject_id):
        return ""
    url = template.format(
        session_id=quote(review.session_id, safe=""), subject_id=quote(review.subject_id or "", safe="")
    )
    return url if len(url) <= URL_LENGTH else ""
