"""Every parser under valid examples with something wrong in them: no exception but the one that it declares."""

import json
import tomllib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from bot.ralio import signature as ralio_signature
from bot.ralio.api.answers import Checks, Login, SessionsPage, StateHistory
from bot.ralio.events import MalformedEvent, parse
from bot.reviews.audit.entry import FIELDS, Keys, canonical, read_detail
from bot.reviews.review import SessionEvent
from bot.settings.file import BotFile, read_bot_file
from bot.slack.messages.buttons import read_value, session_of_block
from bot.slack.requests import signature as slack_signature
from bot.slack.requests.events import OtherEvent, read_event
from bot.slack.requests.interactions import NothingToDo, NotUnderstood, form_payload, read_interaction
from bot.slack.requests.modal_state import ModalState
from bot.slack.requests.slash_commands import read_command
from tests.support.mutation import as_bytes, mutated, written
from tests.support.process import ROOT

FIXTURES = ROOT / "tests" / "fixtures"


def _examples(folder: str, beginning: str = "") -> list[Any]:
    return [json.loads(path.read_bytes()) for path in sorted((FIXTURES / folder).glob(f"{beginning}*.json"))]


EVENTS = _examples("ralio")
INTERACTIONS = [each for each in _examples("slack") if each.get("type") != "event_callback"]
SLACK_EVENTS = _examples("slack", "event_")
fuzzed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _by_the_standard_library(body: bytes) -> str:
    (payload,) = parse_qs(body.decode(), strict_parsing=True)["payload"]
    return payload


def _or_error(read: Callable[[bytes], str], body: bytes) -> str | None:
    try:
        return read(body)
    except (ValueError, KeyError):
        return None


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(["payload=", "=", "&", "+", "%", "%22", "%7b", "%C3%A9", "%C3", "%2", "\n", "_", "é"])
    )
    | st.lists(st.binary().map(quote) | st.text(max_size=5))
)
def test_a_form_is_read_as_the_standard_library_reads_it(parts: list[str]) -> None:
    """Also one that Slack would never send: cut escapes, bytes that are no text, fields without a name or a value."""
    for body in ("".join(parts).encode(), b"payload=" + "".join(parts).encode()):
        assert _or_error(form_payload, body) == _or_error(_by_the_standard_library, body)


@fuzzed
@given(mutated(EVENTS))
def test_events_of_ralio(text: str) -> None:
    """What is understood can be stored and written everywhere: no lone surrogate, no NUL, no markup in an id."""
    match parse(as_bytes(text), 9_000):
        case SessionEvent() as event:
            words = [event.event_id, event.session_id, event.subject_id or ""]
            words += [word for check in event.checks for word in (check.type, check.state, *check.codes)]
            "".join(words).encode()
            assert all(word.isprintable() for word in words)
            assert not set("<>&\"' ") & set(event.event_id + event.session_id + (event.subject_id or ""))
            assert -(2**63) <= event.occurred_at < 2**63
        case MalformedEvent() as malformed:
            assert malformed.problems
            "".join(malformed.problems).encode()
        case _:
            pass


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (Login, {"token": "abc"}),
        (Checks, {"checks": EVENTS[1]["data"].get("checks") or [{"type": "a", "state": 2, "reasons": []}]}),
        (StateHistory, {"logs": [{"id": 1, "new_state": "VERIFIED", "created_at": "2026-03-17T16:41:28Z"}]}),
        (
            SessionsPage,
            {
                "sessions": [{"id": "s-1", "state": "FAILED", "updatedAt": "2026-03-17T16:41:28.447Z"}],
                "pagination": {"numPages": 2},
            },
        ),
    ],
)
def test_answers_of_ralios_api(model: type[BaseModel], example: dict[str, Any]) -> None:
    """ValidationError, which becomes ApiAway, or something that can be worked with."""

    @fuzzed
    @given(mutated([example]))
    def holds(text: str) -> None:
        try:
            read = model.model_validate_json(as_bytes(text))
        except ValidationError:
            return
        match read:
            case Checks():
                read.refused()
            case StateHistory():
                read.changes()
            case SessionsPage():
                read.listed()
            case _:
                pass

    holds()


@fuzzed
@given(mutated(INTERACTIONS))
def test_interactions_of_slack(text: str) -> None:
    """In the form that Slack sends them in."""
    read = read_interaction(b"payload=" + quote(as_bytes(text)).encode(), 9_000)
    repr(read).encode()
    if isinstance(read, NotUnderstood):
        assert read.problem
    elif isinstance(read, NothingToDo):
        assert len(read.what) <= 255


@fuzzed
@given(
    st.sampled_from(INTERACTIONS),
    mutated([{"action": "resolve", "session_id": "s-1", "step": 1, "channel": "C1"}]),
)
def test_what_forms_carry(payload: dict[str, Any], carried: str) -> None:
    """A form's own state comes back from outside, too."""
    state = ModalState.read(carried)
    assert state is None or ModalState.read(state.text()) == state
    if "view" in payload:
        payload = payload | {"view": payload["view"] | {"private_metadata": carried}}
        text = json.dumps(payload)
        read_interaction(urlencode({"payload": text}, errors="surrogatepass").encode(), 9_000)


@fuzzed
@given(mutated([*SLACK_EVENTS, {"type": "url_verification", "challenge": "abc"}]))
def test_events_of_slack(text: str) -> None:
    """Whatever it is, it is named by a word that can be logged."""
    read = read_event(as_bytes(text))
    if isinstance(read, OtherEvent):
        assert len(read.what.encode()) <= 400


COMMAND = (
    "user_id=U1&team_id=T1&api_app_id=A1&text=s-1&response_url=https%3A%2F%2Fhooks.example%2Fx&trigger_id=1.2"
)


@fuzzed
@given(
    st.lists(
        st.tuples(st.sampled_from([name for name, _ in parse_qsl(COMMAND)]), st.text(max_size=40)),
        max_size=60,
    )
)
def test_commands(fields: list[tuple[str, str]]) -> None:
    """Each field may hold anything, and stand there as often as it likes."""
    read_command(urlencode(parse_qsl(COMMAND) + fields, errors="surrogatepass").encode())


@fuzzed
@given(st.binary(max_size=200))
def test_bytes_that_are_no_form(body: bytes) -> None:
    """Not even a form."""
    for start in (b"", b"user_id=U1&", b"ssl_check=", b"user_id=U1&text="):
        read_command(start + body)
    read_event(body)
    read_interaction(b"payload=" + body, 9_000)


HEADERS = st.text(st.characters(), max_size=100) | st.from_regex(
    r"(?i)(sha256=)?\s*[0-9a-f]{60,70}=*\s*", fullmatch=True
)


@fuzzed
@given(
    st.binary(max_size=50),
    HEADERS,
    st.sampled_from(ralio_signature.Encoding),
    st.lists(st.text(max_size=9), max_size=3),
)
def test_ralios_signature(
    body: bytes, header: str, encoding: ralio_signature.Encoding, secrets: list[str]
) -> None:
    """No header that is made up is taken, in no encoding, with secrets of any kind or none."""
    signatures = ralio_signature.signatures_in(header)
    assert not ralio_signature.signed_as(body, signatures, _of_an_environment(secrets), encoding)
    assert not ralio_signature.signatures_in(None)


@fuzzed
@given(st.binary(max_size=50), HEADERS, HEADERS | st.integers().map(str), st.floats(-1e12, 1e12))
def test_slacks_signature(body: bytes, header: str, timestamp: str, now_s: float) -> None:
    """No header that is made up is taken, at no time."""
    for signature in (header, "v0=" + header, None):
        assert not slack_signature.is_signed(body, timestamp, signature, ["a", ""], now_s)
    assert not slack_signature.is_signed(body, None, header, ["a"], now_s)


def _of_an_environment(secrets: list[str]) -> list[str]:
    """As `os.environ` can hold them: bytes that are no UTF-8 are surrogates from U+DC80 on."""
    return [secret.encode("utf-8", "replace").decode("utf-8", "surrogateescape") for secret in secrets]


BOT_FILE = tomllib.loads((ROOT / "config" / "bot.toml").read_text(encoding="utf-8"))
_FULL_FILE = {
    "queues": {
        "user": {
            "channel": "C012AB3CD",
            "reviewers": ["U1AB", "S1AB"],
            "leads": ["U2AB"],
            "four_eyes": ["reject"],
            "digest_at": "08:30",
            "hours": {"time_zone": "Europe/Berlin", "monday": "09:00-17:00", "holidays": ["2026-12-25"]},
            "deadlines": {"claim": "4h", "decide": "1d", "remind_every": "1h"},
        }
    },
    "outcomes": {"reject": {"label": "Reject", "reasons": {"other": "Other"}, "reason_required": True}},
    "operations": {"channel": "C012AB3CD"},
}


@fuzzed
@given(mutated([BOT_FILE, _FULL_FILE]))
def test_the_bots_file(text: str) -> None:
    """Whatever TOML can hold: rules, or ValidationError, which names each place."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return  # no TOML could hold it either
    try:
        BotFile.model_validate(content).rules()
    except ValidationError as error:
        "".join(f"{problem['loc']}{problem['msg']}" for problem in error.errors(include_input=False)).encode()


@fuzzed
@given(
    st.binary(max_size=300)
    | st.sampled_from([b"[" * 5_000, b"a = " + b"[" * 5_000, b"a.", b"a = " + b"9" * 5_000])
)
def test_a_file_that_is_no_toml(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A problem in words."""
    path = tmp_path_factory.getbasetemp() / "hostile.toml"
    path.write_bytes(content)
    read, problems = read_bot_file(path)
    assert isinstance(read, dict)
    assert all(str(path) in problem for problem in problems)


@fuzzed
@given(
    st.fixed_dictionaries({name: st.none() | st.integers() | st.text(max_size=20) for name in FIELDS}),
    st.text(),
)
def test_the_audits_form(row: dict[str, Any], seal: str) -> None:
    """What a spoilt database may hold is sealed or does not fit, and its detail is shown as it is."""
    content = canonical(row, seal, "")
    assert Keys(["a"]).fits(content, Keys(["a"]).seal(content))
    assert not Keys(["b"]).fits(content, seal)
    read_detail(str(row["detail"]))


@fuzzed
@given(mutated([{"reason": "other", "words": "typed"}]))
def test_the_detail_of_an_entry(text: str) -> None:
    """Spoilt or not, it can be shown."""
    assert isinstance(read_detail(text), dict)


@fuzzed
@given(st.text(max_size=150))
def test_names_of_buttons(text: str) -> None:
    """A value that is read is one that could have been written."""
    read_value(text)
    session_of_block("review:" + text)
    assert written(text)
