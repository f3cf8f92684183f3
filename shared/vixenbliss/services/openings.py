"""Opening what is published here: for everybody, for members, or for who has paid."""

from dataclasses import asdict
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AssetNotFoundError,
    EntitlementRequiredError,
    InvalidStateError,
    PieceNotFoundError,
)
from vixenbliss.models.assets import AssetStatus
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.openings import OpeningRepository, SeenPiece, StoredFile
from vixenbliss.schemas.assets import DownloadRead
from vixenbliss.schemas.openings import PieceView, ViewedAsset, ViewedAvatar


class OpeningService:
    """Pieces and files, for whoever may open them."""

    def __init__(self, connection: Connection, bucket: Bucket) -> None:
        self._openings = OpeningRepository(connection)
        self._bucket = bucket

    async def view(self, caller: Caller | None, piece_id: UUID) -> PieceView:
        """Return a piece with links to its files.

        It has to be approved, let through by the policy gate, and of an avatar that may
        be shown; its workspace's members see no more of it here than others.

        Raises:
            PieceNotFoundError: there is none, or it may not be shown.
            EntitlementRequiredError: it opens to those who hold a benefit.
        """
        piece = await self._openings.view(caller, piece_id)
        if piece is None:
            raise PieceNotFoundError
        if not piece.is_open:
            raise EntitlementRequiredError(piece.offers)
        return self._shown(piece)

    def _shown(self, piece: SeenPiece) -> PieceView:
        files = [(file, *self._bucket.link(file.s3_key)) for file in piece.files]
        return PieceView(
            id=piece.id,
            avatar=ViewedAvatar(
                id=piece.avatar_id,
                avatar_name=piece.avatar_name,
                disclosure=piece.disclosure,
            ),
            access=piece.access,
            title=piece.title,
            caption=piece.caption,
            hashtags=piece.hashtags,
            is_ai=any(file.is_ai for file in piece.files),
            assets=[
                ViewedAsset.model_validate({**asdict(file), "url": url})
                for file, url, _ in files
            ],
            approved_at=piece.approved_at,
            expires_at=min(ends for *_, ends in files),
        )

    async def download(self, caller: Caller, asset_id: UUID) -> DownloadRead:
        """Return a link that opens a file for a few minutes.

        It opens to the workspace's members, and to whoever may open a piece with it.

        Raises:
            AssetNotFoundError: there is none that the caller may know of.
            InvalidStateError: the policy gate has not let it through.
            EntitlementRequiredError: a piece that shows it opens to holders.
        """
        file = await self._openings.file(caller, asset_id)
        if file is None:
            raise AssetNotFoundError
        _require_right(file)
        url, expires_at = self._bucket.link(file.s3_key)
        return DownloadRead(url=url, expires_at=expires_at)


def _require_right(file: StoredFile) -> None:
    if file.is_members and file.status is not AssetStatus.READY:
        message = f"An asset that is {file.status} cannot be opened."
        raise InvalidStateError(message)
    if file.is_members or file.is_open:
        return
    if file.is_open is None:
        raise AssetNotFoundError
    raise EntitlementRequiredError(file.offers)
