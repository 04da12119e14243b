"""What a person does in Slack, and what the bot is sent for it."""
