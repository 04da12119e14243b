"""Ralio's manual KYC reviews as Slack cards that somebody claims, releases and finishes."""

__version__ = "0.2.0"
