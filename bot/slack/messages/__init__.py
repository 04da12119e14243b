"""What Slack shows: one pure function per message."""
