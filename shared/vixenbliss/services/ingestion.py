"""A provider's file becomes an asset: copied, marked as AI, judged, and vouched for."""

import hashlib
from dataclasses import dataclass, replace

from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import (
    PolicyUnavailableError,
    ProviderError,
    ProviderRefusedError,
)
from vixenbliss.media import credentials
from vixenbliss.media.pictures import NotAPictureError, Picture, for_judging, inspect
from vixenbliss.models.assets import (
    AssetKind,
    AssetOrigin,
    AssetStatus,
    C2paState,
)
from vixenbliss.models.policy import SubjectType, Verdict
from vixenbliss.models.webhook_events import WebhookStatus
from vixenbliss.providers.kms import Signer
from vixenbliss.providers.replicate import Prediction, Replicate
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.assets import (
    AssetRepository,
    NewAsset,
    StoredAsset,
)
from vixenbliss.repositories.job_claims import ClaimedJob
from vixenbliss.repositories.job_progress import JobProgressRepository
from vixenbliss.repositories.judgements import Judgement, JudgementRepository, Subject
from vixenbliss.repositories.provenance import ProvenanceRepository, SignedStatement
from vixenbliss.repositories.webhook_events import WebhookEventRepository
from vixenbliss.services.gate import Gate
from vixenbliss.services.policies import policies_of
from vixenbliss.services.pricing import PriceList
from vixenbliss.services.provenance import Making, signed, statement
from vixenbliss.services.settling import settlement_of
from vixenbliss.services.spending import Spending
from vixenbliss.services.withdrawing import quarantine
from vixenbliss.settings import Settings

SUFFIX = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}


@dataclass(frozen=True, slots=True)
class Marked:
    """A picture that says it is made by a machine."""

    body: bytes
    picture: Picture


class Ingestion:
    """Takes generated pictures in."""

    def __init__(
        self,
        settings: Settings,
        *,
        replicate: Replicate,
        bucket: Bucket,
        signer: Signer,
        gate: Gate,
    ) -> None:
        self._prices = PriceList(settings)
        self._replicate = replicate
        self._bucket = bucket
        self._signer = signer
        self._gate = gate

    async def take_in(self, job: ClaimedJob, prediction: Prediction) -> None:
        """Copy a prediction's picture, and go on to judge it.

        The asset has the job's id, so doing this twice writes the same file and the
        same row; bytes that the workspace has already are the asset it has already.

        Raises:
            ProviderError: the file could not be handed over now.
            LeaseLostError: the job is no longer ours.
        """
        cost = self._prices.image().amount_micros
        try:
            marked = await self._fetch(prediction)
        except (ProviderRefusedError, NotAPictureError) as error:
            async with settlement_of(job) as settlement:
                lost = ProviderError("Replicate", f"no usable output: {error}")
                await settlement.fail_try(job, lost, cost_micros=cost)
            return
        asset = _asset_of(job, marked.picture)
        await self._bucket.put(asset.s3_key, marked.body, asset.content_type)
        async with transaction() as connection:
            kept = await AssetRepository(connection).add(asset)
            await JobProgressRepository(connection).ingested(job, kept.id)
            await Spending(connection).settle(job.id, spent_micros=cost)
        await self.judge(replace(job, asset_id=kept.id), prediction.version)

    async def _fetch(self, prediction: Prediction) -> Marked:
        """Return the picture, marked unless it carries its maker's own credential.

        A file with Content Credentials is kept to the byte: to write into it would turn
        a valid credential into a broken one.
        """
        if not prediction.files:
            raise ProviderRefusedError("Replicate", "the output is gone")
        body = await self._replicate.fetch(prediction.files[0])
        picture = inspect(body)
        if credentials.has_c2pa(body):
            return Marked(body, picture)
        body = credentials.with_source_type(body)
        return Marked(body, inspect(body))

    async def judge(self, job: ClaimedJob, model_version: str | None = None) -> None:
        """Have an ingested picture's pixels judged, vouch for it, and end the job.

        Raises:
            PolicyUnavailableError: nobody judged; the asset stays unpublishable.
            ProviderError: the file could not be read, or nobody signed.
            LeaseLostError: the job is no longer ours.
        """
        async with reading() as connection:
            asset = await AssetRepository(connection).find(job.asset_id or job.id)
            policies = await policies_of(connection, [job.workspace_id])
        if asset is None:
            raise ProviderRefusedError("assets", "the job's asset is deleted")
        body = await self._bucket.get(asset.s3_key)
        judgement = await self._gate.judge_image(
            policies[job.workspace_id], for_judging(body)
        )
        if judgement.verdict is Verdict.ERROR:
            raise PolicyUnavailableError(judgement.reasons)
        async with reading() as connection:  # what will stand is what is signed
            judgement = await JudgementRepository(connection).recall(
                job.workspace_id, image_subject(asset), judgement
            )
        c2pa = c2pa_state(body)
        said = statement(asset, judgement, c2pa, _making(job, model_version))
        vouched = await signed(self._signer, said, c2pa)
        await self._end(job, asset, judgement, vouched)

    async def _end(
        self,
        job: ClaimedJob,
        asset: StoredAsset,
        judgement: Judgement,
        vouched: SignedStatement,
    ) -> None:
        async with settlement_of(job) as settlement:
            connection = settlement.connection
            judgements = JudgementRepository(connection)
            subject = image_subject(asset)
            judgement = await judgements.strictest(job.workspace_id, subject, judgement)
            await judgements.add(job.workspace_id, subject, judgement)
            await release(connection, asset, judgement)
            await ProvenanceRepository(connection).keep(asset.id, vouched)
            await WebhookEventRepository(connection).close(
                job.id, WebhookStatus.PROCESSED
            )
            if judgement.verdict is Verdict.BLOCK:
                await settlement.block(job, judgement.reasons)
            else:
                await settlement.succeed(job)


def image_subject(asset: StoredAsset) -> Subject:
    """Return a picture as something that was judged, named by its hash."""
    return Subject(type=SubjectType.IMAGE, sha256=asset.sha256, id=asset.id)


async def release(
    connection: Connection, asset: StoredAsset, judgement: Judgement
) -> None:
    """Let a pending asset be used; put it in quarantine if the gate says no by now."""
    if judgement.verdict is Verdict.BLOCK:
        await quarantine(connection, asset.workspace_id, asset.id)
        return
    await AssetRepository(connection).move(
        asset.id, AssetStatus.PENDING, AssetStatus.READY
    )


def c2pa_state(body: bytes) -> C2paState:
    """Return whether a file carries Content Credentials."""
    if credentials.has_c2pa(body):
        return C2paState.PROVIDER_PRESERVED
    return C2paState.NONE


def _asset_of(job: ClaimedJob, picture: Picture) -> NewAsset:
    return NewAsset(
        id=job.id,
        workspace_id=job.workspace_id,
        avatar_id=job.avatar_id,
        created_by=job.requested_by,
        kind=AssetKind.IMAGE,
        origin=AssetOrigin.GENERATED,
        ai_generated=True,
        s3_key=f"media/{job.workspace_id}/{job.id}.{SUFFIX[picture.content_type]}",
        content_type=picture.content_type,
        size_bytes=picture.size_bytes,
        width=picture.width,
        height=picture.height,
        sha256=picture.sha256,
        is_uploaded=True,
    )


def _making(job: ClaimedJob, model_version: str | None) -> Making:
    return Making(
        job_id=job.id,
        avatar_id=job.avatar_id,
        sheet_version=job.sheet_version,
        provider="replicate",
        model=job.model,
        model_version=model_version,
        prompt_sha256=hashlib.sha256(job.prompt.encode()).hexdigest(),
    )
