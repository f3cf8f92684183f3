"""Every query on attestations: on whose word a likeness is shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, insert, or_, select, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AssetNotFoundError,
    AttestationNotFoundError,
    AvatarNotFoundError,
    ConflictError,
    ConstraintViolatedError,
)
from vixenbliss.models.assets import Asset, AssetStatus
from vixenbliss.models.avatars import AttestationBasis, Avatar, LikenessAttestation
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.schemas.avatars import AttestationRead

_ATTESTATION = (
    LikenessAttestation.id,
    LikenessAttestation.basis,
    LikenessAttestation.evidence_asset_id,
    LikenessAttestation.attested_by,
    LikenessAttestation.created_at,
    LikenessAttestation.expires_at,
    LikenessAttestation.revoked_at,
    LikenessAttestation.revoke_reason,
)
_ATTESTATIONS = seen_by_member(
    select(Avatar.id.label("avatar_id"), *_ATTESTATION)
    .select_from(Avatar)
    .outerjoin(LikenessAttestation, LikenessAttestation.avatar_id == Avatar.id)
    .where(
        Avatar.workspace_id == MEMBER.c.workspace_id, Avatar.id == bindparam("avatar")
    )
    .order_by(LikenessAttestation.created_at.desc())
    .limit(100)
    .correlate(MEMBER)
)
_ATTEST = (
    insert(LikenessAttestation)
    .values(
        id=bindparam("id"),
        avatar_id=bindparam("avatar_id"),
        basis=bindparam("basis"),
        evidence_asset_id=bindparam("evidence_asset_id"),
        attested_by=bindparam("attested_by"),
        expires_at=bindparam("expires_at"),
    )
    .returning(*_ATTESTATION)
)
_EVIDENCE = select(Asset.id).where(
    Asset.id == bindparam("asset_id"),
    Asset.workspace_id == bindparam("workspace_id"),
    Asset.uploaded_at.is_not(None),
    Asset.status.in_((AssetStatus.PENDING, AssetStatus.READY)),
)
_REVOKE = (
    update(LikenessAttestation)
    .where(
        LikenessAttestation.id == bindparam("id_"),
        LikenessAttestation.avatar_id == bindparam("avatar_id_"),
        LikenessAttestation.revoked_at.is_(None),
    )
    .values(revoked_at=func.now(), revoke_reason=bindparam("reason"))
    .returning(LikenessAttestation.id)
)
_END_EXPIRED = (
    update(LikenessAttestation)
    .where(
        LikenessAttestation.avatar_id == bindparam("avatar_id_"),
        LikenessAttestation.revoked_at.is_(None),
        LikenessAttestation.expires_at <= func.now(),
    )
    .values(revoked_at=LikenessAttestation.expires_at, revoke_reason="expired")
)
_IS_ATTESTED = select(LikenessAttestation.id).where(
    LikenessAttestation.avatar_id == bindparam("avatar_id"),
    LikenessAttestation.revoked_at.is_(None),
    or_(
        LikenessAttestation.expires_at.is_(None),
        LikenessAttestation.expires_at > func.now(),
    ),
)


class AttestationRepository:
    """The attestations of a workspace's avatars."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, caller: Caller, avatar_id: UUID) -> list[AttestationRead]:
        """Return an avatar's attestations, newest first.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
        """
        rows = await read(self._connection, caller, _ATTESTATIONS, avatar=avatar_id)
        if not rows:
            raise AvatarNotFoundError
        return [AttestationRead.model_validate(dict(row)) for row in rows if row["id"]]

    async def add(  # noqa: PLR0913 - the columns of a row
        self,
        member: Member,
        avatar_id: UUID,
        attestation_id: UUID,
        *,
        basis: AttestationBasis,
        evidence_asset_id: UUID | None,
        expires_at: datetime | None,
    ) -> AttestationRead:
        """Write an attestation for an avatar that has no live one.

        Raises:
            AssetNotFoundError: the workspace has no such evidence, or not its bytes.
            ConflictError: there is a live one.
        """
        if evidence_asset_id and not await self._connection.one(
            _EVIDENCE, asset_id=evidence_asset_id, workspace_id=member.workspace_id
        ):
            raise AssetNotFoundError
        await self._connection.run(_END_EXPIRED, avatar_id_=avatar_id)
        try:
            row = await self._connection.one(
                _ATTEST,
                id=attestation_id,
                avatar_id=avatar_id,
                basis=basis,
                evidence_asset_id=evidence_asset_id,
                attested_by=member.user_id,
                expires_at=expires_at,
            )
        except ConstraintViolatedError as error:
            message = "The avatar has a live attestation; revoke it first."
            raise ConflictError(message) from error
        return AttestationRead.model_validate(dict(row or {}))

    async def revoke(
        self, avatar_id: UUID, attestation_id: UUID, *, reason: str
    ) -> None:
        """End a live attestation.

        Raises:
            AttestationNotFoundError: the avatar has no such live attestation.
        """
        if not await self._connection.one(
            _REVOKE, id_=attestation_id, avatar_id_=avatar_id, reason=reason
        ):
            raise AttestationNotFoundError

    async def is_attested(self, avatar_id: UUID) -> bool:
        """Tell whether the avatar's likeness may be used right now."""
        row = await self._connection.one(_IS_ATTESTED, avatar_id=avatar_id)
        return row is not None
