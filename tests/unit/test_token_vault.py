"""Tokens are sealed for one row, at one version, and open nowhere else."""

from dataclasses import replace
from uuid import UUID

import pytest

from tests.support.keys_of_rows import KeyRing
from vixenbliss.clock import now
from vixenbliss.errors import ProviderRefusedError
from vixenbliss.loop import run
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.oauth import Tokens
from vixenbliss.repositories.social_tokens import Sealed
from vixenbliss.services.token_vault import Holder, TokenVault

HOLDER = Holder(UUID(int=1), UUID(int=2), Platform.TIKTOK, 3)
OTHERS = {
    "account": replace(HOLDER, account_id=UUID(int=9)),
    "workspace": replace(HOLDER, workspace_id=UUID(int=9)),
    "platform": replace(HOLDER, platform=Platform.INSTAGRAM),
    "version": HOLDER.next,
}
TOKENS = Tokens("act.canary-access", now(), "rft.canary-refresh")


@pytest.fixture
def vault() -> TokenVault:
    return TokenVault(KeyRing())


def sealed_by(vault: TokenVault, tokens: Tokens = TOKENS) -> Sealed:
    return run(vault.seal(HOLDER)).close(tokens)


def test_what_is_sealed_opens_for_its_row(vault: TokenVault) -> None:
    opened = run(vault.open(HOLDER, sealed_by(vault)))

    assert opened == (TOKENS.access, TOKENS.refresh)


def test_a_row_without_a_refresh_token_has_none(vault: TokenVault) -> None:
    sealed = sealed_by(vault, replace(TOKENS, refresh=None))

    assert sealed.refresh is None
    assert run(vault.open(HOLDER, sealed)) == (TOKENS.access, None)


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_moved_to_another_row_does_not_open(
    vault: TokenVault, other: str
) -> None:
    sealed = sealed_by(vault)

    with pytest.raises(ProviderRefusedError):
        run(vault.open(OTHERS[other], sealed))


@pytest.mark.parametrize("other", OTHERS)
def test_it_does_not_open_there_even_under_its_own_key(other: str) -> None:
    vault = TokenVault(KeyRing(looks_at_contexts=False))
    sealed = sealed_by(vault)

    with pytest.raises(ProviderRefusedError, match="not this row's token"):
        run(vault.open(OTHERS[other], sealed))


def test_one_token_does_not_pass_for_the_other(vault: TokenVault) -> None:
    sealed = sealed_by(vault)
    assert sealed.refresh

    with pytest.raises(ProviderRefusedError):
        run(vault.open(HOLDER, replace(sealed, access=sealed.refresh)))


def test_a_single_bit_is_noticed(vault: TokenVault) -> None:
    sealed = sealed_by(vault)
    bent = bytes([*sealed.access[:-1], sealed.access[-1] ^ 1])

    with pytest.raises(ProviderRefusedError):
        run(vault.open(HOLDER, replace(sealed, access=bent)))


def test_equal_tokens_are_sealed_unequally(vault: TokenVault) -> None:
    first, second = sealed_by(vault), sealed_by(vault)

    assert {first.access, first.data_key}.isdisjoint({second.access, second.data_key})


def test_a_seal_tells_nothing_of_its_key(vault: TokenVault) -> None:
    seal = run(vault.seal(HOLDER))

    assert repr(seal.key.plain)[2:-1] not in f"{seal!r}{seal.key!r}{TOKENS!r}"
    assert "canary" not in repr(TOKENS)


@pytest.mark.usefixtures("aws")
def test_kms_opens_a_key_for_its_own_row_alone(database: str) -> None:
    vault = TokenVault(KeyWrapper())
    sealed = sealed_by(vault)

    assert run(vault.open(HOLDER, sealed)) == (TOKENS.access, TOKENS.refresh)
    with pytest.raises(ProviderRefusedError, match="KMS"):
        run(vault.open(HOLDER.next, sealed))
