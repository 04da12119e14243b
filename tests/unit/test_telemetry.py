"""The log: one line an event, whatever is logged."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telemetry import IGNORED_TYPES_KEPT, Counts, configure_logging

CONTROL = "".join(chr(code) for code in [*range(32), 127, *range(128, 160)])
FORMS = ["console", "json"]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _configured(form: str, level: str = "INFO") -> io.StringIO:
    stream = io.StringIO()
    configure_logging(level, form, stream)
    return stream


def _lines(stream: io.StringIO) -> list[str]:
    """The lines as a terminal shows them: every control character that is left would be one too many."""
    content = stream.getvalue()
    assert content.endswith("\n")
    lines = content[:-1].split("\n")
    assert not any(character in line for line in lines for character in CONTROL)
    return lines


@pytest.mark.parametrize("form", FORMS)
def test_no_value_begins_a_new_line_or_colours_the_terminal(form: str) -> None:
    """Texts, and what is inside lists and mappings, come from outside."""
    stream = _configured(form)
    structlog.get_logger().info(
        f"webhook{CONTROL}",
        type=f"x{CONTROL}",
        problems=[f"y{CONTROL}"],
        detail={f"k{CONTROL}": f"v{CONTROL}"},
    )
    assert len(_lines(stream)) == 1


@pytest.mark.parametrize("form", FORMS)
def test_what_libraries_log_is_one_line_too(form: str) -> None:
    """In the same form as our own."""
    stream = _configured(form)
    logging.getLogger("aiohttp.server").warning("bad request %s", f"GET /\r\n\x1b[31m{CONTROL}")
    (line,) = _lines(stream)
    assert "bad request GET /" in line


@pytest.mark.parametrize("form", FORMS)
def test_a_forged_line_stays_inside_its_own(form: str) -> None:
    """Somebody who can choose an event's name cannot write the log."""
    stream = _configured(form)
    structlog.get_logger().info("webhook", type="x\n2026-03-17T16:41:28Z [info] click granted")
    (line,) = _lines(stream)
    assert "\\u000a2026-03-17" in line.replace("\\\\", "\\")


def test_in_json_every_line_is_an_object() -> None:
    """With the event, the level, the time in UTC and what was given."""
    stream = _configured("json")
    structlog.get_logger().warning("webhook_quarantined", problems=["data: Field required"], count=3)
    (line,) = _lines(stream)
    logged = json.loads(line)
    assert logged.pop("timestamp").endswith("Z")
    assert logged == {
        "event": "webhook_quarantined",
        "level": "warning",
        "problems": ["data: Field required"],
        "count": 3,
    }


def test_in_json_an_exception_is_part_of_its_line() -> None:
    """A traceback does not tear the log apart."""
    stream = _configured("json")
    try:
        int(f"broken{CONTROL}")
    except ValueError:
        structlog.get_logger().exception("click_failed")
        logging.getLogger("asyncio").exception("task failed")
    ours, theirs = (json.loads(line) for line in _lines(stream))
    assert (ours["event"], theirs["event"]) == ("click_failed", "task failed")
    assert "ValueError: invalid literal" in ours["exception"]
    assert "ValueError: invalid literal" in theirs["exception"]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_bound_is_on_every_line(form: str) -> None:
    """A delivery's lines can be found by its id."""
    stream = _configured(form)
    log = structlog.get_logger().bind(delivery=17)
    log.info("delivered")
    log.info("not_delivered")
    assert all("17" in line for line in _lines(stream))


def test_what_is_below_the_level_is_not_logged() -> None:
    """LOG_LEVEL says how much; libraries are heard from warnings on."""
    stream = _configured("json", "INFO")
    structlog.get_logger().debug("detail")
    structlog.get_logger().info("delivered")
    logging.getLogger("slack_sdk").info("a whole body")
    assert [json.loads(line)["event"] for line in _lines(stream)] == ["delivered"]


def test_even_at_debug_libraries_do_not_print_what_they_send() -> None:
    """slack_sdk would log whole bodies."""
    stream = _configured("json", "DEBUG")
    logging.getLogger("slack_sdk").debug("a whole body")
    structlog.get_logger().debug("detail")
    assert [json.loads(line)["event"] for line in _lines(stream)] == ["detail"]


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=80, deadline=None)
@given(st.text(), _values)
def test_any_event_with_any_value_is_one_line(form: str, event: str, value: object) -> None:
    """And in JSON an object."""
    stream = _configured(form)
    structlog.get_logger().info(event, value=value)
    (line,) = _lines(stream)
    assert form == "console" or isinstance(json.loads(line), dict)


def _metrics(counts: Counts) -> dict[str, float]:
    """Whatever is not zero: what has no label is there from the start."""
    lines = counts.text().decode().splitlines()
    told = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in told if float(value)}


def test_everything_that_happens_is_counted_by_how_it_ended() -> None:
    """Prometheus reads each kind with its result."""
    counts = Counts()
    for result in ("recorded", "recorded", "duplicate"):
        counts.webhook(result)
    counts.interaction("granted")
    counts.ignored("payin_completed")
    assert _metrics(counts) == {
        'review_bot_webhooks_total{result="recorded"}': 2.0,
        'review_bot_webhooks_total{result="duplicate"}': 1.0,
        'review_bot_interactions_total{result="granted"}': 1.0,
        'review_bot_ignored_events_total{type="payin_completed"}': 1.0,
    }


def test_two_bots_in_one_process_count_apart() -> None:
    """There is no state outside of the object."""
    counts = Counts()
    counts.webhook("recorded")
    assert _metrics(Counts()) == {}


def test_names_that_strangers_choose_do_not_fill_the_memory() -> None:
    """Beyond so many they are counted together, and one that is known still under its own."""
    counts = Counts()
    for number in range(IGNORED_TYPES_KEPT + 400):
        counts.ignored(f"type_{number}")
    counts.ignored("type_0")
    metrics = _metrics(counts)
    assert len(metrics) == IGNORED_TYPES_KEPT + 1
    assert metrics['review_bot_ignored_events_total{type="other"}'] == 400.0
    assert metrics['review_bot_ignored_events_total{type="type_0"}'] == 2.0


@pytest.mark.parametrize(
    "name", ["", "x" * 81, "jane.roe@example.com", 'x"} 1\n', "a b", "\u00e9", "\udcff", CONTROL]
)
def test_a_name_that_is_no_plain_word_is_not_repeated(name: str) -> None:
    """It could break the format or hold personal data."""
    counts = Counts()
    counts.ignored(name)
    assert _metrics(counts) == {'review_bot_ignored_events_total{type="other"}': 1.0}


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_shows_no_values_and_forges_no_line(form: str) -> None:
    """Local variables hold secrets and bodies; a message can hold anything."""
    stream = _configured(form)

    def work(secret: str) -> None:
        raise ValueError(f"of {len(secret)} letters\n2026-01-01 [info] forged \x1b[31m")

    try:
        work("CANARY")
    except ValueError:
        structlog.get_logger().exception("click_failed")
    text = stream.getvalue()
    assert "'CANARY'" not in text
    assert "\x1b" not in text
    assert "\n2026-01-01" not in text
    assert "ValueError" in text


def test_what_looks_like_nothing_is_shown_by_number() -> None:
    """Line separators and changes of direction could hide what is there."""
    stream = _configured("console")
    structlog.get_logger().info("x", type="a\u2028b\u202ec")
    assert "a\\\\u2028b\\\\u202ec" in stream.getvalue() or "a\\u2028b\\u202ec" in stream.getvalue()
