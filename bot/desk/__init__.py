"""The desk: what people ask for in Slack, from who they are to what is recorded; a module a way of asking."""
