"""A reviewer resolves a review: the form, what it complains about, and what it keeps."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.settings.file import DEFAULT_OUTCOMES, BotFile, OutcomeSection, ReasonSection
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, blocks_of, new_review, record, view_text
from tests.support.slack import ANA, BEN, CHLOE, LocalSlack, buttons, shown

NOTE = "*Not* bold, <!channel> & nobody is called."


async def test_a_review_is_resolved(bot: Bot) -> None:
    """Outcome and note stand on the card as they were given, and on record; nobody is told by message."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.fill_in(session_id, "Resolve", outcome="Approve", note=NOTE)
    card = await bot.card(session_id)
    assert f"*Decided* · <@{ANA}> decided *Approve*" in shown(card)
    assert "*Next:* approve this session in Ralio's portal; waiting for Ralio's verdict" in shown(card)
    assert {"type": "plain_text", "text": NOTE, "emoji": False} in [
        block.get("text") for block in card["blocks"]
    ]
    assert "&lt;!channel&gt; &amp; nobody" in card["text"]
    assert buttons(card) == ["Reopen"]
    review = bot.review(session_id)
    assert (review["status"], review["outcome"], review["note"], review["decided_by"]) == (
        "decided",
        "approve",
        NOTE,
        ANA,
    )
    (entry,) = bot.rows("SELECT detail FROM audit WHERE action = 'resolve'")
    detail = json.loads(entry["detail"])
    assert (detail["outcome"], detail["note"]) == ("approve", NOTE)
    assert await bot.slack.calls("chat.postEphemeral") == []


CANARY = "canary of Jane Roe"

WITH_MORE_REASONS = BotFile(
    outcomes=DEFAULT_OUTCOMES
    | {
        "more_information": OutcomeSection(
            label="More information",
            reason_required=True,
            reasons={
                "proof_of_address": ReasonSection(label="Proof of address"),
                "other": ReasonSection(label="Other", note_required=True),
            },
        )
    }
)


@pytest.fixture
async def bot_with_more_reasons(database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A bot with a further outcome that has reasons."""
    async with running(database_url, slack, file=WITH_MORE_REASONS) as running_bot:
        yield running_bot
        await running_bot.settled()


async def test_what_was_typed_goes_where_it_is_read_and_nowhere_else(
    bot_with_more_reasons: Bot, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not into the log, not into a message's metadata, not into what a form carries along."""
    bot = bot_with_more_reasons
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.press(session_id, "Claim")
    await ben.fill_in(session_id, "Take over", words=CANARY)
    await ben.press(session_id, "Resolve")
    assert (await ben.submit(outcome="Reject", note=CANARY))["response_action"] == "update"
    assert await ben.submit(outcome="Approve", note=CANARY) == ""
    await ben.press(session_id, "Reopen")
    assert (await ben.submit(words=f"{CANARY} jane@example.com"))["response_action"] == "update"
    form = await ben.form(CANARY)
    assert CANARY not in form["private_metadata"]
    calls = [*await bot.slack.calls("chat.postMessage"), *await bot.slack.calls("chat.update")]
    assert CANARY in json.dumps(calls)
    assert CANARY not in json.dumps([call["arguments"].get("metadata") for call in calls])
    told = capfd.readouterr()
    assert "take_over" in told.out + told.err
    assert CANARY not in told.out + told.err


async def test_what_is_missing_or_wrong_is_said_on_its_field(bot_with_more_reasons: Bot) -> None:
    """The form stays open with what was entered; reasons are hidden until an outcome is chosen."""
    bot = bot_with_more_reasons
    refused = {"type": "face-matching", "state": "Refused", "reasons": [{"code": "NO_MATCH"}]}
    event = ralio.event(checks=[refused])
    session_id = str(event["data"]["sessionId"])
    await bot.ralio.send(event)
    await bot.settled()
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Resolve")
    form = await ana.form()
    assert blocks_of(form) == ["outcome", "note"]
    assert "❌ Face doesn't match the document `NO_MATCH`" in view_text(form)

    async def errors(**values: str) -> dict[str, str]:
        answer = await ana.submit(**values)
        assert answer["response_action"] == "errors"
        return dict(answer["errors"])

    assert await errors() == {"outcome": "Choose an outcome."}
    for outcome, reason in (("Reject", "reject:other"), ("More information", "more_information:other")):
        without_note = await errors(outcome=outcome, reason=reason, note=" \u00a0\u200b ")
        assert without_note == {"note": "Add a note: this reason needs one."}
    assert await errors(outcome="Approve", note="n" * 1_001) == {"note": "Shorten this to 1000 characters."}
    assert bot.review(session_id)["status"] == "claimed"
    # An outcome without reasons takes none: one that was chosen before is left out.
    assert await ana.submit(outcome="Approve", reason_more_information="more_information:other") == ""
    review = bot.review(session_id)
    assert (review["status"], review["outcome"], review["reason"]) == ("decided", "approve", None)
    assert record(bot, session_id) == [(ANA, "claim", None), (ANA, "resolve", None)]


async def test_choosing_an_outcome_shows_its_reasons_alone(bot_with_more_reasons: Bot) -> None:
    """Where Slack does not let the form be changed, submitting it shows them."""
    bot = bot_with_more_reasons
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Resolve")
    await ana.choose_outcome("Reject")
    assert blocks_of(await ana.form("reason_reject")) == ["outcome", "reason_reject", "note"]
    answer = await ana.submit()
    assert answer["errors"] == {"reason_reject": "Choose a reason: Reject needs one."}
    await ana.choose_outcome("More information")
    await ana.form("reason_more_information")
    await bot.slack.fault("views.update", "error", error="not_found")
    await ana.choose_outcome("Reject")
    values = {"outcome": "Reject", "reason_more_information": "Proof of address", "note": "Typed."}
    assert (await ana.submit(**values))["response_action"] == "update"
    form = await ana.form("Choose a reason for Reject.")
    assert blocks_of(form) == ["outcome", "reason_reject", "note"]
    assert "Typed." in json.dumps(form)
    assert await ana.submit(reason_reject="Document expired") == ""
    assert "*Reject* (Document expired)" in shown(await bot.card(session_id))


async def test_the_newest_of_two_quick_choices_counts(bot_with_more_reasons: Bot) -> None:
    """Both were made on the same version of the form, and their requests can overtake each other."""
    bot = bot_with_more_reasons
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Resolve")
    view = await ana.form()

    async def choose(outcome: str, at: str) -> None:
        action = {"action_id": "outcome", "selected_option": {"value": outcome}, "action_ts": at}
        state = {"values": {"outcome": {"outcome": {"selected_option": {"value": outcome}}}}}
        part = {name: view[name] for name in ("id", "hash", "callback_id", "private_metadata")}
        payload = {"type": "block_actions", "actions": [action], "view": part | {"state": state}}
        assert await ana.send_payload(payload) == ""

    await choose("reject", "1548426417.000001")
    await ana.form("reason_reject")
    await choose("more_information", "1548426417.000002")
    await ana.form("reason_more_information")
    updates = len(await bot.slack.calls("views.update"))
    await choose("reject", "1548426417.000001")
    await bot.settled()
    assert blocks_of(await ana.form()) == ["outcome", "reason_more_information", "note"]
    assert len(await bot.slack.calls("views.update")) == updates == 3


async def test_a_proposal_that_was_sent_back_is_filled_in_again(database_url: str, slack: LocalSlack) -> None:
    """With why it came back; another person who takes it over begins anew."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        ana, ben = Person(bot, ANA), Person(bot, BEN)
        await ana.press(session_id, "Claim")
        values = {"outcome": "Reject", "reason": "reject:document_expired", "note": "Ended in May."}
        await ana.fill_in(session_id, "Resolve", **values)
        await ben.fill_in(session_id, "Send back", words="Which page?")
        await ana.press(session_id, "Resolve")
        form = await ana.form("Ended in May.")
        assert f"<@{BEN}> sent your decision back: `Which page?`" in view_text(form)
        assert blocks_of(form) == ["outcome", "reason_reject", "note"]
        assert await ana.submit() == ""
        assert bot.review(session_id)["reason"] == "document_expired"
        await ben.fill_in(session_id, "Send back", words="Again.")
        await ben.fill_in(session_id, "Take over", words="I'll do it.")
        await ben.press(session_id, "Resolve")
        assert blocks_of(await ben.form()) == ["outcome", "note"]


async def test_what_looks_like_personal_data_is_warned_about_once(bot: Bot) -> None:
    """Sent once more as it is, it is taken; changed into something else that looks so, it is warned about again."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Resolve")
    values = {"outcome": "Approve", "note": "Ask joe@example.com"}
    answer = await ana.submit(**values)
    assert answer["response_action"] == "update"
    warned = await ana.form("an email address")
    assert "Ask joe@example.com" in json.dumps(warned)
    assert [block["level"] for block in warned["blocks"] if block["type"] == "alert"] == ["warning"]
    # Slack was asked once whether it takes that block.
    assert len(await bot.slack.calls("blocks.validate")) == 1
    answer = await ana.submit(**values | {"note": "IBAN DE89 3704 0044 0532 0130 00"})
    assert answer["response_action"] == "update"
    await ana.form("an account number (IBAN)")
    assert bot.review(session_id)["status"] == "claimed"
    assert await ana.submit() == ""
    assert bot.review(session_id)["note"] == "IBAN DE89 3704 0044 0532 0130 00"


@pytest.mark.parametrize("error", ["invalid_blocks", "unknown_method", "internal_error"])
async def test_a_slack_without_alerts_shows_the_warning_as_text(bot: Bot, error: str) -> None:
    """Slack is asked before, because a view in the answer to a form cannot be sent again in another form."""
    await bot.slack.fault("blocks.validate", "error", error=error)
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Add note")
    for number in range(2):
        assert (await ana.submit(words=f"Ask joe{number}@example.com"))["response_action"] == "update"
        warned = await ana.form("an email address")
        assert "⚠️ This looks like it contains an email address." in view_text(warned)
        assert "alert" not in {block["type"] for block in warned["blocks"]}
    # It is asked again only while it gave no answer.
    asked = len(await bot.slack.calls("blocks.validate"))
    assert asked == (2 if error == "internal_error" else 1)


async def test_an_own_id_in_the_note_is_not_warned_about(bot: Bot) -> None:
    """Reviewers paste the session and the subject."""
    session_id = await new_review(bot)
    ana, subject = Person(bot, ANA), bot.review(session_id)["subject_id"]
    await ana.press(session_id, "Claim")
    await ana.fill_in(session_id, "Resolve", outcome="Approve", note=f"{session_id}, {subject.upper()}")
    assert bot.review(session_id)["status"] == "decided"


async def test_a_form_of_a_review_that_changed_meanwhile_says_so(
    database_url: str, slack: LocalSlack
) -> None:
    """What was entered is kept; checked and sent once more, it counts. When nothing can come of it, it closes."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        ana, ben, chloe = (Person(bot, person) for person in (ANA, BEN, CHLOE))
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Resolve")
        # That leads are asked for help changes nothing about what Ana decides; that Ralio sends it again may.
        await chloe.fill_in(session_id, "Escalate", words="Odd.")
        await bot.ralio.send(ralio.event(sessionId=session_id) | {"timestamp": ralio.later()})
        await bot.settled()
        values = {"outcome": "Approve", "note": "I am sure."}
        assert (await ana.submit(**values))["response_action"] == "update"
        form = await ana.form("The review changed before you could resolve it")
        assert "Check it, then submit again." in view_text(form)
        assert "I am sure." in json.dumps(form)
        assert bot.review(session_id)["status"] == "claimed"
        await ben.fill_in(session_id, "Take over", words="Ana is away.")
        assert (await ana.submit())["response_action"] == "update"
        closing = await ana.form(f"Only <@{BEN}> can resolve it")
        assert blocks_of(closing) == []
        assert f"<@{BEN}> has been working on this" in view_text(closing)
        assert record(bot, session_id)[1:] == [
            (CHLOE, "escalate", None),
            (ANA, "resolve", "changed_meanwhile"),
            (BEN, "take_over", None),
            (ANA, "resolve", "not_the_holder"),
        ]


async def test_a_form_that_slack_does_not_show_is_explained(bot: Bot) -> None:
    """The person is told privately to press again; nothing was changed, and the next press shows it."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await bot.slack.fault("views.open", "error", error="expired_trigger_id", count=1)
    await ana.press(session_id, "Resolve")
    (note,) = await until(ana.notes, "Ana is not told")
    assert "Slack didn't open the form to resolve this review in time. Press the button again." in note
    assert record(bot, session_id) == [(ANA, "claim", None)]
    await ana.fill_in(session_id, "Resolve", outcome="Approve")
    assert bot.review(session_id)["status"] == "decided"


async def test_who_may_not_resolve_gets_no_form(bot: Bot) -> None:
    """They are told at once why, before they have typed anything, and it is on record."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.press(session_id, "Claim")
    await ben.press(session_id, "Resolve")
    (note,) = await until(ben.notes, "Ben is not told")
    assert f"<@{ANA}> has been working on this" in note
    assert await ben.forms() == []
    assert record(bot, session_id)[-1] == (BEN, "resolve", "not_the_holder")


async def test_outcomes_come_from_the_file(database_url: str, slack: LocalSlack) -> None:
    """As long labels as Slack allows, as many reasons as a menu holds."""
    reasons = {f"reason_{number}": f"{number} {'&' * 70}" for number in range(100)}
    outcomes = {
        f"outcome_{number}": {"label": f"{number} {'<' * 70}", "reasons": reasons} for number in range(100)
    }
    file = BotFile.model_validate({"outcomes": outcomes})
    async with running(database_url, slack, file=file) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Resolve")
        await ana.choose_outcome("outcome_99")
        await ana.form("reason_outcome_99")
        note = "&" * 1_000
        assert (
            await ana.submit(outcome="outcome_99", reason_outcome_99="outcome_99:reason_99", note=note) == ""
        )
        card = await bot.card(session_id)
        assert f"99 {'&lt;' * 70}" in shown(card)
        assert note in shown(card)
        assert len(card["text"]) < 4_000
        await bot.settled()
