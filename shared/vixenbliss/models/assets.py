"""The assets: files in our bucket, and signed statements about their origin."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Uuid,
    text,
)

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, one_of


class AssetKind(StrEnum):
    """What a file is."""

    IMAGE = "image"
    VIDEO = "video"


class AssetOrigin(StrEnum):
    """How a file came to us."""

    GENERATED = "generated"
    UPLOADED = "uploaded"


class AssetStatus(StrEnum):
    """Whether a file may be used."""

    PENDING = "pending"
    READY = "ready"
    QUARANTINED = "quarantined"
    DELETED = "deleted"


class Asset(Base):
    """A file; the same bytes are one asset of a workspace."""

    __tablename__ = "assets"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    kind: Mapped[AssetKind]
    origin: Mapped[AssetOrigin]
    ai_generated: Mapped[bool]
    s3_key: Mapped[str] = mapped_column(String(512), unique=True)
    content_type: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_ms: Mapped[int | None]
    """How long a video is."""
    frames_per_s: Mapped[float | None]
    """How many pictures a video shows, on average."""
    sha256: Mapped[bytes]
    status: Mapped[AssetStatus] = mapped_column(server_default=AssetStatus.PENDING)
    uploaded_at: Mapped[datetime | None]
    """When the bytes are known to be in the bucket."""
    created_at: Mapped[Born]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", AssetKind),
        one_of("origin", AssetOrigin),
        one_of("status", AssetStatus),
        CheckConstraint("size_bytes > 0", name="not_empty"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256_length"),
        CheckConstraint("origin <> 'generated' OR ai_generated", name="says_it_is_ai"),
        CheckConstraint(
            "(status = 'deleted') = (deleted_at IS NOT NULL)", name="deleted_at_set"
        ),
        CheckConstraint(
            "status <> 'ready' OR uploaded_at IS NOT NULL", name="ready_has_bytes"
        ),
        Index(
            "uq_assets_sha256",
            "workspace_id",
            "sha256",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_assets_sha256", "sha256"),
        Index("ix_assets_workspace_id", "workspace_id", "created_at", "id"),
        Index("ix_assets_status", "workspace_id", "status", "created_at", "id"),
    )


class SigningKey(Base):
    """A public key under which statements were signed, for anyone to check them."""

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(40))
    public_key_pem: Mapped[str]
    created_at: Mapped[Born]


class C2paState(StrEnum):
    """Whether a file carries Content Credentials."""

    NONE = "none"
    PROVIDER_PRESERVED = "provider_preserved"


class AssetProvenance(Base):
    """The statement about an asset, as signed; written once."""

    __tablename__ = "asset_provenance"

    asset_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("assets.id"), primary_key=True
    )
    payload: Mapped[str]
    """Canonical JSON, the exact characters whose UTF-8 was signed."""
    signature: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(String(120), ForeignKey("signing_keys.id"))
    c2pa_state: Mapped[C2paState]
    created_at: Mapped[Born]

    __table_args__ = (one_of("c2pa_state", C2paState),)
