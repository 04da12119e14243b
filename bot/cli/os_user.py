"""Who runs a command, as the operating system knows it: recorded beside what they say with `--by`."""

import getpass
import os


def os_user() -> str:
    """The name of the user, such as `deploy`, or `ines as root` if they logged in as someone else; empty if unknown."""
    user = _user()
    try:
        login = os.getlogin()
    except OSError:  # no terminal, as in a container
        return user
    return f"{login} as {user}" if login != user else user


def _user() -> str:
    try:
        import pwd  # noqa: PLC0415 - not on Windows

        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
    except ImportError:
        return getpass.getuser()
