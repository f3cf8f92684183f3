"""Access tokens that say who they are for, refresh tokens that say nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.clock import now
from vixenbliss.credentials import Credential
from vixenbliss.errors import SettingMissingError, UnauthorizedError
from vixenbliss.ids import digest, new_id
from vixenbliss.services.tokens import AccessTokens, Claims, RefreshToken

SECRET = "a secret that is long enough for HS256 to be content"
OTHER = "another secret, just as long, that nobody should accept"
CLAIMS = Claims(7, UUID("01890000-0000-7000-8000-000000000007"))
REQUIRED = ["exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti", "typ"]


def tokens(*secrets: str) -> AccessTokens:
    return AccessTokens(Credential("JWT_SECRET", secrets or (SECRET,)))


def said(**changes: Any) -> dict[str, Any]:
    """Return what an access token of ours says, with changes; None leaves out."""
    claims = {
        "iss": "vixenbliss",
        "aud": "vixenbliss-api",
        "sub": "7",
        "sid": str(CLAIMS.session_id),
        "jti": "once",
        "typ": "access",
        "iat": now(),
        "nbf": now(),
        "exp": now() + timedelta(minutes=15),
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], **options: Any) -> str:
    return jwt.encode(claims, **({"key": SECRET, "algorithm": "HS256"} | options))


def test_a_token_says_what_it_was_issued_for() -> None:
    assert tokens().read(tokens().issue(CLAIMS)) == CLAIMS


def test_a_token_lasts_for_a_quarter_of_an_hour() -> None:
    claims = jwt.decode(tokens().issue(CLAIMS), options={"verify_signature": False})

    assert claims["exp"] - claims["iat"] == 15 * 60


def test_two_tokens_for_the_same_are_not_the_same() -> None:
    assert tokens().issue(CLAIMS) != tokens().issue(CLAIMS)


def test_a_token_of_all_the_right_claims_is_read() -> None:
    assert tokens().read(signed(said())) == CLAIMS


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_token_lacks_no_claim(missing: str) -> None:
    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(**{missing: None})))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"typ": "refresh"},
        {"sub": "luna"},
        {"sid": "no-uuid"},
    ],
)
def test_a_token_that_says_the_wrong_thing_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(**changes)))


@pytest.mark.parametrize(
    "from_now",
    [
        {"exp": timedelta(minutes=-1)},
        {"nbf": timedelta(minutes=5)},
        {"iat": timedelta(minutes=5), "nbf": timedelta()},
    ],
)
def test_a_token_of_another_time_is_refused(from_now: dict[str, timedelta]) -> None:
    changes = {claim: now() + difference for claim, difference in from_now.items()}

    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(**changes)))


def test_clocks_may_differ_by_half_a_minute() -> None:
    late = signed(said(exp=now() - timedelta(seconds=15)))

    assert tokens().read(late) == CLAIMS


def test_a_token_signed_with_another_secret_is_refused() -> None:
    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(), key=OTHER))


def test_an_unsigned_token_is_refused() -> None:
    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(), key=None, algorithm="none"))


def test_another_algorithm_is_refused_even_with_our_secret() -> None:
    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(), key=SECRET * 2, algorithm="HS512"))


def test_a_token_signed_with_a_private_key_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(), key=key, algorithm="RS256"))


def test_a_token_that_brings_its_own_key_is_refused() -> None:
    headers = {"jku": "https://evil.test/keys", "kid": "../../dev/null"}

    with pytest.raises(UnauthorizedError):
        tokens().read(signed(said(), key=OTHER, headers=headers))


def test_a_token_from_before_a_rotation_is_read() -> None:
    old = tokens(SECRET).issue(CLAIMS)

    assert tokens(OTHER, SECRET).read(old) == CLAIMS


def test_after_a_rotation_the_new_secret_signs() -> None:
    new = tokens(OTHER, SECRET).issue(CLAIMS)

    assert tokens(OTHER).read(new) == CLAIMS


def test_without_a_secret_nothing_is_issued_and_nothing_read() -> None:
    nobody = AccessTokens(Credential("JWT_SECRET"))

    with pytest.raises(SettingMissingError):
        nobody.issue(CLAIMS)
    with pytest.raises(UnauthorizedError):
        nobody.read(signed(said()))


@given(data=st.data())
def test_a_token_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    token = signed(said())
    # The last character of a part of 43 holds two bits that no byte has.
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(
        st.sampled_from("ABCxyz019-_.").filter(lambda c: c != token[place])
    )

    with pytest.raises(UnauthorizedError):
        tokens().read(token[:place] + other + token[place + 1 :])


@given(st.text())
def test_any_text_but_a_token_is_refused(text: str) -> None:
    with pytest.raises(UnauthorizedError):
        tokens().read(text)


def test_a_refresh_token_is_read_as_it_was_told() -> None:
    token = RefreshToken.of(new_id())

    assert RefreshToken.read(str(token)) == token


def test_only_hashes_of_a_refresh_token_are_kept() -> None:
    token = RefreshToken.of(new_id())

    assert token.family_hash == digest(token.family)
    assert token.hash == digest(f"{token.family}.{token.once}")


def test_a_following_token_is_another_of_the_same_family() -> None:
    token = RefreshToken.of(new_id())

    following = token.following

    assert following.session_id == token.session_id
    assert following.family_hash == token.family_hash
    assert following.hash != token.hash


@pytest.mark.parametrize(
    "text", ["", ".", "no-uuid.a.b", str(UUID(int=7)), f"{UUID(int=7)}.a"]
)
def test_what_spells_no_refresh_token_is_none(text: str) -> None:
    assert RefreshToken.read(text) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_refresh_tokens(text: str) -> None:
    token = RefreshToken.read(text)

    assert token is None or RefreshToken.read(str(token)) == token
