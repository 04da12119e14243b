"""(e) Bolt for Python: the aiohttp application that it makes, with a route of one's own for what is not Slack's."""

import os

from slack_bolt.async_app import AsyncApp

from tests.benchmarks.servers.aiosqlite_commits import serve

if __name__ == "__main__":
    bolt = AsyncApp(token=os.environ["SLACK_BOT_TOKEN"], signing_secret=os.environ["SLACK_SIGNING_SECRET"])
    serve(bolt.web_app())
