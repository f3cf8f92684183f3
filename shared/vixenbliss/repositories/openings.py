"""Every query by which people open pieces and files. Global: fans belong nowhere.

Each is one statement, which also records what a holder opens: whoever is let through
without its trace, or leaves a trace without being let through, is not possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import UnauthorizedError
from vixenbliss.models.assets import Asset, AssetKind, AssetStatus
from vixenbliss.models.avatars import Avatar, AvatarSheet, AvatarStatus
from vixenbliss.models.catalogue import Benefit, BenefitKind, ProductBenefit
from vixenbliss.models.openings import Opening
from vixenbliss.models.pieces import (
    ContentPiece,
    ContentPieceAsset,
    PieceAccess,
    ReviewStatus,
)
from vixenbliss.models.policy import SubjectType
from vixenbliss.repositories.access import (
    MEMBER,
    WHO,
    binds_of,
    note_use,
    require_scope,
    works_in,
)
from vixenbliss.repositories.avatars import IS_ATTESTED
from vixenbliss.repositories.benefit_offers import offers
from vixenbliss.repositories.decisions import is_let_out
from vixenbliss.repositories.entitlements import CUSTOMER, holds

MOST_PIECES = 50
"""How many pieces that show a file are looked at, the newest ones."""

_unready = (
    select(Asset.id)
    .join(ContentPieceAsset, ContentPieceAsset.asset_id == Asset.id)
    .where(
        ContentPieceAsset.piece_id == ContentPiece.id,
        or_(
            Asset.status != AssetStatus.READY,
            ~is_let_out(Asset.workspace_id, SubjectType.IMAGE, Asset.sha256),
        ),
    )
    .correlate(ContentPiece)
    .exists()
)
MAY_BE_SEEN = and_(
    ContentPiece.review_status == ReviewStatus.APPROVED,
    ContentPiece.deleted_at.is_(None),
    is_let_out(
        ContentPiece.workspace_id, SubjectType.CAPTION, ContentPiece.text_sha256
    ),
    ~_unready,
    # ``services.stage``; what has been paid for is there while the avatar pauses, too.
    Avatar.status.in_((AvatarStatus.ACTIVE, AvatarStatus.PAUSED)),
    Avatar.current_sheet_version > 0,
    IS_ATTESTED,
    is_let_out(Avatar.workspace_id, SubjectType.PROFILE, Avatar.profile_sha256),
)
"""Whether a piece may be shown to anybody at all, joined to its avatar."""
_opens = or_(
    and_(
        ContentPiece.access == PieceAccess.MEMBERS,
        Benefit.workspace_id == ContentPiece.workspace_id,
        Benefit.kind == BenefitKind.CONTENT_TIER,
    ),
    and_(
        ContentPiece.access != PieceAccess.PUBLIC,
        Benefit.workspace_id == ContentPiece.workspace_id,
        Benefit.kind == BenefitKind.CONTENT_PIECE,
        Benefit.ref == cast(ContentPiece.id, Text()),
    ),
    Benefit.id == ContentPiece.required_benefit_id,
)
"""Whether a benefit of the statement opens a piece of it."""
_is_held = (
    select(Benefit.id)
    .where(_opens, holds(CUSTOMER, Benefit.id, func.now()))
    .correlate(ContentPiece, MEMBER)
    .exists()
)
_offers = offers(
    select(Benefit.id)
    .where(Benefit.id == ProductBenefit.benefit_id, _opens)
    .correlate(ProductBenefit, ContentPiece)
    .exists(),
    ContentPiece,
)


def _found(which: ColumnElement[bool]) -> CTE:
    """Return those of the pieces that may be seen, and whether the visitor may."""
    return (
        select(
            ContentPiece.id,
            MEMBER.c.user_id,
            _is_held.label("is_held"),
            or_(
                ContentPiece.access == PieceAccess.PUBLIC,
                works_in(ContentPiece.workspace_id),
                _is_held,
            ).label("is_open"),
            _offers.label("offers"),
        )
        .select_from(ContentPiece)
        .join(Avatar, Avatar.id == ContentPiece.avatar_id)
        .outerjoin(MEMBER, true())
        .where(MAY_BE_SEEN, which)
        .order_by(ContentPiece.created_at.desc(), ContentPiece.id)
        .limit(MOST_PIECES)
        .cte("found")
    )


def _recorded(found: CTE) -> CTE:
    """Return the keeping of it that a holder opens a piece: once a day, and one."""
    today = cast(func.timezone("UTC", func.now()), Date())
    opened = select(found.c.user_id, found.c.id, today).where(found.c.is_held).limit(1)
    return (
        insert(Opening)
        .from_select(["user_id", "piece_id", "day"], opened)
        .on_conflict_do_nothing()
        .cte("recorded")
    )


def _for_visitor(*columns: Any, of: Any, recorded: CTE) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns and tables, of whatever kind
    """Return the statement with one row at least, which says who asks."""
    anybody = select(literal(1).label("one")).subquery("anybody")
    joined = anybody.outerjoin(MEMBER, true()).outerjoin(of, true())
    return (
        select(MEMBER.c.user_id.label("_user_id"), *WHO, *columns)
        .select_from(joined)
        .add_cte(recorded)
    )


_disclosure = (
    select(AvatarSheet.sheet["disclosure"].astext)
    .where(
        AvatarSheet.avatar_id == Avatar.id,
        AvatarSheet.version == Avatar.current_sheet_version,
    )
    .correlate(Avatar)
    .scalar_subquery()
)
_file = func.jsonb_build_object(
    "asset_id",
    Asset.id,
    "kind",
    Asset.kind,
    "content_type",
    Asset.content_type,
    "width",
    Asset.width,
    "height",
    Asset.height,
    "duration_ms",
    Asset.duration_ms,
    "alt_text",
    ContentPieceAsset.alt_text,
    "is_ai",
    Asset.ai_generated,
    "sha256",
    func.encode(Asset.sha256, "hex"),
    "s3_key",
    Asset.s3_key,
    type_=JSONB,
)
_files = (
    select(func.jsonb_agg(aggregate_order_by(_file, ContentPieceAsset.position)))
    .join(Asset, Asset.id == ContentPieceAsset.asset_id)
    .where(ContentPieceAsset.piece_id == ContentPiece.id)
    .correlate(ContentPiece)
    .scalar_subquery()
)
_one = _found(ContentPiece.id == bindparam("piece_id"))
_whole = (
    select(
        _one.c.id,
        _one.c.is_open,
        _one.c.offers,
        ContentPiece.access,
        ContentPiece.title,
        ContentPiece.caption,
        ContentPiece.hashtags,
        ContentPiece.approved_at,
        Avatar.id.label("avatar_id"),
        Avatar.avatar_name,
        _disclosure.label("disclosure"),
        _files.label("files"),
    )
    .select_from(_one)
    .join(ContentPiece, ContentPiece.id == _one.c.id)
    .join(Avatar, Avatar.id == ContentPiece.avatar_id)
    .subquery("whole")
)
_VIEW = _for_visitor(_whole, of=_whole, recorded=_recorded(_one))
_showing = _found(
    select(ContentPieceAsset.piece_id)
    .where(
        ContentPieceAsset.piece_id == ContentPiece.id,
        ContentPieceAsset.asset_id == bindparam("asset_id"),
    )
    .correlate(ContentPiece)
    .exists()
)
_file_itself = (
    select(
        Asset.s3_key,
        Asset.status,
        works_in(Asset.workspace_id).label("is_members"),
        select(func.bool_or(_showing.c.is_open)).scalar_subquery().label("is_open"),
        select(func.jsonb_agg(_showing.c.offers, type_=JSONB))
        .scalar_subquery()
        .label("offers"),
    )
    .where(Asset.id == bindparam("asset_id"), Asset.deleted_at.is_(None))
    .correlate(MEMBER)
    .lateral("file")
)
_DOWNLOAD = _for_visitor(_file_itself, of=_file_itself, recorded=_recorded(_showing))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """A file of a piece, in its place."""

    asset_id: str
    kind: AssetKind
    content_type: str
    width: int | None
    height: int | None
    duration_ms: int | None
    alt_text: str | None
    is_ai: bool
    sha256: str
    s3_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPiece:
    """A piece that may be shown, if not to everybody."""

    id: UUID
    is_open: bool
    """Whether the one who asks may open it."""
    offers: Sequence[str]
    """The products for sale that would open it."""
    access: PieceAccess
    title: str | None
    caption: str
    hashtags: list[str]
    approved_at: datetime
    avatar_id: UUID
    avatar_name: str
    disclosure: str
    files: Sequence[SeenFile]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file, and by what right somebody may open it, if by any."""

    s3_key: str
    status: AssetStatus
    is_members: bool
    """Whether the one who asks works where it is from."""
    is_open: bool | None
    """Whether a piece that shows it opens to them; None where none shows it."""
    offers: Sequence[str]


class OpeningRepository:
    """Pieces and files of all workspaces, for whoever may open them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def view(self, caller: Caller | None, piece_id: UUID) -> SeenPiece | None:
        """Return a piece, if it may be shown; a holder's look at it is recorded.

        Raises:
            UnauthorizedError: the session has ended.
        """
        row = await self._ask(caller, _VIEW, piece_id=piece_id)
        if row["id"] is None:
            return None
        known = {name: row[name] for name in SeenPiece.__dataclass_fields__}
        files = [SeenFile(**file) for file in row["files"]]
        return SeenPiece(**known | {"files": files, "offers": _ids(row["offers"])})

    async def file(self, caller: Caller, asset_id: UUID) -> StoredFile | None:
        """Return a file, if there is one; a holder's opening it is recorded.

        Raises:
            UnauthorizedError: the session, or the key, has ended.
            ForbiddenError: the key is for other things.
        """
        row = await self._ask(caller, _DOWNLOAD, asset_id=asset_id)
        if row["s3_key"] is None:
            return None
        known = {name: row[name] for name in StoredFile.__dataclass_fields__}
        every = [offer for offers in row["offers"] or () for offer in offers]
        return StoredFile(**known | {"offers": _ids(every)})

    async def _ask(
        self,
        caller: Caller | None,
        statement: Select[*tuple[Any, ...]],
        **binds: object,
    ) -> RowMapping:
        (row,) = await self._connection.all(statement, **binds, **binds_of(caller))
        if caller and row["_user_id"] is None:
            raise UnauthorizedError
        if caller:
            require_scope(caller, row)
            await note_use(self._connection, row)
        return row


def _ids(offers: Sequence[dict[str, Any]]) -> list[str]:
    """Return the products that are offered, each once."""
    return list(dict.fromkeys(offer["product_id"] for offer in offers))
