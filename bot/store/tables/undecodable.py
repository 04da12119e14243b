"""SQLite stores texts without checking them: one that is not UTF-8 was put in by hand, and reading it raises."""

import sqlite3

READ_ERRORS = (sqlite3.OperationalError, UnicodeDecodeError)
"""What reading such a text can raise; `is_undecodable` distinguishes it from other errors."""


def is_undecodable(error: Exception) -> bool:
    """Whether a text could not be decoded, rather than the database not be read."""
    return isinstance(error, UnicodeDecodeError) or "decode to UTF-8" in str(error)
