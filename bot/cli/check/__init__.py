"""`check`: the doctor. `command` runs it; `slack` and `store` look at Slack and at the database."""
