"""Slack's rules for blocks: what is refused, and what is filled in."""
