"""Every query on the signed statements about where files come from."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.models.assets import (
    Asset,
    AssetProvenance,
    AssetStatus,
    C2paState,
    SigningKey,
)

KEEP_KEY = (
    insert(SigningKey)
    .values(
        id=bindparam("id"),
        algorithm=bindparam("algorithm"),
        public_key_pem=bindparam("public_key_pem"),
    )
    .on_conflict_do_nothing(index_elements=["id"])
)
_SIGN = (
    insert(AssetProvenance)
    .values(
        asset_id=bindparam("asset_id"),
        payload=bindparam("payload"),
        signature=bindparam("signature"),
        key_id=bindparam("key_id"),
        c2pa_state=bindparam("c2pa_state"),
    )
    .on_conflict_do_nothing(index_elements=["asset_id"])
)
# Public, hence global: a file's hash is what one must know to ask about it. What the
# gate holds back is not spoken about.
_STATEMENT = (
    select(
        AssetProvenance.payload,
        AssetProvenance.signature,
        AssetProvenance.c2pa_state,
        SigningKey.id.label("key_id"),
        SigningKey.algorithm,
        SigningKey.public_key_pem,
    )
    .join(Asset, Asset.id == AssetProvenance.asset_id)
    .join(SigningKey, SigningKey.id == AssetProvenance.key_id)
    .where(Asset.sha256 == bindparam("sha256"), Asset.status != AssetStatus.QUARANTINED)
    .order_by(AssetProvenance.created_at)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A provenance statement as it is kept."""

    payload: str
    signature: bytes
    c2pa_state: C2paState
    key_id: str
    algorithm: str
    public_key_pem: str


class ProvenanceRepository:
    """Signed statements about where files come from."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, asset_id: UUID, signed: SignedStatement) -> None:
        """Keep an asset's statement; the first one stands."""
        await self._connection.run(
            KEEP_KEY,
            id=signed.key_id,
            algorithm=signed.algorithm,
            public_key_pem=signed.public_key_pem,
        )
        await self._connection.run(
            _SIGN,
            asset_id=asset_id,
            payload=signed.payload,
            signature=signed.signature,
            key_id=signed.key_id,
            c2pa_state=signed.c2pa_state,
        )

    async def find(self, sha256: bytes) -> SignedStatement | None:
        """Return the earliest statement about bytes with this hash, or None."""
        row = await self._connection.one(_STATEMENT, sha256=sha256)
        return SignedStatement(**row) if row else None
