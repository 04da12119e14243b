"""Slack's Web API: one module a family of methods, `endpoint` in front of them."""
