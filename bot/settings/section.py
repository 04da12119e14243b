"""The base of every section of the configuration file."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section that refuses unknown settings and never shows the values it was given."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )
