"""Statements about where files come from, signed so that a stranger can check them."""

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from vixenbliss.clock import timestamp
from vixenbliss.database import Connection
from vixenbliss.errors import ProvenanceNotFoundError
from vixenbliss.models.assets import C2paState
from vixenbliss.providers.kms import Signer
from vixenbliss.repositories.assets import (
    StoredAsset,
)
from vixenbliss.repositories.judgements import Judgement
from vixenbliss.repositories.provenance import ProvenanceRepository, SignedStatement
from vixenbliss.schemas.assets import ProvenanceRead

STATEMENT_VERSION = 1
TRAINED_ALGORITHMIC_MEDIA = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
)


@dataclass(frozen=True, slots=True)
class Making:
    """How a generated file was made. The prompt is told by its hash alone."""

    job_id: UUID
    avatar_id: UUID
    sheet_version: int
    provider: str
    model: str
    model_version: str | None
    prompt_sha256: str


def statement(
    asset: StoredAsset,
    judgement: Judgement,
    c2pa: C2paState,
    making: Making | None = None,
) -> dict[str, Any]:
    """Return what we say of a file.

    Names the four things that California's AI Transparency Act asks for (provider,
    model and version, time, unique id), and what the gate said of the pixels.
    """
    said: dict[str, Any] = {
        "version": STATEMENT_VERSION,
        "sha256": asset.sha256.hex(),
        "asset_id": str(asset.id),
        "content_type": asset.content_type,
        "size_bytes": asset.size_bytes,
        "width": asset.width,
        "height": asset.height,
        "origin": asset.origin,
        "ai_generated": asset.ai_generated,
        "c2pa": c2pa,
        "stated_at": timestamp(),
        "policy": {
            "verdict": judgement.verdict,
            "sha256": (judgement.policy_sha256 or b"").hex(),
            "model": judgement.model,
        },
    }
    if asset.duration_ms is not None:
        said["duration_ms"] = asset.duration_ms
    if asset.ai_generated:
        said["digital_source_type"] = TRAINED_ALGORITHMIC_MEDIA
    if making:
        said["generation"] = _told(making)
    return said


def _told(making: Making) -> dict[str, Any]:
    told = asdict(making)
    return told | {"job_id": str(making.job_id), "avatar_id": str(making.avatar_id)}


def canonical(said: dict[str, Any]) -> str:
    """Return a statement as the one text that is signed: keys sorted, no white space.

    With neither floats nor characters outside ASCII this is RFC 8785's form.
    """
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


async def signed(
    signer: Signer, said: dict[str, Any], c2pa: C2paState
) -> SignedStatement:
    """Return a statement with its signature.

    Raises:
        ProviderUnavailableError: KMS did not sign.
    """
    payload = canonical(said)
    signature = await signer.sign(payload.encode())
    return SignedStatement(
        payload=payload,
        signature=signature.value,
        c2pa_state=c2pa,
        key_id=signature.key_id,
        algorithm=signature.algorithm,
        public_key_pem=signature.public_key_pem,
    )


class ProvenanceService:
    """What anybody may ask about a file whose hash they know."""

    def __init__(self, connection: Connection) -> None:
        self._statements = ProvenanceRepository(connection)

    async def find(self, sha256: str) -> ProvenanceRead:
        """Return the statement about a file.

        Raises:
            ProvenanceNotFoundError: we have said nothing about these bytes.
        """
        kept = await self._statements.find(bytes.fromhex(sha256))
        if kept is None:
            raise ProvenanceNotFoundError
        return ProvenanceRead(
            statement=json.loads(kept.payload),
            payload=base64.b64encode(kept.payload.encode()).decode(),
            signature=base64.b64encode(kept.signature).decode(),
            algorithm=kept.algorithm,
            key_id=kept.key_id,
            public_key=kept.public_key_pem,
            c2pa=kept.c2pa_state,
        )
