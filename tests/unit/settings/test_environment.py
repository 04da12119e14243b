"""The environment: every problem is reported at once, one line each, and no line holds a secret."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.ralio.signature import Encoding
from bot.reviews.permissions import Roster
from bot.settings.environment import misspelled_variables, read_settings, read_store_settings
from bot.settings.problems import SettingsProblem
from tests.support.settings import settings_problems

SetUp = Callable[..., None]
Write = Callable[[str], Path]

pytestmark = pytest.mark.usefixtures("set_up")


def test_the_needed_settings_are_enough(set_needed: SetUp) -> None:
    """Everything else has the default that the README documents."""
    set_needed()
    settings = read_settings()
    assert settings.model_dump(exclude={"file"}) == {
        "ralio_webhook_secret": (SecretStr("ralio-secret"),),
        "slack_bot_token": SecretStr("xoxb-made-up"),
        "slack_signing_secret": (SecretStr("signing-secret"),),
        "user_review_channel": "CUSER00001",
        "related_party_review_channel": "CPARTY0001",
        "database_url": SecretStr("sqlite:///reviews.db"),
        "allow_ephemeral_database": False,
        "dyno": "",
        "audit_key": (),
        "audit_signing_key": SecretStr(""),
        "log_level": "INFO",
        "log_format": "console",
        "host": "0.0.0.0",
        "port": 8080,
        "keep_alive_s": 130.0,
        "ralio_signature_encoding": Encoding.ANY,
        "slack_api_url": "https://slack.com/api/",
        "slack_posts_per_second": 1.0,
        "ops_channel": "",
        "ralio_api_url": "",
        "ralio_api_code": SecretStr(""),
        "ralio_api_key": SecretStr(""),
        "portal_url_template": "",
        "decision_webhook_url": SecretStr(""),
        "decision_webhook_secret": (),
        "decision_webhook_note": False,
        "decision_webhook_allow_http": False,
        "max_body_bytes": 1_048_576,
        "max_bodies_bytes": 33_554_432,
        "slack_without_users_info": False,
        "outbound_proxy": SecretStr(""),
        "metrics_token": SecretStr(""),
        "sentry_dsn": SecretStr(""),
        "bot_config": Path("config/bot.toml"),
    }
    assert settings.channels == {"user": "CUSER00001", "related-party": "CPARTY0001"}
    assert settings.operations_channel == ""
    assert {queue: rules.roster for queue, rules in settings.file.rules().items()} == {
        "user": Roster(),
        "related-party": Roster(),
    }


MISSING = [
    "RALIO_WEBHOOK_SECRET: missing",
    "SLACK_BOT_TOKEN: missing",
    "SLACK_SIGNING_SECRET: missing",
    "USER_REVIEW_CHANNEL: missing: set it, or channel under [queues.user] in config/bot.toml",
    "RELATED_PARTY_REVIEW_CHANNEL: missing: set it, or channel under [queues.related-party] in config/bot.toml",
]


def test_everything_that_is_missing_is_reported_at_once() -> None:
    """One start shows all of it."""
    assert settings_problems() == MISSING


def test_an_empty_variable_is_missing(set_up: SetUp) -> None:
    """The shipped config/env.example has empty ones."""
    set_up(**{line.partition(":")[0]: "" for line in MISSING})
    assert settings_problems() == MISSING


WRONG = {
    "HOST": (
        "https://bot.example.com",
        "HOST: must be an address of this machine such as 0.0.0.0, 127.0.0.1 or ::, without a port",
    ),
    "KEEP_ALIVE_S": ("0", "KEEP_ALIVE_S: bad value: should be greater than or equal to 1"),
    "METRICS_TOKEN": (
        '"quoted"',
        "METRICS_TOKEN: must not be in quotes: they would become part of the value",
    ),
    "AUDIT_KEY": (
        "one,two\u200b",
        "AUDIT_KEY: contains an invisible character: enter it again as plain text",
    ),
    "PORT": ("99999", "PORT: bad value: should be less than or equal to 65535"),
    "LOG_LEVEL": ("LOUD", "LOG_LEVEL: bad value: should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    "LOG_FORMAT": ("xml", "LOG_FORMAT: bad value: should be 'console' or 'json'"),
    "DATABASE_URL": (
        "mysql://x",
        "DATABASE_URL: must be sqlite:///path (for example sqlite:///reviews.db) or postgres://...",
    ),
    "ALLOW_EPHEMERAL_DATABASE": (
        "perhaps",
        "ALLOW_EPHEMERAL_DATABASE: bad value: should be a valid boolean, unable to interpret input",
    ),
    "SLACK_API_URL": (
        "slack.com",
        "SLACK_API_URL: bad value: must be an address such as https://example.com/path",
    ),
    "SLACK_POSTS_PER_SECOND": ("0", "SLACK_POSTS_PER_SECOND: bad value: should be greater than 0"),
    "USER_REVIEW_CHANNEL": (
        "#reviews",
        "USER_REVIEW_CHANNEL: must be a channel's id such as C012AB3CD, not its name",
    ),
    "RELATED_PARTY_REVIEW_CHANNEL": (
        "reviews",
        "RELATED_PARTY_REVIEW_CHANNEL: must be a channel's id such as C012AB3CD, not its name",
    ),
    "OPS_CHANNEL": ("U012AB3CD", "OPS_CHANNEL: must be a channel's id such as C012AB3CD, not its name"),
    "OUTBOUND_PROXY": (
        "proxy.example.com:3128",
        (
            "OUTBOUND_PROXY: must be an address such as http://proxy.example.com:3128; "
            "percent-encode special characters in the user name and password"
        ),
    ),
    "PORTAL_URL_TEMPLATE": (
        "https://portal.example.com/{name}",
        "PORTAL_URL_TEMPLATE: only the placeholders {session_id} and {subject_id} are allowed",
    ),
    "MAX_BODY_BYTES": (
        "many",
        "MAX_BODY_BYTES: bad value: should be a valid integer, unable to parse string as an integer",
    ),
    "RALIO_WEBHOOK_SECRET": (",", "RALIO_WEBHOOK_SECRET: must not be blank"),
    "SLACK_BOT_TOKEN": (" ", "SLACK_BOT_TOKEN: must not be blank"),
    "SLACK_SIGNING_SECRET": (",", "SLACK_SIGNING_SECRET: must not be blank"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_reported_in_one_line(set_needed: SetUp, name: str) -> None:
    """It names the variable and what it should be."""
    value, line = WRONG[name]
    set_needed(**{name: value})
    assert settings_problems() == [line]


def test_everything_that_is_wrong_is_reported_at_once(set_up: SetUp, write: Write) -> None:
    """In the environment and in the file, including what only shows when settings are taken together."""
    path = write('[queues.user]\nreviewer = ["UANNA"]\nleads = ["Lea"]\n[operation]\nchannel = "C1"\n')
    set_up(**{name: value for name, (value, _) in WRONG.items()})
    assert sorted(settings_problems()) == sorted(
        [
            *(line for _, line in WRONG.values()),
            f"{path}: queues.user.reviewer: unknown setting",
            (
                f"{path}: queues.user.leads.0: must be the id of a Slack user such as U012AB3CD, "
                "or of a user group such as S012AB3CD"
            ),
            f"{path}: operation: unknown setting",
        ]
    )


def test_a_wrong_value_never_hides_a_missing_one(set_up: SetUp) -> None:
    """A wrong port does not postpone a missing channel to the next start."""
    set_up(PORT="none", SLACK_BOT_TOKEN="xoxb-made-up")
    lines = settings_problems()
    assert [line for line in MISSING if "TOKEN" not in line] == [line for line in lines if "PORT" not in line]
    assert any(line.startswith("PORT: ") for line in lines)


def test_no_problem_repeats_a_secret(set_up: SetUp, write: Write) -> None:
    """Nor any other value that could hold one."""
    write("channel = 7\n[queues]\nuser = 1\n")
    set_up(
        RALIO_WEBHOOK_SECRET="canary-1,canary-2",
        SLACK_BOT_TOKEN="canary-3",
        SLACK_SIGNING_SECRET="canary-4",
        DATABASE_URL="mysql://user:canary-5@host/db",
        SLACK_API_URL="ftp://user:canary-6@host",
        PORTAL_URL_TEMPLATE="https://user:canary-7@host/{token}",
        PORT="canary-8",
        OPS_CHANNEL="canary-9",
        METRICS_TOKEN="canary-10",
    )
    assert "canary" not in "\n".join(settings_problems())
    with pytest.raises(SettingsProblem) as caught:
        read_store_settings()
    assert "canary" not in str(caught.value)


def test_settings_can_be_printed_without_secrets(set_needed: SetUp) -> None:
    """A log line or a traceback can hold them."""
    set_needed(METRICS_TOKEN="metrics-token", DATABASE_URL="postgres://user:db-password@host/db")
    printed = repr(read_settings()) + str(read_settings())
    assert not any(
        secret in printed
        for secret in ("ralio-secret", "xoxb-made-up", "signing-secret", "metrics-token", "db-password")
    )


@pytest.mark.parametrize("url", ["postgres://u:p@host/db", "postgresql://u:p@host/db?sslmode=require"])
def test_postgres_is_accepted_in_both_spellings_and_on_a_dyno(set_needed: SetUp, url: str) -> None:
    """Heroku's spelling is the shorter one."""
    set_needed(DATABASE_URL=url, DYNO="web.1")
    assert read_settings().database_url.get_secret_value() == url


@pytest.mark.parametrize("url", ["sqlite://reviews.db", "sqlite:///", "reviews.db", "file:///reviews.db"])
def test_a_sqlite_url_without_a_path_is_refused(set_up: SetUp, url: str) -> None:
    """It needs three slashes and a path."""
    set_up(DATABASE_URL=url)
    with pytest.raises(SettingsProblem) as caught:
        read_store_settings()
    assert caught.value.lines == [
        "DATABASE_URL: must be sqlite:///path (for example sqlite:///reviews.db) or postgres://..."
    ]


def test_on_a_dyno_a_file_is_no_database(set_needed: SetUp) -> None:
    """It would be gone at the next restart, so that the bot does not start."""
    set_needed(DYNO="web.1")
    (line,) = settings_problems()
    assert line.startswith("DATABASE_URL: a dyno's disk is wiped at every restart")
    assert "ALLOW_EPHEMERAL_DATABASE=1" in line


def test_on_a_dyno_the_bot_can_be_tried_out(set_needed: SetUp) -> None:
    """Whoever says so knows."""
    set_needed(DYNO="web.1", ALLOW_EPHEMERAL_DATABASE="1")
    assert read_settings().allow_ephemeral_database


def test_other_commands_need_no_slack() -> None:
    """The database and the log are enough to list reviews."""
    assert read_store_settings().database_url.get_secret_value() == "sqlite:///reviews.db"


def test_the_settings_are_frozen(set_needed: SetUp) -> None:
    """They are read once, and nothing changes them afterwards."""
    set_needed()
    with pytest.raises(ValueError, match="frozen"):
        read_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "field", ["{session_id!z}", "{session_id:d}", "{session_id:{evil}}", "{}", "{other}", "{"]
)
def test_a_portal_template_that_cannot_be_filled_in_is_refused(
    set_needed: SetUp, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    """It is found at the start, not with the first card."""
    set_needed()
    monkeypatch.setenv("PORTAL_URL_TEMPLATE", f"https://portal.example.com/{field}")
    (line,) = settings_problems()
    assert line.startswith("PORTAL_URL_TEMPLATE: ")


def test_stray_variables_and_white_space_do_no_harm(
    set_needed: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable FILE of another program, a line end after the token, an empty BOT_CONFIG."""
    set_needed()
    monkeypatch.setenv("FILE", "abc")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1\n")
    monkeypatch.setenv("BOT_CONFIG", "")
    assert read_settings().slack_bot_token.get_secret_value() == "xoxb-1"


def test_ralios_api_is_all_or_nothing(set_needed: SetUp) -> None:
    """Half a set of credentials is a mistake; the lines name the missing half."""
    needs = "missing: Ralio's API needs all of RALIO_API_URL, RALIO_API_CODE, RALIO_API_KEY, or none"
    set_needed(RALIO_API_URL="https://api.example.com")
    assert settings_problems() == [f"RALIO_API_CODE: {needs}", f"RALIO_API_KEY: {needs}"]
    set_needed(RALIO_API_URL="https://api.example.com", RALIO_API_CODE="code", RALIO_API_KEY=" ")
    assert settings_problems() == [f"RALIO_API_KEY: {needs}"]
    set_needed(RALIO_API_URL="https://api.example.com", RALIO_API_CODE="code", RALIO_API_KEY=" key ")
    settings = read_settings()
    assert settings.ralio_api_key.get_secret_value() == "key"
    assert "key" not in repr(settings.ralio_api_key)


@pytest.mark.parametrize(
    "url", ["api.example.com", "https://", "ftp://example.com", "https://a b", "https://x/?q=1"]
)
def test_another_form_of_api_address_is_refused(set_needed: SetUp, url: str) -> None:
    """It has http or https, and nothing after the path."""
    set_needed(RALIO_API_URL=url, RALIO_API_CODE="code", RALIO_API_KEY="key")
    (line,) = settings_problems()
    assert line.startswith("RALIO_API_URL: bad value: ")


@pytest.mark.parametrize(
    "template",
    [
        "https://{session_id}.example.com/",
        "https://portal.example.com{session_id}",
        "https://portal.example.com:{session_id}/",
        "https://portal.example.com@{subject_id}/",
        "https://{{session_id}}/",
        "https://user:password@portal.example.com/{session_id}",
        "https://portal.example.com@evil.example?{session_id}",
        "https://portal.example.com\\@evil.example/{session_id}",
        "https://portal%2eexample.com/{session_id}",
        "https://@portal.example.com#{session_id}",
    ],
)
def test_a_portal_template_whose_host_is_not_plain_is_refused(
    set_needed: SetUp, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    """Neither an id nor a user name may decide where the button leads."""
    set_needed()
    monkeypatch.setenv("PORTAL_URL_TEMPLATE", template)
    (line,) = settings_problems()
    assert line.startswith("PORTAL_URL_TEMPLATE: the host must be plain")


@pytest.mark.parametrize(
    "template",
    [
        "https://portal.example.com/{session_id}/{subject_id}",
        "http://localhost:8080/a@b?session={session_id}",
        "https://[::1]:8443/#{session_id}",
    ],
)
def test_a_portal_template_can_use_ids_behind_the_host(
    set_needed: SetUp, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    """In the path, the query and the fragment."""
    set_needed()
    monkeypatch.setenv("PORTAL_URL_TEMPLATE", template)
    assert read_settings().portal_url_template == template


def test_all_bodies_together_can_be_as_large_as_one(
    set_needed: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the largest one that is allowed could never arrive."""
    set_needed()
    monkeypatch.setenv("MAX_BODY_BYTES", "2097152")
    monkeypatch.setenv("MAX_BODIES_BYTES", "2097151")
    assert settings_problems() == ["MAX_BODIES_BYTES: must be at least MAX_BODY_BYTES"]


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "::", "::1", "localhost", "bot-1.internal"])
def test_a_host_is_an_address_or_a_name(set_needed: SetUp, host: str) -> None:
    """Both families."""
    set_needed(HOST=host)
    assert read_settings().host == host


@pytest.mark.parametrize(
    "host", ["0.0.0", "256.1.1.1", "127.0.0.1:8080", "[::]", "*", "a b", "-a", "http://a"]
)
def test_a_bad_host_is_a_settings_problem(set_needed: SetUp, host: str) -> None:
    """It is found before the database is touched."""
    set_needed(HOST=host)
    (line,) = settings_problems()
    assert line.startswith("HOST: must be an address of this machine")


@pytest.mark.parametrize("name", ["SLACK_API_URL", "RALIO_API_URL"])
def test_an_address_holds_no_credentials(set_needed: SetUp, name: str) -> None:
    """It is printed by `check` and in the log."""
    set_needed(**{name: "https://user:canary@example.com/api/", "RALIO_API_CODE": "c", "RALIO_API_KEY": "k"})
    lines = settings_problems()
    assert any(line.startswith(f"{name}: bad value: must be an address") for line in lines)
    assert "canary" not in str(lines)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPS_CHANEL", "OPS_CHANNEL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("SLACK_BOT_TOKENS", "SLACK_BOT_TOKEN"),
        ("ops_channel", "OPS_CHANNEL"),
        ("RALIO_WEBHOKO_SECRET", "RALIO_WEBHOOK_SECRET"),
    ],
)
def test_a_name_that_is_nearly_ours_is_found(set_needed: SetUp, name: str, meant: str) -> None:
    """It would have no effect, without a word."""
    set_needed(**{name: "x"})
    assert misspelled_variables() == [(name, meant)]


@pytest.mark.parametrize(
    "name", ["HOSTS", "PORTS", "PATH", "HOME", "LANGUAGE", "OPS_CHANNEL", "SSH_AUTH_SOCK"]
)
def test_other_names_are_left_alone(set_needed: SetUp, name: str) -> None:
    """Short ones, ours, and those of other programs."""
    set_needed(**{name: "C012AB3CD"})
    assert misspelled_variables() == []
