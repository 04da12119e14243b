"""What is wrong with the settings, one line per problem, without the values: they could be secrets."""

from pydantic import ValidationError


class SettingsProblem(Exception):
    """The settings are wrong; `lines` holds one line per problem: where it is and what is wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def problem_lines(error: ValidationError, variables: frozenset[str] = frozenset()) -> list[str]:
    """Turn what pydantic found into lines; fields that are read from environment `variables` get their names."""
    lines: list[str] = []
    for problem in error.errors(include_input=False, include_url=False):
        message = _plain_message(problem["type"], problem["msg"])
        place = ".".join(str(part) for part in problem["loc"])
        if place.upper() in variables:
            place = place.upper()
        lines += [f"{place}: {message}"] if place else message.splitlines()
    return lines


def _plain_message(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "missing"
        case "extra_forbidden":
            return "unknown setting"
        case "value_error":
            return message.removeprefix("Value error, ")
        case "string_pattern_mismatch":
            # Only addresses have patterns.
            return "bad value: must be an address such as https://example.com/path"
        case _:
            return "bad value: " + message.replace("Input should", "should").replace(
                "String should", "should"
            )
