"""The address of a session in Ralio's portal."""

from urllib.parse import quote

from bot.reviews.review import Review


def portal_url(review: Review, template: str) -> str:
    """The session's page, from the configured template; empty without one, or if it needs a subject that is unknown."""
    if not template or ("{subject_id}" in template and not review.subject_id):
        return ""
    return template.format(
        session_id=quote(review.session_id, safe=""), subject_id=quote(review.subject_id or "", safe="")
    )
