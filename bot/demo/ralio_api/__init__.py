"""A small Ralio beside the local Slack: the KYC API that the bot may ask, and webhooks repeated as Ralio does."""
