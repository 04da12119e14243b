"""How commands print rows and show progress."""

import io
import sys
from collections.abc import AsyncIterator

import click
import pytest

from bot.cli.output import json_line, prepare_stdout, print_rows, progress_bar


class Terminal(io.StringIO):
    """A stderr that a person looks at."""

    def isatty(self) -> bool:
        return True


async def numbers(*values: int) -> AsyncIterator[int]:
    """Yield the values as a database would yield rows."""
    for value in values:
        yield value


async def print_numbers(*values: int, as_json: bool) -> None:
    """Print numbers as a command prints its rows."""
    await print_rows(
        numbers(*values), lambda row: {"name": f"ñ{row}"}, lambda row: f"row {row}", as_json=as_json
    )


async def test_rows_are_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """One per row."""
    await print_numbers(1, 2, as_json=False)
    assert capsys.readouterr().out == "row 1\nrow 2\n"


async def test_rows_are_objects_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """One per line, with letters as they are."""
    await print_numbers(1, 2, as_json=True)
    assert capsys.readouterr().out == '{"name": "ñ1"}\n{"name": "ñ2"}\n'


@pytest.mark.parametrize(("as_json", "line"), [(False, "nothing to show\n"), (True, "")])
async def test_without_rows_stdout_is_empty(
    capsys: pytest.CaptureFixture[str], *, as_json: bool, line: str
) -> None:
    """People read so on stderr; a program gets no objects."""
    await print_numbers(as_json=as_json)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == line


def test_progress_is_not_shown_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file doesn't fill with bars."""
    for total in (None, 10):
        with progress_bar("counting", total) as show_progress:
            show_progress(5)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == ""


@pytest.mark.parametrize(("total", "shown"), [(None, "counting 5"), (10, "50%")])
def test_progress_is_shown_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, total: int | None, shown: str
) -> None:
    """A bar or, while the total is unknown, the number."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("counting", total) as show_progress:
        show_progress(5)
    assert shown in terminal.getvalue()


def test_nothing_to_do_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database has a bar, too."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("counting", 0) as show_progress:
        show_progress(0)
    assert "counting" in terminal.getvalue()


@pytest.mark.parametrize(
    ("encoding", "line", "as_json"),
    [
        ("utf-8", "Zoë → 東京", '{"note": "Zoë → 東京"}'),
        ("latin-1", "Zoë ? ??", r'{"note": "Zo\u00eb \u2192 \u6771\u4eac"}'),
        ("ascii", "Zo? ? ??", r'{"note": "Zo\u00eb \u2192 \u6771\u4eac"}'),
    ],
)
def test_what_an_encoding_lacks_is_replaced(
    monkeypatch: pytest.MonkeyPatch, encoding: str, line: str, as_json: str
) -> None:
    """Text gets question marks; JSON loses nothing."""
    written = io.BytesIO()
    stdout = io.TextIOWrapper(written, encoding=encoding)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        prepare_stdout()
        click.echo("Zoë → 東京")
        click.echo(json_line({"note": "Zoë → 東京"}))
        assert written.getvalue().decode(encoding).splitlines() == [line, as_json]


def test_without_stdout_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `>&-` in a shell."""
    monkeypatch.setattr(sys, "stdout", None)
    prepare_stdout()
    click.echo("unread")
    with sys.stdout as nowhere:
        assert nowhere.writable()
