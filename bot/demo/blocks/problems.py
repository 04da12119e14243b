"""Collects what is wrong with blocks, each with the place where it is wrong."""

from dataclasses import dataclass, field

from bot.demo.records import Json


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule; `pointer` is a JSON pointer into what was sent."""

    code: str
    message: str
    pointer: str

    def as_error(self) -> Json:
        """Return it as `blocks.validate` and the `errors` of `invalid_blocks` show it."""
        field_name = self.pointer.rpartition("/")[2]
        return {"code": self.code, "message": self.message, "field": field_name, "pointer": self.pointer}

    def as_line(self, prefix: str) -> str:
        """Return it as a line of `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{prefix}{self.pointer}]"


@dataclass(slots=True)
class Problems:
    """All broken rules of one request."""

    found: list[Problem] = field(default_factory=list)

    def add(self, pointer: str, code: str, message: str) -> None:
        """Note a broken rule."""
        self.found.append(Problem(code, message, pointer))

    def record(self, holder: Json, name: str, pointer: str, *, required: bool = False) -> Json | None:
        """Return a field that must be an object, or None with the problem noted."""
        value = holder.get(name)
        if value is None:
            if required:
                self.add(f"{pointer}/{name}", "missing_field", f"missing required field: {name}")
            return None
        if not isinstance(value, dict):
            self.add(f"{pointer}/{name}", "invalid_type", f"must be an object: {name}")
            return None
        return value

    def records(self, holder: Json, name: str, pointer: str, *, least: int, most: int) -> list[Json]:
        """Return a field that must be a list of objects of a certain length, empty when it is none."""
        value = holder.get(name)
        place = f"{pointer}/{name}"
        if value is None:
            if least > 0:
                self.add(place, "missing_field", f"missing required field: {name}")
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.add(place, "invalid_type", f"must be a list of objects: {name}")
            return []
        if len(value) < least:
            self.add(place, "too_few_items", f"no fewer than {least} items allowed [input:{len(value)}]")
        if len(value) > most:
            self.add(place, "too_many_items", f"no more than {most} items allowed [input:{len(value)}]")
        return value

    def string(
        self, holder: Json, name: str, pointer: str, *, most: int, least: int = 1, required: bool = False
    ) -> None:
        """Check a field that must be a string of a certain length."""
        value = holder.get(name)
        place = f"{pointer}/{name}"
        if value is None:
            if required:
                self.add(place, "missing_field", f"missing required field: {name}")
        elif not isinstance(value, str):
            self.add(place, "invalid_type", f"must be a string: {name}")
        elif len(value) < least:
            self.add(place, "too_short", f"must be more than {least - 1} characters")
        elif len(value) > most:
            self.add(place, "too_long", f"must be less than {most + 1} characters")
