"""How the sample reviews of `send-test` are marked on their cards. Pure."""

TEST_MARK = (
    "🧪 *Test*, sent with `send-test`: there is no customer behind it. It is left out of statistics and of the "
    "decision webhook."
)
PLAIN_TEST_MARK = "Test: "
