"""What `check` says about the decision webhook."""

import pytest
from pydantic import SecretStr

from bot.cli.check.decision_webhook import decision_webhook_line
from bot.cli.check.line import State
from bot.settings.decision_webhook import DecisionWebhookSettings
from tests.support.receiver import FORMER_SECRET, SECRET, DecisionReceiver, Fault, running_receiver


def _settings(receiver: DecisionReceiver) -> DecisionWebhookSettings:
    return DecisionWebhookSettings(
        decision_webhook_url=SecretStr(f"http://ana:hunter2@127.0.0.1:{receiver.port}/decisions"),
        decision_webhook_secret=(SecretStr(SECRET), SecretStr(FORMER_SECRET)),
    )


async def test_without_an_address_it_is_skipped() -> None:
    """The webhook is optional."""
    line = await decision_webhook_line(DecisionWebhookSettings(), sends=True)
    assert (line.state, line.check) == (State.SKIPPED, "decision webhook")


async def test_nothing_is_sent_unless_it_is_asked_for() -> None:
    """The line shows where decisions go, without credentials or path."""
    async with running_receiver() as receiver:
        line = await decision_webhook_line(_settings(receiver), sends=False)
        assert (line.state, receiver.messages) == (State.PASSED, [])
        assert line.message == f"http://127.0.0.1:{receiver.port}, 2 signatures; check --send sends a ping"


async def test_a_ping_is_signed_and_named_as_one() -> None:
    """The receiver verifies it with both secrets; it says nothing else, and each has an id of its own."""
    async with running_receiver() as receiver:
        for _ in range(2):
            line = await decision_webhook_line(_settings(receiver), sends=True)
            assert (line.state, line.message) == (
                State.PASSED,
                f"http://127.0.0.1:{receiver.port} accepted a ping: http_204",
            )
        assert [(each.content["type"], each.content["data"]) for each in receiver.messages] == [
            ("ping", {})
        ] * 2
        assert len({each.id for each in receiver.messages}) == 2


@pytest.mark.parametrize("fault", [Fault.REFUSAL, Fault.DISCONNECT, Fault.REDIRECT])
async def test_a_ping_that_is_not_accepted_fails(fault: Fault) -> None:
    """With advice, and without the address's credentials."""
    async with running_receiver() as receiver:
        receiver.fault = fault
        line = await decision_webhook_line(_settings(receiver), sends=True)
    assert line.state is State.FAILED
    assert line.advice
    assert "hunter2" not in line.message + line.advice
