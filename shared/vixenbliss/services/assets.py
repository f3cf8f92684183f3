"""Files that people bring, look at, and take away."""

import base64
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, InvalidStateError
from vixenbliss.ids import new_id
from vixenbliss.models.assets import AssetKind, AssetOrigin, AssetStatus
from vixenbliss.models.policy import SubjectType
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories import access
from vixenbliss.repositories.assets import AssetRepository, NewAsset, StoredAsset
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.decisions import Subject
from vixenbliss.schemas.assets import (
    AssetRead,
    DownloadRead,
    UploadCreate,
    UploadCreated,
    UploadForm,
)
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.services import policies
from vixenbliss.services.ingestion import SUFFIX


class AssetService:
    """The assets of the workspace that the caller works in."""

    def __init__(self, connection: Connection, bucket: Bucket) -> None:
        self._connection = connection
        self._assets = AssetRepository(connection)
        self._bucket = bucket

    async def announce(self, caller: Caller, wanted: UploadCreate) -> UploadCreated:
        """Make room for a file and return the form that uploads it, and no other file.

        A file that the workspace has already needs no upload.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
        """
        member = await access.member(self._connection, caller)
        if wanted.avatar_id:
            await AvatarRepository(self._connection).lock(member, wanted.avatar_id)
        asset_id = new_id()
        suffix = SUFFIX[wanted.content_type]
        kept = await self._assets.add(
            NewAsset(
                id=asset_id,
                workspace_id=member.workspace_id,
                avatar_id=wanted.avatar_id,
                created_by=member.user_id,
                kind=AssetKind.IMAGE,
                origin=AssetOrigin.UPLOADED,
                ai_generated=wanted.ai_generated,
                s3_key=f"media/{member.workspace_id}/{asset_id}.{suffix}",
                content_type=wanted.content_type,
                size_bytes=wanted.size_bytes,
                width=None,
                height=None,
                sha256=bytes.fromhex(wanted.sha256),
                is_uploaded=False,
            )
        )
        if kept.is_uploaded:
            return UploadCreated(asset_id=kept.id, upload=None, expires_at=None)
        form = self._bucket.form(
            kept.s3_key,
            content_type=wanted.content_type,
            size_bytes=wanted.size_bytes,
            sha256_base64=_base64(bytes.fromhex(wanted.sha256)),
        )
        return UploadCreated(
            asset_id=kept.id,
            upload=UploadForm(url=form.url, fields=form.fields),
            expires_at=form.expires_at,
        )

    async def complete(self, caller: Caller, asset_id: UUID) -> AssetRead:
        """Take an upload in and put it before the policy gate; again changes nothing.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            ConflictError: the file is not there, or not the one announced.
        """
        member = await access.member(self._connection, caller)
        asset = await self._assets.lock(member, asset_id)
        if not asset.is_uploaded:
            await self._require_file(asset)
            await self._assets.mark_uploaded(asset_id)
            subject = Subject(type=SubjectType.IMAGE, sha256=asset.sha256, id=asset.id)
            await policies.ask(self._connection, member.workspace_id, subject)
        return (await self._assets.get(caller, asset_id))[0]

    async def _require_file(self, asset: StoredAsset) -> None:
        """Make sure that the announced file is in the bucket, as far as S3 can tell."""
        head = await self._bucket.head(asset.s3_key)
        if head is None:
            message = "The file has not been uploaded."
            raise ConflictError(message)
        expected = _base64(asset.sha256)
        if head.size_bytes != asset.size_bytes or head.sha256_base64 not in (
            None,
            expected,
        ):
            message = "The file's checksum is not the one announced."
            raise ConflictError(message)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AssetRead]:
        """Return the assets that match, newest first."""
        return await self._assets.list(caller, page, **filters)

    async def get(self, caller: Caller, asset_id: UUID) -> AssetRead:
        """Return an asset.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
        """
        return (await self._assets.get(caller, asset_id))[0]

    async def download(self, caller: Caller, asset_id: UUID) -> DownloadRead:
        """Return a link that opens the file for a few minutes.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            InvalidStateError: the policy gate has not let it through.
        """
        asset, key = await self._assets.get(caller, asset_id)
        if asset.status is not AssetStatus.READY:
            message = f"An asset that is {asset.status} cannot be opened."
            raise InvalidStateError(message)
        url, expires_at = self._bucket.link(key)
        return DownloadRead(url=url, expires_at=expires_at)

    async def delete(self, caller: Caller, asset_id: UUID) -> None:
        """Delete an asset that no piece uses; what we said of its origin stays said.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            InvalidStateError: a piece uses it.
        """
        member = await access.member(self._connection, caller)
        await self._assets.lock(member, asset_id)
        await self._assets.delete(asset_id)
        await AuditRepository(self._connection).add(
            member, "asset.deleted", ("asset", asset_id)
        )


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
