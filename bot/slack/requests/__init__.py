"""What Slack sends: verified, then parsed."""
