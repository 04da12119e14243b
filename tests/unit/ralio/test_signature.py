"""Ralio's signature: every spelling of the right MAC is taken, and nothing else ever is."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.ralio import signature
from bot.ralio.signature import Encoding, sign, signatures_in

BODY = b'{"eventId": "event-1"}'
SECRET = "webhook-secret"
MAC = hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()
HEX = MAC.hex()
BASE64 = base64.b64encode(MAC).decode()
URL_SAFE = base64.urlsafe_b64encode(MAC).decode()

SPELLINGS = [HEX, HEX.upper(), BASE64, BASE64.rstrip("="), URL_SAFE, URL_SAFE.rstrip("=")]

_secrets = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def signed_as(
    body: bytes, header: str | None, secrets: Iterable[str], encoding: Encoding = Encoding.ANY
) -> Encoding | None:
    """What the bot says of a request with this body and header."""
    return signature.signed_as(body, signatures_in(header), secrets, encoding)


def _body_whose_mac_needs(characters: str) -> bytes:
    """A body whose base64 holds the characters that standard and url-safe spell differently."""
    bodies = (f"body {number}".encode() for number in range(10_000))
    return next(
        body
        for body in bodies
        if all(
            character in base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
            for character in characters
        )
    )


def test_the_signature_is_the_hmac_of_the_body_in_hex() -> None:
    """A known answer, computed with openssl."""
    known = "dc6f3a442220c3d4dfb05af69a74ef28ccf1f6c2b76f5605448af183a20d18bd"
    assert sign(BODY, SECRET) == known


@pytest.mark.parametrize(
    ("encoding", "header"), [(Encoding.HEX, HEX), (Encoding.BASE64, BASE64), (Encoding.ANY, HEX)]
)
def test_it_is_written_as_it_is_asked_for(encoding: Encoding, header: str) -> None:
    """Hex where nothing is asked for."""
    assert sign(BODY, SECRET, encoding) == header


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("prefix", ["", "sha256=", "SHA256=", "Sha256="])
def test_every_plausible_spelling_is_taken(prefix: str, spelling: str) -> None:
    """Ralio does not document which one it uses."""
    assert signed_as(BODY, prefix + spelling, [SECRET]) in set(Encoding) - {Encoding.ANY}


@pytest.mark.parametrize("spell", [base64.standard_b64encode, base64.urlsafe_b64encode])
def test_both_alphabets_of_base64_are_taken(spell: Callable[[bytes], bytes]) -> None:
    """They differ in two characters, which this MAC has both."""
    body = _body_whose_mac_needs("+/")
    mac = hmac.digest(SECRET.encode(), body, "sha256")
    assert signed_as(body, spell(mac).decode(), [SECRET])


def test_spaces_around_the_header_do_not_matter() -> None:
    """A proxy may leave them."""
    assert signed_as(BODY, f"  {HEX}\t", [SECRET])


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("spelling", [*SPELLINGS, f"sha256={HEX}", f"  {BASE64}\t"])
@pytest.mark.parametrize("other", ["0" * 64, "garbage", base64.b64encode(b"x" * 32).decode(), f"sha1={HEX}"])
def test_any_of_up_to_four_signatures_will_do(place: int, spelling: str, other: str) -> None:
    """While a secret is rotated, a sender signs with both."""
    candidates = [other] * 4
    candidates[place] = spelling
    assert signed_as(BODY, ",".join(candidates), [SECRET])
    assert signed_as(BODY, ", ".join(candidates[: place + 1]), [SECRET])
    assert not signed_as(BODY, ",".join([*candidates, other]), [SECRET])


def test_empty_elements_of_a_list_are_no_signatures() -> None:
    """As everywhere in HTTP: a proxy that joins headers may leave them."""
    assert signed_as(BODY, f",, {HEX} ,,,", [SECRET])


def test_the_pinned_form_counts_for_every_signature() -> None:
    """The right MAC in the other form is refused wherever it stands."""
    assert signed_as(BODY, f"{HEX},{BASE64}", [SECRET], Encoding.BASE64) is Encoding.BASE64
    assert signed_as(BODY, f"{HEX},{BASE64}", [SECRET], Encoding.HEX) is Encoding.HEX
    assert not signed_as(BODY, f"{HEX},{'A' * 43}", [SECRET], Encoding.BASE64)


@pytest.mark.parametrize("secrets", [["old", SECRET], [SECRET, "new"], ["a", SECRET, "b"], [SECRET, SECRET]])
def test_any_of_several_secrets_will_do(secrets: list[str]) -> None:
    """While a secret is rotated, Ralio signs with either."""
    assert signed_as(BODY, HEX, secrets)


@pytest.mark.parametrize("secrets", [[], [""], ["other"], [SECRET.upper()], [SECRET + " "], [HEX]])
def test_a_mac_under_another_secret_is_refused(secrets: list[str]) -> None:
    """Without a secret of ours nothing is signed."""
    assert not signed_as(BODY, HEX, secrets)


@pytest.mark.parametrize(
    "body", [b"", BODY + b"\n", BODY[:-1], BODY.replace(b"1", b"2"), BODY.upper(), b"\xff\x00"]
)
def test_the_mac_of_another_body_is_refused(body: bytes) -> None:
    """The raw bytes count, to the last one."""
    assert not signed_as(body, HEX, [SECRET])


def test_an_empty_body_can_be_signed() -> None:
    """The signature says nothing about the content."""
    assert signed_as(b"", sign(b"", SECRET), [SECRET])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " ",
        "sha256=",
        "sha256",
        HEX[:-1],
        HEX[:-2],
        HEX + "0",
        HEX[:-1] + "g",
        "0x" + HEX,
        "0" * 64,
        HEX[::-1],
        BASE64[:-2],
        BASE64 + "=",
        BASE64 + "A",
        "=" + BASE64,
        base64.b64encode(MAC[:31]).decode(),
        base64.b64encode(MAC + b"\0").decode(),
        base64.b64encode(HEX.encode()).decode(),
        "sha1=" + HEX,
        "sha256:" + HEX,
        "sha256=sha256=" + HEX,
        "sha256= " + HEX,
        f"{HEX} {HEX}",
        f"{HEX};{HEX}",
        ",",
        ",,,,",
        "0" * 64 + ",",
        f"sha256=,{'0' * 64},sha1={HEX}",
        ",".join([HEX] * 5),
        ",".join(["0" * 64] * 4 + [HEX]),
        ",".join([HEX] + ["x"] * 4),
        f"{HEX[:32]},{HEX[32:]}",
        HEX.replace(HEX[0], "\N{FULLWIDTH DIGIT ONE}", 1),
        "\N{ARABIC-INDIC DIGIT ONE}" * 64,
        "\u00e9" * 44,
        "\udcff" * 64,
        "\0" * 64,
        "A" * 1_000_000,
        HEX * 10_000,
    ],
    ids=lambda header: "none" if header is None else ascii(header)[:24],
)
def test_every_other_header_is_refused(header: str | None) -> None:
    """Truncated, lengthened, nested, foreign or huge: the answer is no, and never an error."""
    assert not signed_as(BODY, header, [SECRET])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=100))
@example(b"", "sha256=" + "\udc00" * 64)
def test_no_header_made_up_from_text_is_ever_taken(body: bytes, header: str) -> None:
    """Whatever a stranger sends, it is not signed and nothing breaks."""
    assert not signed_as(body, header, [SECRET])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.integers(0, 5))
def test_no_wrong_mac_is_taken_in_any_spelling(body: bytes, mac: bytes, spelling: int) -> None:
    """The form being right does not help."""
    spelled = [
        mac.hex(),
        mac.hex().upper(),
        "sha256=" + mac.hex(),
        base64.b64encode(mac).decode(),
        base64.urlsafe_b64encode(mac).decode().rstrip("="),
        "sha256=" + base64.b64encode(mac).decode(),
    ]
    right = hmac.digest(SECRET.encode(), body, "sha256")
    assert (signed_as(body, spelled[spelling], [SECRET]) is not None) is (mac == right)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 255))
def test_a_mac_with_one_bit_changed_is_refused(body: bytes, bit: int) -> None:
    """Nearly right is wrong."""
    mac = int.from_bytes(hmac.digest(SECRET.encode(), body, "sha256"), "big") ^ (1 << bit)
    assert not signed_as(body, mac.to_bytes(32, "big").hex(), [SECRET])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), _secrets)
def test_what_is_signed_is_recognised(body: bytes, secret: str) -> None:
    """Any body, any secret."""
    assert signed_as(body, sign(body, secret), ["another", secret])


def test_a_secret_that_is_not_utf_8_is_no_reason_to_fail() -> None:
    """The environment may hold any bytes."""
    assert not signed_as(b"", "0" * 64, ["\udcff"])
