"""How commands find the session that a person named by the number of its review."""

from bot.store.store import reading
from bot.store.tables.subjects import by_reference, number_in


async def session_named(url: str, name: str) -> str:
    """Return the session id that `name` is or, for the number of a review (`42` or `#42`), that review's session id.

    A session with exactly this id comes first. Without such a review, the name itself is returned.
    """
    if number_in(name) is None:
        return name
    async with reading(url) as connection:
        found = await by_reference(connection, name)
    return name if found is None else found.review.session_id
