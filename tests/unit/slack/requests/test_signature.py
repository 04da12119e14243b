"""Slack's signature: the documented vector is taken, everything near it and everything hostile is refused."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.slack.requests.signature import is_signed, sign

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TIMESTAMP = "1531420618"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
NOW_S = 1531420618.0


def test_slacks_own_example_is_taken() -> None:
    """The vector on https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    assert sign(BODY, TIMESTAMP, SECRET) == SIGNATURE
    assert is_signed(BODY, TIMESTAMP, SIGNATURE, [SECRET], NOW_S)


@pytest.mark.parametrize("secrets", [["old", SECRET], [SECRET, "new"]])
def test_any_of_several_secrets_will_do(secrets: list[str]) -> None:
    """While a secret is rotated, Slack signs with either."""
    assert is_signed(BODY, TIMESTAMP, SIGNATURE, secrets, NOW_S)


@pytest.mark.parametrize("secrets", [[], [""], ["other"], [SECRET.upper()]])
def test_another_secret_does_not_do(secrets: list[str]) -> None:
    """Without a secret of ours nothing is signed."""
    assert not is_signed(BODY, TIMESTAMP, SIGNATURE, secrets, NOW_S)


@pytest.mark.parametrize(
    "body", [BODY + b"------", b"", BODY[1:], BODY.replace(b"foobar", b"foobaz"), b"\xff" + BODY, b"\x80\x81"]
)
def test_another_body_is_refused(body: bytes) -> None:
    """Also one that is not UTF-8, and without an error."""
    assert not is_signed(body, TIMESTAMP, SIGNATURE, [SECRET], NOW_S)


def test_a_body_that_is_not_text_can_be_signed() -> None:
    """The raw bytes are what is signed."""
    assert is_signed(b"\xff", TIMESTAMP, sign(b"\xff", TIMESTAMP, SECRET), [SECRET], NOW_S)


@pytest.mark.parametrize(
    ("age_s", "is_taken"),
    [(0, True), (299.9, True), (300, True), (300.1, False), (-300, True), (-300.1, False), (86_400, False)],
)
def test_a_request_counts_for_five_minutes(age_s: float, *, is_taken: bool) -> None:
    """An old one may be a replay, and a clock may be fast as well as slow."""
    assert is_signed(BODY, TIMESTAMP, SIGNATURE, [SECRET], NOW_S + age_s) is is_taken


def test_a_timestamp_is_part_of_what_is_signed() -> None:
    """An old request does not become new by its header."""
    assert not is_signed(BODY, "1531420619", SIGNATURE, [SECRET], NOW_S)


@pytest.mark.parametrize(
    "timestamp",
    [
        None,
        "",
        " ",
        "abc",
        "1.5",
        "1531420618.0",
        "+1531420618",
        "-1531420618",
        " 1531420618",
        "1531420618\n",
        "1_531_420_618",
        "0x5b47a04a",
        "1e9",
        "nan",
        "inf",
        "9" * 5_000,
        "\N{ARABIC-INDIC DIGIT ONE}531420618",
        "\udcff",
        "\0",
    ],
    ids=ascii,
)
def test_a_timestamp_that_is_no_plain_number_is_refused(timestamp: str | None) -> None:
    """Even when it is signed by somebody who knows the secret."""
    signature = SIGNATURE
    if timestamp is not None and timestamp.isprintable():
        signature = sign(BODY, timestamp, SECRET)
    assert not is_signed(BODY, timestamp, signature, [SECRET], NOW_S)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "v0=",
        SIGNATURE[3:],
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE + "\n",
        " " + SIGNATURE,
        "v1=" + SIGNATURE[3:],
        "V0=" + SIGNATURE[3:],
        "v0=" + SIGNATURE[3:].upper(),
        "v0=" + "0" * 64,
        "v0=" + "\u00e9" * 64,
        "v0=" + "\N{FULLWIDTH DIGIT ZERO}" * 64,
        "v0=" + "\udcff" * 64,
        "v0=" + "0" * 1_000_000,
        f"{SIGNATURE},{SIGNATURE}",
    ],
    ids=lambda signature: "none" if signature is None else ascii(signature)[:24],
)
def test_a_signature_in_any_other_form_is_refused(signature: str | None) -> None:
    """Missing, cut, lengthened, of another version, not ASCII, huge."""
    assert not is_signed(BODY, TIMESTAMP, signature, [SECRET], NOW_S)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.text(max_size=20), st.text(max_size=80))
@example(b"", "1531420618", "v0=\udc00")
def test_nothing_that_a_stranger_makes_up_is_taken(body: bytes, timestamp: str, signature: str) -> None:
    """The answer is no, and never an error."""
    assert not is_signed(body, timestamp, signature, [SECRET], NOW_S)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.binary(min_size=32, max_size=32))
def test_a_wrong_mac_in_the_right_form_is_refused(body: bytes, mac: bytes) -> None:
    """The form being right does not help."""
    signature = "v0=" + mac.hex()
    right = sign(body, TIMESTAMP, SECRET)
    assert is_signed(body, TIMESTAMP, signature, [SECRET], NOW_S) is (signature == right)
