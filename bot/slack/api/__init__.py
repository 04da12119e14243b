"""Calls to Slack's Web API and what the answers mean."""
