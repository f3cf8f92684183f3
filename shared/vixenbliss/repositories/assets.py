"""Every query on assets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    bindparam,
    case,
    func,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import AssetNotFoundError, InvalidStateError
from vixenbliss.models.assets import Asset, AssetKind, AssetOrigin, AssetStatus
from vixenbliss.models.avatars import LikenessAttestation
from vixenbliss.models.pieces import ContentPiece, ContentPieceAsset
from vixenbliss.models.shop import Item
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, wish
from vixenbliss.schemas.assets import AssetRead
from vixenbliss.schemas.base import Listing, PageQuery

_COLUMNS = (
    Asset.id,
    Asset.avatar_id,
    Asset.kind,
    Asset.origin,
    Asset.ai_generated,
    Asset.content_type,
    Asset.size_bytes,
    Asset.width,
    Asset.height,
    Asset.duration_ms,
    Asset.sha256,
    Asset.status,
    Asset.created_at,
)
_mine = Asset.workspace_id == MEMBER.c.workspace_id
_is_live = Asset.deleted_at.is_(None)
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    _is_live,
    wish(Asset.avatar_id, "avatar_id"),
    wish(Asset.kind, "kind"),
    wish(Asset.status, "status"),
    order_by=(Asset.created_at.desc(), Asset.id.desc()),
)
_GET = seen_by_member(
    select(*_COLUMNS, Asset.s3_key)
    .where(_mine, _is_live, Asset.id == bindparam("id"))
    .correlate(MEMBER)
)
_new = insert(Asset).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    created_by=bindparam("created_by"),
    kind=bindparam("kind"),
    origin=bindparam("origin"),
    ai_generated=bindparam("ai_generated"),
    s3_key=bindparam("s3_key"),
    content_type=bindparam("content_type"),
    size_bytes=bindparam("size_bytes"),
    width=bindparam("width"),
    height=bindparam("height"),
    sha256=bindparam("sha256"),
    uploaded_at=case((bindparam("is_uploaded", type_=Boolean()), func.now())),
)
_of_the_file = (
    Asset.kind,
    Asset.origin,
    Asset.s3_key,
    Asset.content_type,
    Asset.size_bytes,
    Asset.width,
    Asset.height,
    Asset.uploaded_at,
)
# The same bytes are one asset: whoever comes second is given the first one's row. Until
# the bytes are here, the newest announcement counts; what was said once to be made by a
# machine stays so.
_ADD = _new.on_conflict_do_update(
    index_elements=["workspace_id", "sha256"],
    index_where=Asset.deleted_at.is_(None),
    set_={
        "ai_generated": or_(Asset.ai_generated, _new.excluded.ai_generated),
        **{
            column.key: case(
                (Asset.uploaded_at.is_(None), _new.excluded[column.key]), else_=column
            )
            for column in _of_the_file
        },
    },
).returning(Asset.id, Asset.s3_key, Asset.uploaded_at.is_not(None).label("is_uploaded"))
_STORED = select(
    Asset.id,
    Asset.workspace_id,
    Asset.kind,
    Asset.s3_key,
    Asset.content_type,
    Asset.size_bytes,
    Asset.sha256,
    Asset.origin,
    Asset.ai_generated,
    Asset.status,
    Asset.width,
    Asset.height,
    Asset.duration_ms,
    Asset.uploaded_at.is_not(None).label("is_uploaded"),
).where(among(Asset.id, "ids"), _is_live)
_LOCK = _STORED.where(Asset.workspace_id == bindparam("workspace_id")).with_for_update()
_UPLOADED = (
    update(Asset)
    .where(Asset.id == bindparam("id_"))
    .values(uploaded_at=func.coalesce(Asset.uploaded_at, func.now()))
)
_DESCRIBED = (
    update(Asset)
    .where(Asset.id == bindparam("id_"))
    .values(
        width=bindparam("width_"),
        height=bindparam("height_"),
        duration_ms=bindparam("duration_ms_"),
        frames_per_s=bindparam("frames_per_s_"),
        ai_generated=or_(Asset.ai_generated, bindparam("is_ai_", type_=Boolean())),
    )
)
_QUARANTINE = (
    update(Asset)
    .where(
        Asset.id == bindparam("id_"),
        Asset.status.in_((AssetStatus.PENDING, AssetStatus.READY)),
    )
    .values(status=AssetStatus.QUARANTINED)
)
_MOVE = (
    update(Asset)
    .where(Asset.id == bindparam("id_"), Asset.status == bindparam("from_status"))
    .values(status=bindparam("to_status"))
)
_IN_USE: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(ContentPiece.id)
    .join(ContentPieceAsset, ContentPieceAsset.piece_id == ContentPiece.id)
    .where(
        ContentPieceAsset.asset_id == bindparam("id"),
        ContentPiece.deleted_at.is_(None),
    ),
    select(LikenessAttestation.id).where(
        LikenessAttestation.evidence_asset_id == bindparam("id")
    ),
    select(Item.download_asset_id).where(Item.download_asset_id == bindparam("id")),
).limit(1)
_DELETE = (
    update(Asset)
    .where(Asset.id == bindparam("id_"))
    .values(status=AssetStatus.DELETED, deleted_at=func.now())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """A file that is about to be an asset."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    created_by: int
    kind: AssetKind
    origin: AssetOrigin
    ai_generated: bool
    s3_key: str
    content_type: str
    size_bytes: int
    width: int | None
    height: int | None
    sha256: bytes
    is_uploaded: bool
    """Whether the bytes have arrived, or are awaited."""


@dataclass(frozen=True, slots=True)
class KeptAsset:
    """The asset that bytes belong to, new or known."""

    id: UUID
    s3_key: str
    is_uploaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAsset:
    """An asset, for whoever works on its file."""

    id: UUID
    workspace_id: UUID
    kind: AssetKind
    s3_key: str
    content_type: str
    size_bytes: int
    sha256: bytes
    origin: AssetOrigin
    ai_generated: bool
    status: AssetStatus
    width: int | None
    height: int | None
    duration_ms: int | None
    is_uploaded: bool
    """Whether the bytes have arrived."""


class AssetRepository:
    """The assets of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, asset: NewAsset) -> KeptAsset:
        """Insert an asset, or return the one that has the same bytes."""
        binds = {name: getattr(asset, name) for name in NewAsset.__dataclass_fields__}
        row = await self._connection.one(_ADD, **binds)
        return KeptAsset(**(row or {}))

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AssetRead]:
        """Return the assets that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, AssetRead, **filters
        )

    async def get(self, caller: Caller, asset_id: UUID) -> tuple[AssetRead, str]:
        """Return an asset and where its file lies.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=asset_id)
        if not rows:
            raise AssetNotFoundError
        return AssetRead.model_validate(dict(rows[0])), rows[0]["s3_key"]

    async def lock(self, member: Member, asset_id: UUID) -> StoredAsset:
        """Return an asset, held until the transaction ends.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, ids=[asset_id], workspace_id=member.workspace_id
        )
        if row is None:
            raise AssetNotFoundError
        return StoredAsset(**row)

    async def find(self, asset_id: UUID) -> StoredAsset | None:
        """Return an asset of whichever workspace, for a worker."""
        return (await self.find_all([asset_id])).get(asset_id)

    async def find_all(self, ids: Sequence[UUID]) -> dict[UUID, StoredAsset]:
        """Return those of the assets that there are, of whichever workspaces."""
        rows = await self._connection.all(_STORED, ids=list(ids))
        return {row["id"]: StoredAsset(**row) for row in rows}

    async def mark_uploaded(self, asset_id: UUID) -> None:
        """Record that the bytes are in the bucket."""
        await self._connection.run(_UPLOADED, id_=asset_id)

    async def describe(self, asset_id: UUID, **seen: object) -> None:
        """Record what was seen of a file, of each of the columns and is_ai.

        What was made by a machine once is so for good.
        """
        binds = {f"{name}_": value for name, value in seen.items()}
        await self._connection.run(_DESCRIBED, id_=asset_id, **binds)

    async def move(
        self, asset_id: UUID, from_status: AssetStatus, to_status: AssetStatus
    ) -> bool:
        """Take an asset from one state to another; False if it is not in the first."""
        changed = await self._connection.run(
            _MOVE, id_=asset_id, from_status=from_status, to_status=to_status
        )
        return changed == 1

    async def quarantine(self, asset_id: UUID) -> bool:
        """Put an asset away that was judged or awaits it; False if it was not there."""
        return await self._connection.run(_QUARANTINE, id_=asset_id) == 1

    async def delete(self, asset_id: UUID) -> None:
        """Delete a locked asset that no piece needs; its provenance stays.

        Raises:
            InvalidStateError: a piece shows it, an item brings it, or it is evidence
                of a consent.
        """
        if await self._connection.one(_IN_USE, id=asset_id):
            message = (
                "A piece shows this asset, an item brings it, or it is evidence of a"
                " consent."
            )
            raise InvalidStateError(message)
        await self._connection.run(_DELETE, id_=asset_id)
