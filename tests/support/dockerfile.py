"""The Dockerfile, read line by line: its stages, and the instructions of each."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction such as RUN, with what follows it on one line."""

    word: str
    rest: str

    @property
    def array(self) -> list[str] | None:
        """The words of a command in JSON form, also behind options; None if a shell would run it."""
        found = re.search(r"\[.*\]$", self.rest)
        return [str(word) for word in json.loads(found[0])] if found else None


@dataclass(frozen=True, slots=True)
class Stage:
    """What one FROM begins."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, word: str) -> list[Instruction]:
        """Its instructions of one kind."""
        return [each for each in self.instructions if each.word == word]

    def last(self, word: str) -> Instruction:
        """The instruction of this kind that counts."""
        return self.all(word)[-1]


def stages() -> list[Stage]:
    """Read the stages in their order."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    instructions = [Instruction(*line.split(" ", 1)) for line in lines if line.strip()]
    starts = [index for index, each in enumerate(instructions) if each.word == "FROM"]
    found = []
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        base, _, name = instructions[start].rest.partition(" AS ")
        found.append(Stage(base, name, tuple(instructions[start + 1 : end])))
    return found
