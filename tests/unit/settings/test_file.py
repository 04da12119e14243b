"""The configuration file: what it sets, and how problems in it are reported."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import SessionState
from bot.reviews.snooze import SnoozePolicy
from bot.settings.environment import Settings, read_settings
from bot.settings.file import DEFAULT_OUTCOMES, BotFile, Queue
from tests.support.settings import settings_problems

ROOT = Path(__file__).parents[3]

SetUp = Callable[..., None]
Write = Callable[[str], Path]


FILE = """
[queues.user]
channel = "CFILE00001"
reviewers = ["UANNA", "WBORIS", "SREVIEWERS"]
leads = ["ULEA", "SLEADS"]
four_eyes = ["decline"]

[queues.related-party]
channel = "GFILE00002"

[snooze]
max_days = 3

[snooze.reasons]
customer = { label = "Waiting for the customer", note_required = true }

[outcomes.accept]
label = "Accept"

[outcomes.decline]
label = "Decline"
reason_required = true
reasons = { forged = "Looks forged", other = { label = "Other", note_required = true } }

[operations]
channel = "CFILE00003"
"""


def test_the_file_sets_the_channels_the_people_and_the_outcomes(set_needed: SetUp, write: Write) -> None:
    """Each queue has its own channel, people, groups and four eyes; the outcomes apply to all queues."""
    write(FILE)
    set_needed(USER_REVIEW_CHANNEL="", RELATED_PARTY_REVIEW_CHANNEL="")
    settings = read_settings()
    assert settings.channels == {"user": "CFILE00001", "related-party": "GFILE00002"}
    assert settings.operations_channel == "CFILE00003"
    snooze = SnoozePolicy(3, {"customer": "Waiting for the customer"}, frozenset({"customer"}))
    outcomes = {
        "accept": Outcome("Accept"),
        "decline": Outcome(
            "Decline",
            {"forged": "Looks forged", "other": "Other"},
            reason_required=True,
            note_required=frozenset({"other"}),
        ),
    }
    roster = Roster(
        frozenset({"UANNA", "WBORIS"}),
        frozenset({"ULEA"}),
        frozenset({"SREVIEWERS"}),
        frozenset({"SLEADS"}),
    )
    assert settings.file.rules() == {
        "user": Policy(roster, outcomes, frozenset({"decline"}), snooze=snooze),
        "related-party": Policy(Roster(), outcomes, snooze=snooze),
    }


def test_a_byte_order_mark_is_skipped(set_needed: SetUp, write: Write) -> None:
    """Some editors put one before the text."""
    set_needed()
    write('\ufeff[operations]\nchannel = "COPS000001"\n')
    assert read_settings().operations_channel == "COPS000001"


def test_the_environment_wins_over_the_file(set_needed: SetUp, write: Write) -> None:
    """The same file serves several installations."""
    write(FILE)
    set_needed(OPS_CHANNEL="COPS000001")
    settings = read_settings()
    assert settings.channels == {"user": "CUSER00001", "related-party": "CPARTY0001"}
    assert settings.operations_channel == "COPS000001"


def test_a_file_that_bot_config_names_must_exist(set_needed: SetUp) -> None:
    """A mistyped name must not mean that everyone can review."""
    set_needed(BOT_CONFIG="conf/bot.toml")
    assert settings_problems() == ["BOT_CONFIG: there is no file conf/bot.toml"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[queues", "not valid TOML: "),
        ("channel = C1", "not valid TOML: "),
        ("\x00", "not valid TOML: "),
        ("queue = 1", "queue: unknown setting"),
        ("[queues.company]", "queues.company: unknown setting"),
        ("[queues.related_party]", "queues.related_party: unknown setting"),
        ("[queues.user]\nsecret = 'x'", "queues.user.secret: unknown setting"),
        ("[queues.user]\nchannel = '#reviews'", "queues.user.channel: must be a channel's id"),
        ("[queues.user]\nreviewers = ['anna']", "queues.user.reviewers.0: must be the id of a Slack user"),
        (
            "[queues.user]\nreviewers = ['C012AB3CD']",
            "queues.user.reviewers.0: must be the id of a Slack user",
        ),
        ("[queues.user]\nreviewers = 'UANNA'", "queues.user.reviewers: bad value: should be a valid tuple"),
        ("[queues]\nuser = 'CUSER00001'", "queues.user: bad value: should be a valid dictionary"),
        ("[queues.user]\nmention = 'group'", 'queues.user: mention = "group" needs reviewers'),
        ("[queues.user]\nmention = 'here'", "queues.user.mention: bad value: "),
        ("[queues.user]\nfour_eyes = ['dance']", "queues.user.four_eyes: no such outcome: dance"),
        ("[queues.user]\nfour_eyes = ['Not a code']", "queues.user.four_eyes.0: must be a short code"),
        ("[outcomes]", "outcomes: bad value: "),
        ("[snooze]\nmax_days = 0", "snooze.max_days: bad value: "),
        ("[snooze.reasons]", "snooze.reasons: bad value: "),
        ("[snooze.reasons]\nother = { label = '' }", "snooze.reasons.other.label: bad value: "),
        ("[outcomes.approve]", "outcomes.approve.label: missing"),
        ("[outcomes.approve]\nlabel = ''", "outcomes.approve.label: bad value: "),
        (f"[outcomes.approve]\nlabel = '{'x' * 76}'", "outcomes.approve.label: bad value: "),
        ("[outcomes.'An id']\nlabel = 'x'", "outcomes.An id.[key]: must be a short code"),
        ("[outcomes.a]\nlabel = 'x'\nreason_required = true", "outcomes.a: reason_required needs reasons"),
        (
            "[outcomes.a]\nlabel = 'x'\nreasons = { B = 'y' }",
            "outcomes.a.reasons.B.[key]: must be a short code",
        ),
        ("[outcomes.a]\nlabel = 'x'\nreasons = { b = 7 }", "outcomes.a.reasons.b: bad value: should be"),
        ("[outcomes.a]\nlabel = 'x'\nreasons = { b = '' }", "outcomes.a.reasons.b.label: bad value: "),
        ("[outcomes.a]\nlabel = 'x'\nreasons = { b = {} }", "outcomes.a.reasons.b.label: missing"),
        (
            "[outcomes.a]\nlabel = 'x'\nreasons = { b = { label = 'y', note = true } }",
            "outcomes.a.reasons.b.note: unknown setting",
        ),
        ("[operations]\nchannel = 7", "operations.channel: bad value: should be a valid string"),
    ],
)
def test_a_problem_in_the_file_is_reported_with_its_place(
    set_needed: SetUp, write: Write, content: str, line: str
) -> None:
    """In one line that starts with the file's name."""
    path = write(content)
    set_needed()
    (problem,) = settings_problems()
    assert problem.startswith(f"{path}: {line}")


def test_a_file_that_cannot_be_read_is_reported(set_up: SetUp, set_needed: SetUp, tmp_path: Path) -> None:
    """Binary content and a folder have one line each, without a traceback."""
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    set_needed(BOT_CONFIG="binary.toml")
    assert settings_problems()[0].startswith("binary.toml: not valid TOML: ")
    set_up(BOT_CONFIG=str(tmp_path))
    assert settings_problems() == [f"{tmp_path}: cannot be read: Is a directory"]


def test_the_shipped_file_is_valid_and_has_both_queues(set_needed: SetUp) -> None:
    """It needs no change if the environment names the channels; a rejection needs a second person."""
    set_needed(BOT_CONFIG=str(ROOT / "config" / "bot.toml"))
    settings = read_settings()
    assert settings.file.outcomes == DEFAULT_OUTCOMES
    needs_note = {code: outcome.outcome().note_required for code, outcome in DEFAULT_OUTCOMES.items()}
    assert needs_note == {"approve": set(), "reject": {"other"}}
    assert settings.file.snooze == BotFile().snooze
    assert settings.file.snooze.policy().note_required == {"other"}
    assert settings.file.operations == BotFile().operations
    assert settings.file.queues.user == settings.file.queues.related_party == Queue(four_eyes=("reject",))


def test_env_example_names_exactly_the_settings() -> None:
    """Every setting is documented, and everything documented is a setting."""
    lines = (ROOT / "config" / "env.example").read_text(encoding="utf-8").splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    # Heroku sets DYNO, and `file` is the content of the file that BOT_CONFIG names.
    assert sorted(names) == sorted(
        name.upper() for name in Settings.model_fields if name not in ("dyno", "file")
    )


def test_an_outcome_expects_one_verdict_or_any(set_needed: SetUp, write: Write) -> None:
    """The shipped outcomes expect the obvious verdicts; no decision leads to an expired session."""
    shipped = BotFile().rules()["user"].outcomes
    assert shipped["approve"].expects is SessionState.VERIFIED
    assert shipped["reject"].expects is SessionState.REJECTED
    set_needed()
    write('[outcomes.fine]\nlabel = "Fine"\nexpects = "EXPIRED"\n')
    (problem,) = settings_problems()
    assert "outcomes.fine.expects" in problem
