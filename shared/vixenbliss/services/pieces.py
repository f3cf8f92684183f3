"""Content pieces: composed, changed, and put before the policy gate."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    InvalidStateError,
    PreconditionFailedError,
    ValidationError,
)
from vixenbliss.ids import new_id
from vixenbliss.models.assets import AssetKind
from vixenbliss.models.pieces import OPENED_BY_A_BENEFIT, PieceAccess
from vixenbliss.models.policy import SubjectType
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.entitlements import EntitlementRepository
from vixenbliss.repositories.judgements import Subject
from vixenbliss.repositories.piece_assets import PieceAssetRepository, PlacedAsset
from vixenbliss.repositories.pieces import DRAFT, LockedPiece, PieceRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.pieces import (
    PieceAssetInput,
    PieceCreate,
    PieceDetail,
    PieceRead,
    PieceUpdate,
)
from vixenbliss.services import policies
from vixenbliss.services.policies import text_subject


class PieceService:
    """The content pieces of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pieces = PieceRepository(connection)
        self._assets = PieceAssetRepository(connection)
        self._audit = AuditRepository(connection)

    async def create(self, caller: Caller, wanted: PieceCreate) -> PieceDetail:
        """Compose a piece and put its words before the policy gate.

        Raises:
            AvatarNotFoundError: the workspace has no such live avatar.
            AssetNotFoundError: the workspace lacks one of the assets.
            BenefitNotFoundError: the workspace lacks the benefit.
            InvalidStateError: the benefit is out of use.
            ValidationError: they are neither pictures nor exactly one video, or a
                benefit is named where none opens the piece, or none where one does.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        await self._pieces.require_avatar(member, wanted.avatar_id)
        assets = await self._place(member, wanted.assets)
        columns = wanted.model_dump(exclude={"assets"})
        _require_fitting_benefit(columns)
        await self._require_benefit(member, wanted.required_benefit_id)
        piece_id = new_id()
        subject = _words(columns, assets, piece_id)
        hashes = {
            "content_hash": _hash_of(columns, assets),
            "text_sha256": subject.sha256,
        }
        await self._pieces.add(member, piece_id, columns | hashes)
        await self._assets.put_assets(piece_id, assets)
        await policies.ask(self._connection, member.workspace_id, subject)
        await self._audit.add(member, "piece.created", ("piece", piece_id))
        return await self._pieces.read(piece_id)

    async def _place(
        self, member: Member, wanted: Sequence[PieceAssetInput]
    ) -> list[PlacedAsset]:
        pairs = [(asset.asset_id, asset.alt_text) for asset in wanted]
        placed = list(await self._assets.place(member, pairs))
        _refuse_mix(placed)
        return placed

    async def _require_benefit(self, member: Member, benefit_id: UUID | None) -> None:
        if benefit_id:
            entitlements = EntitlementRepository(self._connection)
            await entitlements.require_benefit(member, benefit_id)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[PieceRead]:
        """Return the pieces that match, newest first."""
        return await self._pieces.list(caller, page, **filters)

    async def get(self, caller: Caller, piece_id: UUID) -> PieceDetail:
        """Return a piece with its assets.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
        """
        return await self._pieces.get(caller, piece_id)

    async def update(
        self, caller: Caller, piece_id: UUID, wanted: PieceUpdate, *, version: int
    ) -> PieceDetail:
        """Change a piece that is still at the version its editor saw.

        Whatever changes makes it a draft again: what was approved is not this.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            PreconditionFailedError: it has moved on.
            AssetNotFoundError: the workspace lacks one of the assets.
            BenefitNotFoundError: the workspace lacks the benefit.
            InvalidStateError: the benefit is out of use.
            ValidationError: they are neither pictures nor exactly one video, or a
                benefit is named where none opens the piece, or none where one does.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        # The assets are held before the piece, as whoever quarantines one does.
        sent = wanted.assets if "assets" in wanted.model_fields_set else None
        placed = await self._place(member, sent) if sent is not None else None
        piece = await self._pieces.lock(member, piece_id)
        if piece.version != version:
            raise PreconditionFailedError(piece.version)
        assets = placed or await self._assets.assets_of(piece_id)
        columns = _changed(piece, wanted)
        if "required_benefit_id" in wanted.model_fields_set:
            await self._require_benefit(member, wanted.required_benefit_id)
        subject = _words(columns, assets, piece_id)
        await self._assets.put_assets(piece_id, assets)
        await self._pieces.set(
            piece_id,
            **columns,
            content_hash=_hash_of(columns, assets),
            text_sha256=subject.sha256,
            authors=sorted({*piece.authors, member.user_id}),
            **DRAFT,
        )
        if subject.sha256 != piece.text_sha256:
            await policies.ask(self._connection, member.workspace_id, subject)
        await self._audit.add(member, "piece.changed", ("piece", piece_id))
        return await self._pieces.read(piece_id)

    async def delete(self, caller: Caller, piece_id: UUID) -> None:
        """Delete a piece that is nowhere to be seen, nor on its way there.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            InvalidStateError: it is, or may be, posted.
        """
        member = await access.member(self._connection, caller)
        await self._pieces.lock(member, piece_id)
        if await self._pieces.is_posted(piece_id):
            message = "The piece is posted, or is about to be; recall it first."
            raise InvalidStateError(message)
        await self._pieces.delete(piece_id)
        await self._audit.add(member, "piece.deleted", ("piece", piece_id))


def _refuse_mix(assets: Sequence[PlacedAsset]) -> None:
    has_video = any(asset.kind is AssetKind.VIDEO for asset in assets)
    if has_video and len(assets) > 1:
        message = "A piece shows pictures, or exactly one video."
        raise ValidationError(message, field="assets")


def _changed(piece: LockedPiece, wanted: PieceUpdate) -> dict[str, Any]:
    """Return a piece's columns as somebody wants them.

    Raises:
        ValidationError: the benefit does not fit how the piece is opened.
    """
    sent = wanted.model_dump(exclude={"assets"}, exclude_unset=True)
    is_closed = sent.get("access", piece.access) in OPENED_BY_A_BENEFIT
    columns = {
        "title": piece.title,
        "caption": piece.caption,
        "hashtags": piece.hashtags,
        "access": piece.access,
        "required_benefit_id": piece.required_benefit_id if is_closed else None,
    } | sent
    _require_fitting_benefit(columns)
    return columns


def _require_fitting_benefit(columns: dict[str, Any]) -> None:
    needs = columns["access"] in OPENED_BY_A_BENEFIT
    if needs != (columns["required_benefit_id"] is not None):
        message = (
            f"A piece that a {columns['access']} opens names the benefit."
            if needs
            else "No benefit opens a piece that is for members, or for all."
        )
        raise ValidationError(message, field="required_benefit_id")


def _words(
    columns: dict[str, Any], assets: Sequence[PlacedAsset], piece_id: UUID
) -> Subject:
    """Return all that a piece says, as one subject for the policy gate.

    Raises:
        PolicyBlockedError: the floor refuses the words.
    """
    words = [
        columns["title"],
        columns["caption"],
        " ".join(columns["hashtags"]),
        *(asset.alt_text for asset in assets),
    ]
    policies.refuse_blocked(*words)
    text = "\n".join(filter(None, words))
    return text_subject(SubjectType.CAPTION, text, piece_id)


def _hash_of(columns: dict[str, Any], assets: Sequence[PlacedAsset]) -> bytes:
    """Return the hash of exactly this content, which is what a reviewer approves."""
    content = {
        "title": columns["title"],
        "caption": columns["caption"],
        "hashtags": columns["hashtags"],
        "access": PieceAccess(columns["access"]),
        "assets": [[asset.sha256.hex(), asset.alt_text] for asset in assets],
    }
    # Left out where there is none, as of what was approved before there were any.
    if columns["required_benefit_id"]:
        content["required_benefit_id"] = str(columns["required_benefit_id"])
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).digest()
