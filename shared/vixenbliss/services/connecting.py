"""How an account comes to us: its owner goes to the platform, says yes, and returns.

The state that travels with them is known here by its hash alone, is good for one return
within ten minutes, and only while the sign-in that began the journey lives. It belongs
to one platform, so that no other can answer in its place.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import reading, transaction
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    AccountTakenError,
    ConflictError,
    ConstraintViolatedError,
    ForbiddenError,
    InvalidTokenError,
    ProviderError,
    ScopesMissingError,
    SettingMissingError,
    UnauthorizedError,
    VixenBlissError,
    WorkspaceNotFoundError,
)
from vixenbliss.ids import digest, new_id, new_secret
from vixenbliss.log import log
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.oauth import Grant, OauthPlatform
from vixenbliss.providers.platforms import Platforms
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.oauth_states import Journey, OauthStateRepository
from vixenbliss.repositories.social_consents import (
    Consent,
    LiveAccount,
    SocialConsentRepository,
)
from vixenbliss.repositories.social_tokens import Replacement
from vixenbliss.schemas.social_accounts import AccountConnect, AccountOffer
from vixenbliss.services.returning import require_ours
from vixenbliss.services.subscribing import subscribe
from vixenbliss.services.token_keeping import replacement
from vixenbliss.services.token_vault import Holder, Keys, TokenVault
from vixenbliss.settings import Settings

JOURNEY_LASTS = timedelta(minutes=10)
ASKING_S = 20
"""How long a browser is kept waiting by the platform; a gateway waits for 30."""
TRIES = 3
"""How often an account that others change meanwhile is tried to be connected."""
MAY_CONNECT = frozenset({Role.OWNER, Role.EDITOR})
DENIED = "access_denied"
_SAID: Mapping[type[VixenBlissError], str] = {
    AccountTakenError: "account_taken",
    ScopesMissingError: "scopes_missing",
}


@dataclass(frozen=True, slots=True)
class Return:
    """What a browser brings back from a platform."""

    state: str
    code: str | None
    error: str | None

    def __repr__(self) -> str:
        """Say nothing of what it holds."""
        return "Return()"


class ConnectingService:
    """Brings accounts into workspaces."""

    def __init__(self, settings: Settings, platforms: Platforms, keys: Keys) -> None:
        self._settings = settings
        self._platforms = platforms
        self._keys = keys
        self._vault = TokenVault(keys)

    async def offer(
        self, caller: Caller, platform: Platform, wanted: AccountConnect
    ) -> AccountOffer:
        """Return where the account's owner says yes.

        Raises:
            ValidationError: the browser would end up at none of our pages.
            AvatarNotFoundError: the workspace has no such live avatar.
            ProviderError: we have no app there, or KMS made no key.
        """
        origins = self._settings.return_origins
        require_ours(wanted.return_url, origins, field="return_url")
        state = new_secret()
        verifier, wrapped = await self._new_verifier(platform, digest(state))
        url = self._platforms[platform].consent_url(
            state=state, redirect_uri=self._redirect_uri(platform), verifier=verifier
        )
        async with transaction() as connection:
            member = await access.member(connection, caller)
            if wanted.avatar_id:
                await AvatarRepository(connection).lock(member, wanted.avatar_id)
            expires_at = await OauthStateRepository(connection).add(
                member,
                caller,
                lasts=JOURNEY_LASTS,
                state_hash=digest(state),
                platform=platform,
                avatar_id=wanted.avatar_id,
                verifier=wrapped,
                return_url=wanted.return_url,
            )
        return AccountOffer(authorization_url=url, expires_at=expires_at)

    async def finish(self, platform: Platform, back: Return) -> str:
        """Connect the account that its owner said yes for; return where to go now.

        Raises:
            InvalidTokenError: the state is unknown, spent, too old, or its sign-in is
                over.
        """
        journey, member = await self._arrive(platform, back.state)
        if not back.code:
            said = DENIED if back.error == DENIED else "refused"
            return _leading_back(journey, error=said)
        try:
            account_id = await self._connect(journey, member, back.code)
        except (ProviderError, ConflictError, ForbiddenError) as error:
            log.warning("account not connected", platform=platform, code=error.code)
            said = _SAID.get(type(error), "exchange_failed")
            return _leading_back(journey, error=said)
        return _leading_back(journey, account_id=str(account_id))

    async def _arrive(self, platform: Platform, state: str) -> tuple[Journey, Member]:
        """Spend a state, whatever comes of it then."""
        async with transaction() as connection:
            states = OauthStateRepository(connection)
            journey = await states.spend(platform, digest(state))
        if journey is None:
            raise InvalidTokenError
        caller = Caller(
            journey.user_id, journey.session_id, journey.workspace_id, MAY_CONNECT
        )
        try:
            async with reading() as connection:
                return journey, await access.member(connection, caller)
        except (UnauthorizedError, WorkspaceNotFoundError, ForbiddenError) as error:
            raise InvalidTokenError from error

    async def _connect(self, journey: Journey, member: Member, code: str) -> UUID:
        platform = self._platforms[journey.platform]
        verifier = await self._verifier_of(journey)
        with time_to_ask(ASKING_S):
            grant = await platform.exchange(
                code,
                redirect_uri=self._redirect_uri(journey.platform),
                verifier=verifier,
            )
        _require_scopes(platform, grant.scopes)
        for _ in range(TRIES):
            account_id = await self._try_to_store(journey, member, grant)
            if account_id:
                await subscribe(platform, grant)
                return account_id
        message = "The account is being changed."
        raise ConflictError(message)

    async def _try_to_store(
        self, journey: Journey, member: Member, grant: Grant
    ) -> UUID | None:
        """Store what was granted, under the id and version it is sealed for."""
        async with reading() as connection:
            live = await SocialConsentRepository(connection).find_live(
                journey.platform, grant.platform_user_id
            )
        if live and live.workspace_id != member.workspace_id:
            raise AccountTakenError
        account_id = live.id if live else new_id()
        version = live.token_version + 1 if live else 1
        holder = Holder(account_id, member.workspace_id, journey.platform, version)
        sealed = (await self._vault.seal(holder)).close(grant.tokens)
        platform = self._platforms[journey.platform]
        tokens = replacement(platform, sealed, grant.tokens)
        consent = _consent(journey, grant)
        stored = await _store(member, live, (account_id, consent, tokens))
        return account_id if stored else None

    def _redirect_uri(self, platform: Platform) -> str:
        base = self._settings.public_api_base
        if not base:
            raise SettingMissingError("PUBLIC_API_BASE")
        return f"{base.rstrip('/')}/api/v1/social/{platform}/callback"

    async def _new_verifier(
        self, platform: Platform, state_hash: bytes
    ) -> tuple[str | None, bytes | None]:
        """Return a verifier of PKCE, and how it is kept: it is a data key of KMS."""
        if not self._platforms[platform].takes_part_in_pkce:
            return None, None
        key = await self._keys.make(_bound_to(state_hash))
        return _verifier(key.plain), key.wrapped

    async def _verifier_of(self, journey: Journey) -> str | None:
        if journey.verifier is None:
            return None
        bound_to = _bound_to(journey.state_hash)
        return _verifier(await self._keys.unwrap(journey.verifier, bound_to))


async def _store(
    member: Member,
    live: LiveAccount | None,
    new: tuple[UUID, Consent, Replacement],
) -> bool:
    account_id, consent, tokens = new
    try:
        async with transaction() as connection:
            accounts = SocialConsentRepository(connection)
            if live is None:
                await accounts.add(member, account_id, consent, tokens)
            elif not await accounts.renew(member, live, consent, tokens):
                return False
            await AuditRepository(connection).add(
                member,
                "social_account.connected",
                ("social_account", account_id),
                platform=consent.platform,
            )
    except ConstraintViolatedError:  # somebody was faster
        return False
    return True


def _require_scopes(platform: OauthPlatform, granted: Sequence[str]) -> None:
    missing = platform.needed_scopes - set(granted)
    if granted and missing:
        raise ScopesMissingError(sorted(missing))


def _consent(journey: Journey, grant: Grant) -> Consent:
    return Consent(
        platform=journey.platform,
        platform_user_id=grant.platform_user_id,
        app_user_id=grant.app_user_id,
        username=grant.username,
        scopes=list(grant.scopes),
        avatar_id=journey.avatar_id,
    )


def _leading_back(journey: Journey, **told: str) -> str:
    there = urlsplit(journey.return_url)
    query = [*parse_qsl(there.query, keep_blank_values=True), *told.items()]
    return urlunsplit(there._replace(query=urlencode(query)))


def _bound_to(state_hash: bytes) -> dict[str, str]:
    return {"purpose": "pkce", "state": state_hash.hex()}


def _verifier(key: bytes) -> str:
    """Return 256 bits as the 43 letters that RFC 7636, section 4.1, allows for."""
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()
