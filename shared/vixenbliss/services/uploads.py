"""Files that people bring: announced, uploaded straight to the bucket, taken in."""

import base64
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import reading, transaction
from vixenbliss.errors import ConflictError
from vixenbliss.ids import new_id
from vixenbliss.models.assets import AssetKind, AssetOrigin
from vixenbliss.models.policy import SubjectType
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories import access
from vixenbliss.repositories.assets import AssetRepository, NewAsset
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.judgements import Subject
from vixenbliss.schemas.assets import (
    VIDEO_TYPES,
    AssetRead,
    UploadCreate,
    UploadCreated,
    UploadForm,
)
from vixenbliss.services import policies
from vixenbliss.services.ingestion import SUFFIX


class UploadService:
    """The way of a file from a client to an asset.

    Opens its own transactions, because S3 is asked between them and not within.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def announce(self, caller: Caller, wanted: UploadCreate) -> UploadCreated:
        """Make room for a file and return the form that uploads it, and no other file.

        A file that the workspace has already needs no upload.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
        """
        async with transaction() as connection:
            member = await access.member(connection, caller)
            if wanted.avatar_id:
                await AvatarRepository(connection).lock(member, wanted.avatar_id)
            asset = _announced(wanted, member.workspace_id, member.user_id)
            kept = await AssetRepository(connection).add(asset)
        if kept.is_uploaded:
            return UploadCreated(asset_id=kept.id, upload=None, expires_at=None)
        form = self._bucket.form(
            kept.s3_key,
            content_type=wanted.content_type,
            size_bytes=wanted.size_bytes,
            sha256_base64=_base64(wanted.sha256),
        )
        upload = UploadForm(url=form.url, fields=form.fields)
        return UploadCreated(
            asset_id=kept.id, upload=upload, expires_at=form.expires_at
        )

    async def complete(self, caller: Caller, asset_id: UUID) -> AssetRead:
        """Take an upload in and put it before the policy gate; again changes nothing.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            ConflictError: the file is not there, or not the one announced.
            ProviderUnavailableError: S3 does not say.
        """
        async with reading() as connection:
            asset, key = await AssetRepository(connection).get(caller, asset_id)
        await self._require_file(asset, key)
        async with transaction() as connection:
            member = await access.member(connection, caller)
            assets = AssetRepository(connection)
            stored = await assets.lock(member, asset_id)
            if not stored.is_uploaded:
                await assets.mark_uploaded(asset_id)
                subject = Subject(
                    type=SubjectType.IMAGE, sha256=stored.sha256, id=asset_id
                )
                await policies.ask(connection, member.workspace_id, subject)
        return asset

    async def _require_file(self, asset: AssetRead, key: str) -> None:
        """Make sure that the announced file is in the bucket, as far as S3 can tell.

        The policy gate's worker reads the bytes and hashes them itself.
        """
        head = await self._bucket.head(key)
        if head is None:
            message = "The file has not been uploaded."
            raise ConflictError(message)
        fits = head.sha256_base64 in (None, _base64(asset.sha256))
        if head.size_bytes != asset.size_bytes or not fits:
            message = "The file's checksum is not the one announced."
            raise ConflictError(message)


def _announced(wanted: UploadCreate, workspace_id: UUID, user_id: int) -> NewAsset:
    asset_id = new_id()
    suffix = SUFFIX[wanted.content_type]
    return NewAsset(
        id=asset_id,
        workspace_id=workspace_id,
        avatar_id=wanted.avatar_id,
        created_by=user_id,
        kind=_kind_of(wanted.content_type),
        origin=AssetOrigin.UPLOADED,
        ai_generated=wanted.ai_generated,
        s3_key=f"media/{workspace_id}/{asset_id}.{suffix}",
        content_type=wanted.content_type,
        size_bytes=wanted.size_bytes,
        width=None,
        height=None,
        sha256=bytes.fromhex(wanted.sha256),
        is_uploaded=False,
    )


def _kind_of(content_type: str) -> AssetKind:
    return AssetKind.VIDEO if content_type in VIDEO_TYPES else AssetKind.IMAGE


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
