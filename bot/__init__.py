"""Manual KYC reviews from Ralio that your team claims and decides in Slack."""

__version__ = "0.2.0"
