"""The settings: what the bot's file tells, and what is wrong in it."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.reviews.business_hours import BusinessHours
from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import SessionState
from bot.settings.environment import Settings, SettingsProblem, read_file_settings, read_settings
from bot.settings.file import DEFAULT_OUTCOMES, BotFile, Queue

ROOT = Path(__file__).parents[3]
HOUR_MS = 3_600_000

SetUp = Callable[..., None]
Write = Callable[[str], Path]


def _problems() -> list[str]:
    with pytest.raises(SettingsProblem) as caught:
        read_settings()
    return caught.value.lines


FILE = """
[queues.user]
channel = "CFILE00001"
reviewers = ["UANNA", "WBORIS", "SREVIEWERS"]
leads = ["ULEA", "SLEADS"]
four_eyes = ["decline"]

[queues.related-party]
channel = "GFILE00002"

[outcomes.accept]
label = "Accept"

[outcomes.decline]
label = "Decline"
reason_required = true
reasons = { forged = "Looks forged" }

[operations]
channel = "CFILE00003"
"""


def test_the_file_tells_the_channels_the_people_and_the_rules(set_needed: SetUp, write: Write) -> None:
    """Each queue has its own channel, people, groups and four eyes; outcomes are those of all queues."""
    write(FILE)
    set_needed(USER_REVIEW_CHANNEL="", RELATED_PARTY_REVIEW_CHANNEL="")
    settings = read_settings()
    assert settings.channels == {"user": "CFILE00001", "related-party": "GFILE00002"}
    assert settings.operations_channel == "CFILE00003"
    outcomes = {
        "accept": Outcome("Accept"),
        "decline": Outcome("Decline", {"forged": "Looks forged"}, reason_required=True),
    }
    roster = Roster(
        frozenset({"UANNA", "WBORIS"}),
        frozenset({"ULEA"}),
        frozenset({"SREVIEWERS"}),
        frozenset({"SLEADS"}),
    )
    assert settings.file.rules() == {
        "user": Policy(roster, outcomes, frozenset({"decline"})),
        "related-party": Policy(Roster(), outcomes),
    }


def test_the_environment_wins_over_the_file(set_needed: SetUp, write: Write) -> None:
    """The same file serves several installations."""
    write(FILE)
    set_needed(OPS_CHANNEL="COPS000001")
    settings = read_settings()
    assert settings.channels == {"user": "CUSER00001", "related-party": "CPARTY0001"}
    assert settings.operations_channel == "COPS000001"


def test_a_file_that_was_asked_for_has_to_be_there(set_needed: SetUp) -> None:
    """A mistyped name must not mean that everybody may review."""
    set_needed(BOT_CONFIG="conf/bot.toml")
    assert _problems() == ["BOT_CONFIG: there is no file conf/bot.toml"]


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
        ("[queues.user]\nfour_eyes = ['dance']", "queues.user.four_eyes: no such outcome: dance"),
        ("[queues.user]\nfour_eyes = ['Not a code']", "queues.user.four_eyes.0: must be a short code"),
        ("[outcomes]", "outcomes: bad value: "),
        ("[outcomes.approve]", "outcomes.approve.label: missing"),
        ("[outcomes.approve]\nlabel = ''", "outcomes.approve.label: bad value: "),
        (f"[outcomes.approve]\nlabel = '{'x' * 76}'", "outcomes.approve.label: bad value: "),
        ("[outcomes.'An id']\nlabel = 'x'", "outcomes.An id.[key]: must be a short code"),
        ("[outcomes.a]\nlabel = 'x'\nreason_required = true", "outcomes.a: reason_required needs reasons"),
        (
            "[outcomes.a]\nlabel = 'x'\nreasons = { B = 'y' }",
            "outcomes.a.reasons.B.[key]: must be a short code",
        ),
        ("[operations]\nchannel = 7", "operations.channel: bad value: should be a valid string"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(
    set_needed: SetUp, write: Write, content: str, line: str
) -> None:
    """One line, with the file's name."""
    path = write(content)
    set_needed()
    (told,) = _problems()
    assert told.startswith(f"{path}: {line}")


TIMES = """
[queues.user.hours]
tz = "Europe/Madrid"
days = ["mon", "wed"]
from = "09:30"
to = "17:30"
holidays = [2026-12-25, "2027-01-01"]

[queues.user.deadlines]
claim_within = "4h"
decide_within = "2d"
remind_every = "1h30m"
escalate_after = "1d 2h"

[queues.related-party.deadlines]
release_after = "2d"
"""


def test_the_file_tells_the_deadlines_in_business_hours(set_needed: SetUp, write: Write) -> None:
    """A day is a business day where there are business hours, and 24 hours elsewhere."""
    write(TIMES)
    set_needed()
    hours = BusinessHours(
        ZoneInfo("Europe/Madrid"),
        frozenset({0, 2}),
        570,
        1050,
        frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
    )
    assert read_settings().file.deadlines() == {
        "user": Deadlines(4 * HOUR_MS, 16 * HOUR_MS, HOUR_MS * 3 // 2, 10 * HOUR_MS, None, hours),
        "related-party": Deadlines(release_after_ms=48 * HOUR_MS),
    }
    assert read_file_settings().deadlines() == read_settings().file.deadlines()


def test_the_examples_of_the_shipped_file_are_right(set_needed: SetUp, write: Write) -> None:
    """Whoever takes the comment signs away has deadlines."""
    shipped = (ROOT / "config" / "bot.toml").read_text(encoding="utf-8")
    examples = re.sub(r"^# (?=\[|\w+ = )", "", shipped, flags=re.MULTILINE)
    write(examples)
    set_needed()
    deadlines = read_settings().file.deadlines()["user"]
    assert None not in (deadlines.claim_within_ms, deadlines.release_after_ms)
    assert deadlines.hours.day_ms == 17 * HOUR_MS // 2


HOURS = "[queues.user.hours]\ntz = 'Europe/Madrid'\nfrom = '09:00'\nto = '17:00'\n"
LONG = "[queues.user.deadlines]\nclaim_within = '9999h'"
NO_DURATION = "must be a time such as 30m, 4h, 2d or 1h30m"
NO_TIME = "must be a time of day such as 09:00, at most 24:00"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[queues.user.deadlines]\nclaim_within = 4", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '4'", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '0h'", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '-4h'", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '4 weeks'", f"deadlines.claim_within: {NO_DURATION}"),
        (
            "[queues.user.deadlines]\nremind_every = '367d'",
            " deadlines.remind_every: must not be longer than",
        ),
        (HOURS + "deadlines.claim_within = '9999h'", "hours.deadlines: unknown setting"),
        (HOURS + LONG, " deadlines.claim_within: must not be longer than"),
        ("[queues.user.deadlines]\nclaim_in = '4h'", "deadlines.claim_in: unknown setting"),
        (HOURS.replace("Europe/Madrid", "Europe/Springfield"), "hours.tz: must be a time zone's name"),
        (HOURS.replace("Europe/Madrid", "Europe"), "hours.tz: must be a time zone's name"),
        (HOURS.replace("Europe/Madrid", "../Madrid"), "hours.tz: must be a time zone's name"),
        (HOURS.replace("09:00", "9"), f"hours.from: {NO_TIME}"),
        (HOURS.replace("17:00", "24:01"), f"hours.to: {NO_TIME}"),
        (HOURS.replace("17:00", "16:60"), f"hours.to: {NO_TIME}"),
        (HOURS.replace("17:00", "09:00"), "hours: to: must be later than from"),
        (HOURS + "days = ['monday']", "hours.days.0: bad value: should be 'mon'"),
        (HOURS + "days = []", "hours.days: must name a day"),
        (HOURS + "holidays = ['Christmas']", "hours.holidays.0: bad value"),
        ("[queues.user.hours]\ntz = 'UTC'\nfrom = '09:00'", "hours.to: missing"),
    ],
)
def test_what_is_wrong_with_a_queues_time_is_told(
    set_needed: SetUp, write: Write, content: str, line: str
) -> None:
    """With the place, and what would be right."""
    path = write(content)
    set_needed()
    (told,) = _problems()
    assert told.startswith(f"{path}: queues.user{':' if line[0] == ' ' else '.'}{line}")
    with pytest.raises(SettingsProblem, match="queues"):
        read_file_settings()


def test_a_file_that_is_not_text_or_not_a_file_is_told(
    set_up: SetUp, set_needed: SetUp, tmp_path: Path
) -> None:
    """Without a traceback."""
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    set_needed(BOT_CONFIG="binary.toml")
    assert _problems()[0].startswith("binary.toml: not valid TOML: ")
    set_up(BOT_CONFIG=str(tmp_path))
    assert _problems() == [f"{tmp_path}: cannot be read: Is a directory"]


def test_the_shipped_file_is_right_and_holds_both_queues(set_needed: SetUp) -> None:
    """It needs no change as long as the environment names the channels; a rejection needs a second person."""
    set_needed(BOT_CONFIG=str(ROOT / "config" / "bot.toml"))
    settings = read_settings()
    assert settings.file.outcomes == DEFAULT_OUTCOMES
    assert settings.file.operations == BotFile().operations
    assert settings.file.queues.user == settings.file.queues.related_party == Queue(four_eyes=("reject",))


def test_the_example_names_exactly_the_settings() -> None:
    """Nothing that is read is undocumented, and nothing that is documented is not read."""
    lines = (ROOT / "config" / "env.example").read_text(encoding="utf-8").splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    # DYNO is the platform's own, and `file` is what BOT_CONFIG leads to.
    assert sorted(names) == sorted(
        name.upper() for name in Settings.model_fields if name not in ("dyno", "file")
    )


@pytest.mark.parametrize(
    ("written", "minutes"), [("00:00", 0), ("08:45", 525), ("23:59", 1_439), (None, None)]
)
def test_the_digest_has_its_time_of_day(write: Write, written: str | None, minutes: int | None) -> None:
    """In minutes after midnight; without one there is none."""
    line = f'digest_at = "{written}"' if written else ""
    write(f"[queues.user]\n{line}\n")
    assert read_file_settings().rules()["user"].digest_at_min == minutes


@pytest.mark.parametrize("written", ['"24:00"', '"25:00"', '"9 o\'clock"', "9", '""'])
def test_a_digest_at_no_time_of_day_stops_the_start(set_needed: SetUp, write: Write, written: str) -> None:
    """With the place in the file."""
    set_needed()
    write(f"[queues.user]\ndigest_at = {written}\n")
    (problem,) = _problems()
    assert "queues.user.digest_at" in problem


def test_an_outcome_expects_one_verdict_or_any(set_needed: SetUp, write: Write) -> None:
    """What is shipped expects the obvious; a session that expired is nobody's decision."""
    shipped = BotFile().rules()["user"].outcomes
    assert shipped["approve"].expects is SessionState.VERIFIED
    assert shipped["reject"].expects is SessionState.REJECTED
    set_needed()
    write('[outcomes.fine]\nlabel = "Fine"\nexpects = "EXPIRED"\n')
    (problem,) = _problems()
    assert "outcomes.fine.expects" in problem
