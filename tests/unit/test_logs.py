"""The log: one line per event, whatever is logged."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.logs import MAX_AGGREGATED, AggregatedLog, configure_logging

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
    """The lines as a terminal shows them, without a single control character."""
    content = stream.getvalue()
    assert content.endswith("\n")
    lines = content[:-1].split("\n")
    assert not any(character in line for line in lines for character in CONTROL)
    return lines


@pytest.mark.parametrize("form", FORMS)
def test_no_value_starts_a_new_line_or_colours_the_terminal(form: str) -> None:
    """Texts, lists and mappings come from outside."""
    stream = _configured(form)
    structlog.get_logger().info(
        f"webhook{CONTROL}",
        type=f"x{CONTROL}",
        problems=[f"y{CONTROL}"],
        detail={f"k{CONTROL}": f"v{CONTROL}"},
    )
    assert len(_lines(stream)) == 1


@pytest.mark.parametrize("form", FORMS)
def test_fields_without_a_value_are_left_out(form: str) -> None:
    """An empty text and a zero are values."""
    stream = _configured(form)
    structlog.get_logger().info("click", review=None, refused=None, action="claim", version=0, note="")
    (line,) = _lines(stream)
    assert "None" not in line
    assert "null" not in line
    assert "review" not in line
    assert all(word in line for word in ("action", "claim", "version", "note"))


@pytest.mark.parametrize("form", FORMS)
def test_what_libraries_log_is_one_line_too(form: str) -> None:
    """A library's line has the same form as the bot's own."""
    stream = _configured(form)
    logging.getLogger("aiohttp.server").warning("bad request %s", f"GET /\r\n\x1b[31m{CONTROL}")
    (line,) = _lines(stream)
    assert "bad request GET /" in line


@pytest.mark.parametrize("form", FORMS)
def test_a_forged_line_stays_inside_its_own(form: str) -> None:
    """Choosing an event's type does not let a sender write log lines."""
    stream = _configured(form)
    structlog.get_logger().info("webhook", type="x\n2026-03-17T16:41:28Z [info] click granted")
    (line,) = _lines(stream)
    assert "\\u000a2026-03-17" in line.replace("\\\\", "\\")


def test_in_json_every_line_is_an_object() -> None:
    """It holds the event, the level, the time in UTC and the given values."""
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
    """A traceback does not split its event."""
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
def test_bound_values_are_on_every_line(form: str) -> None:
    """The lines of one delivery can be found by its id."""
    stream = _configured(form)
    log = structlog.get_logger().bind(delivery=17)
    log.info("delivery_succeeded")
    log.info("delivery_failed")
    assert all("17" in line for line in _lines(stream))


def test_events_below_the_level_are_not_logged() -> None:
    """LOG_LEVEL sets the bot's level; libraries log from warnings upwards."""
    stream = _configured("json", "INFO")
    structlog.get_logger().debug("detail")
    structlog.get_logger().info("delivery_succeeded")
    logging.getLogger("slack_sdk").info("a whole body")
    assert [json.loads(line)["event"] for line in _lines(stream)] == ["delivery_succeeded"]


def test_libraries_do_not_log_what_they_send_even_at_debug() -> None:
    """slack_sdk would log whole request bodies."""
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
    """In JSON that line is an object."""
    stream = _configured(form)
    structlog.get_logger().info(event, value=value)
    (line,) = _lines(stream)
    assert form == "console" or isinstance(json.loads(line), dict)


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_shows_no_values_and_forges_no_line(form: str) -> None:
    """Local variables hold secrets and request bodies; a message can hold anything."""
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


def test_invisible_characters_are_shown_by_number() -> None:
    """Line separators and changes of direction could hide text."""
    stream = _configured("console")
    structlog.get_logger().info("x", type="a\u2028b\u202ec")
    assert "a\\\\u2028b\\\\u202ec" in stream.getvalue() or "a\\u2028b\\u202ec" in stream.getvalue()


async def test_what_strangers_cause_is_one_line_per_kind_and_second() -> None:
    """With a count; fields that differ make a line of their own, and beyond a limit they are left out."""
    stream = _configured("json")
    log = AggregatedLog(structlog.get_logger())
    for number in range(3 * MAX_AGGREGATED):
        log.warning("request_refused", status=400)
        log.error("webhook_too_large", number=number)
    assert stream.getvalue() == ""
    AggregatedLog.flush_all()
    lines = [json.loads(line) for line in _lines(stream)]
    assert (lines[0]["event"], lines[0]["status"], lines[0]["count"]) == ("request_refused", 400, 150)
    assert lines[0]["level"] == "warning"
    assert len(lines) == MAX_AGGREGATED + 1
    assert sum(line["count"] for line in lines) == 300
    log.flush()
    assert len(_lines(stream)) == len(lines)
