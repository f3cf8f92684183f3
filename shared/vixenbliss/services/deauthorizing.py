"""What a platform reports of people who take their consent back, done at once.

It is little, it must not be lost, and it is the same done twice; so unlike other
reports these wait in no queue. A consent that somebody gave after the report stays.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.errors import NotFoundError, SettingMissingError
from vixenbliss.ids import digest, new_id
from vixenbliss.models.social_accounts import Platform
from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.inbox_letters import InboxLetterRepository
from vixenbliss.repositories.post_withdrawals import PostWithdrawalRepository
from vixenbliss.repositories.social_consents import SocialConsentRepository
from vixenbliss.repositories.webhook_events import Delivery, WebhookEventRepository
from vixenbliss.schemas.webhooks import Deletion, DeletionStatus, SignedRequest

A_SECOND = timedelta(seconds=1)  # reports tell whole seconds


class DeauthorizingService:
    """Lets go of accounts whose owners went away from us at the platform."""

    def __init__(self, connection: Connection, public_api_base: str) -> None:
        self._connection = connection
        self._base = public_api_base.rstrip("/")
        self._accounts = SocialConsentRepository(connection)
        self._events = WebhookEventRepository(connection)

    async def deauthorize(
        self, platform: Platform, app_user_id: str, at: datetime
    ) -> None:
        """Erase the tokens of whoever took their consent back.

        What was planned for them is a draft again.
        """
        gone = await self._accounts.deauthorize(
            platform, app_user_id, taken_back_at=at + A_SECOND
        )
        await self._withdraw(gone, platform)

    async def forget(self, asked: SignedRequest) -> Deletion:
        """Erase who somebody was at Instagram; again gives the same code.

        What was written to them goes too.

        Raises:
            SettingMissingError: nobody could look it up.
        """
        if not self._base:
            raise SettingMissingError("PUBLIC_API_BASE")
        at = issued_at(asked)
        gone = await self._accounts.forget(
            Platform.INSTAGRAM, asked.user_id, taken_back_at=at + A_SECOND
        )
        code = digest(f"{asked.user_id}.{asked.issued_at}").hex()[:32]
        await self._events.store(
            Delivery(
                id=new_id(),
                source=WebhookSource.INSTAGRAM,
                external_id=_name_of(code),
                event_type="user.data_deletion",
                subject_id=None,
                provider_object_id=None,
                payload={},
                occurred_at=at,
                status=WebhookStatus.PROCESSED,
            )
        )
        account_ids = [account_id for account_id, _ in gone]
        await InboxLetterRepository(self._connection).forget(account_ids)
        await self._events.empty(account_ids)
        await self._withdraw(gone, Platform.INSTAGRAM)
        url = f"{self._base}/webhooks/meta/data-deletion/{code}"
        return Deletion(url=url, confirmation_code=code)

    async def look_up(self, code: str) -> DeletionStatus:
        """Return how far it has come with forgetting somebody.

        Raises:
            NotFoundError: nobody was forgotten under this code.
        """
        if not await self._events.knows(WebhookSource.INSTAGRAM, _name_of(code)):
            raise NotFoundError
        return DeletionStatus()

    async def _withdraw(self, gone: Sequence[tuple[UUID, UUID]], by: Platform) -> None:
        """Put the accounts' posts back to draft, and record what has happened."""
        audit = AuditRepository(self._connection)
        posts = PostWithdrawalRepository(self._connection)
        withdrawn = await posts.withdraw([account_id for account_id, _ in gone])
        for account_id, workspace_id in gone:
            await audit.add_by_system(
                workspace_id,
                "social_account.disconnected",
                ("social_account", account_id),
                by=by,
            )
        for post_id, workspace_id in withdrawn:
            await audit.add_by_system(
                workspace_id, "post.withdrawn", ("post", post_id), by=by
            )


def issued_at(asked: SignedRequest) -> datetime:
    """Return when somebody went."""
    return datetime.fromtimestamp(asked.issued_at, UTC)


def _name_of(code: str) -> str:
    return f"deletion:{code}"
