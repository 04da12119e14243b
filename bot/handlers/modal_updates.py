"""Which choice in an open modal is the newest: a slower answer to an older one must not replace what belongs to it."""

from collections import OrderedDict

from bot.slack.messages.metadata import is_newer

MOST_MODALS = 1_000


class ModalUpdates:
    """Remembers the newest choice in each open modal, by the time that Slack gave it (`action_ts`)."""

    def __init__(self) -> None:
        self._newest: OrderedDict[str, str] = OrderedDict()

    def note(self, view_id: str, chosen_at: str) -> bool:
        """Note a choice; false if a newer one is known, because requests can overtake each other."""
        known = self._newest.get(view_id)
        if known is not None and is_newer(known, chosen_at):
            return False
        self._newest[view_id] = chosen_at
        self._newest.move_to_end(view_id)
        if len(self._newest) > MOST_MODALS:
            self._newest.popitem(last=False)
        return True

    def is_newest(self, view_id: str, chosen_at: str) -> bool:
        """Whether no newer choice has come meanwhile."""
        return self._newest.get(view_id) == chosen_at
