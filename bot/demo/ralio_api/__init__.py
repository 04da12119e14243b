"""A small Ralio beside the simulated Slack: the KYC API that the bot can call, and webhooks repeated as Ralio does."""
