"""On whose word a likeness is shown."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import ValidationError
from vixenbliss.ids import new_id
from vixenbliss.models.avatars import AttestationBasis
from vixenbliss.repositories import access
from vixenbliss.repositories.attestations import AttestationRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.schemas.avatars import (
    AttestationCreate,
    AttestationRead,
    AttestationRevoked,
)
from vixenbliss.services.recalling import recall_posts
from vixenbliss.services.withdrawing import leave_stage


class AttestationService:
    """Whose likeness an avatar's is, and on whose word."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._attestations = AttestationRepository(connection)
        self._avatars = AvatarRepository(connection)

    async def list(self, caller: Caller, avatar_id: UUID) -> list[AttestationRead]:
        """Return an avatar's attestations, newest first."""
        return await self._attestations.list(caller, avatar_id)

    async def add(
        self, caller: Caller, avatar_id: UUID, wanted: AttestationCreate
    ) -> AttestationRead:
        """Give one's word, for an avatar for which nobody's word stands.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            AssetNotFoundError: the workspace has no such evidence.
            ConflictError: somebody's word stands.
            ValidationError: consent without evidence, or an end that is past.
        """
        _require_sense(wanted)
        member = await access.member(self._connection, caller)
        await self._avatars.lock(member, avatar_id)
        made = await self._attestations.add(
            member,
            avatar_id,
            new_id(),
            basis=wanted.basis,
            evidence_asset_id=wanted.evidence_asset_id,
            expires_at=wanted.expires_at,
        )
        await AuditRepository(self._connection).add(
            member, "attestation.given", ("avatar", avatar_id), basis=wanted.basis
        )
        return made

    async def revoke(
        self, caller: Caller, avatar_id: UUID, attestation_id: UUID, *, reason: str
    ) -> AttestationRevoked:
        """Take the word back: the avatar leaves the stage at once, its jobs end.

        All its posts are taken back, those that are out as well.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            AttestationNotFoundError: the avatar has no such live attestation.
        """
        member = await access.member(self._connection, caller)
        avatar = await self._avatars.lock(member, avatar_id)
        await self._attestations.revoke(avatar_id, attestation_id, reason=reason)
        posts = await recall_posts(
            self._connection, ("avatar", avatar_id), reason=reason
        )
        recall_id = new_id() if posts else None
        ended = await leave_stage(self._connection, avatar)
        await AuditRepository(self._connection).add(
            member,
            "attestation.revoked",
            ("avatar", avatar_id),
            reason=reason,
            jobs=ended,
            recall_id=recall_id and str(recall_id),
            posts=len(posts),
        )
        return AttestationRevoked(recall_id=recall_id, posts=posts)


def _require_sense(wanted: AttestationCreate) -> None:
    needs = wanted.basis is AttestationBasis.WRITTEN_CONSENT
    if needs and wanted.evidence_asset_id is None:
        message = "Written consent needs the asset that shows it."
        raise ValidationError(message, field="evidence_asset_id")
    if wanted.expires_at and wanted.expires_at <= now():
        message = "The attestation would have ended already."
        raise ValidationError(message, field="expires_at")
