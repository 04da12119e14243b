"""What a holder proposed last, if it came back to them."""

import pytest

from bot.reviews.audit.entry import BOT, OVERDUE, RALIO, AuditEntry
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.reviews.sent_back import FormerProposal, former_proposal


def _did(actor: str, action: str, **detail: str) -> AuditEntry:
    return AuditEntry(1, actor, action, None, None, 1, detail=detail)


CLAIM = _did("UANNA", Action.CLAIM)
PROPOSAL = _did("UANNA", Action.PROPOSE, outcome="reject", reason="other", note="Odd.")
SENT_BACK = _did("UBORIS", Action.SEND_BACK, words="Why?")
DECISION = Decision("reject", "other", "Odd.")


@pytest.mark.parametrize(
    ("history", "former"),
    [
        ([CLAIM, PROPOSAL, SENT_BACK], FormerProposal(DECISION, "UBORIS", "Why?")),
        ([PROPOSAL, SENT_BACK], FormerProposal(DECISION, "UBORIS", "Why?")),
        ([CLAIM, PROPOSAL, _did("UANNA", Action.WITHDRAW)], FormerProposal(DECISION)),
        (
            [CLAIM, PROPOSAL, SENT_BACK, _did("UBORIS", Action.ADD_NOTE), _did(BOT, OVERDUE)],
            FormerProposal(DECISION, "UBORIS", "Why?"),
        ),
        # The other person gave no reason, or the row is not the bot's own.
        ([PROPOSAL, _did("UBORIS", Action.SEND_BACK)], FormerProposal(DECISION, "UBORIS")),
        ([_did("UANNA", Action.PROPOSE), SENT_BACK], FormerProposal(Decision(""), "UBORIS", "Why?")),
        ([], None),
        ([CLAIM], None),
        # The evidence changed, or another person has it now.
        ([CLAIM, PROPOSAL, _did(BOT, Action.WITHDRAW)], None),
        ([CLAIM, PROPOSAL, SENT_BACK, _did(RALIO, Action.RECEIVE)], None),
        ([CLAIM, PROPOSAL, SENT_BACK, _did("UANNA", Action.RELEASE), CLAIM], None),
        ([_did("UBORIS", Action.PROPOSE, outcome="reject"), SENT_BACK], None),
    ],
)
def test_a_proposal_that_came_back_is_found(history: list[AuditEntry], former: FormerProposal | None) -> None:
    """As long as its proposer has the review and it rests on the same evidence."""
    assert former_proposal(history, "UANNA") == former
