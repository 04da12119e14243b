"""How a subject's earlier reviews are shown. Pure."""

from bot.reviews.policy import Policy
from bot.reviews.review import Review, Status, result_at
from bot.slack.messages.mrkdwn import VERDICTS, day, escaped, permalink, plain_day
from bot.store.tables.subjects import LISTED, EarlierReviews


def earlier_line(earlier: EarlierReviews, rules: Policy, workspace_url: str) -> str:
    """How many there are and the result of the last one, with a link to its card."""
    last = earlier.last
    words = f"{_last(earlier)}{result_words(last.review, rules)}"
    if link := permalink(workspace_url, last.channel, last.message_ts):
        words = f"<{escaped(link)}|{words}>"
    return f"Earlier: {_count(earlier)}, {words} {day(result_at(last.review))}"


def plain_earlier_line(earlier: EarlierReviews, rules: Policy) -> str:
    """The same for notifications and screen readers."""
    review = earlier.last.review
    words = f"{_last(earlier)}{result_words(review, rules)}"
    return f"Earlier: {_count(earlier)}, {words} {plain_day(result_at(review))}."


def result_words(review: Review, rules: Policy) -> str:
    """Ralio's verdict, otherwise the decision, otherwise that the review is still open: for before a date."""
    match review.status:
        case Status.CLOSED:
            return VERDICTS[review.session_state]
        case Status.DECIDED:
            return f"decided {escaped(rules.label_of(review.outcome))}"
        case Status.OPEN | Status.CLAIMED | Status.PROPOSED:
            return "open since"


def _count(earlier: EarlierReviews) -> str:
    if earlier.count > LISTED:
        return f"{LISTED}+ reviews"
    return "1 review" if earlier.count == 1 else f"{earlier.count} reviews"


def _last(earlier: EarlierReviews) -> str:
    return "" if earlier.count == 1 else "last "
