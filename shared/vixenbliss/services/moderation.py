"""Decisions that wait for the policy gate: texts, uploads, profiles; judged in batches.

Judging changes nothing outside, so it may happen twice; the first verdict that is kept
stands.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import (
    ProviderError,
    ProviderRefusedError,
    ValidationError,
)
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import Message, Queue, moderate
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.assets import AssetKind, AssetOrigin
from vixenbliss.models.policy import SubjectType, Verdict
from vixenbliss.providers.kms import Signer
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.assets import (
    AssetRepository,
    StoredAsset,
)
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.judgements import (
    Judgement,
    JudgementRepository,
    OpenDecision,
)
from vixenbliss.repositories.provenance import ProvenanceRepository, SignedStatement
from vixenbliss.services.gate import Gate
from vixenbliss.services.ingestion import release
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.policies import PATIENCE, policies_of
from vixenbliss.services.provenance import signed, statement
from vixenbliss.services.rules import Policy
from vixenbliss.services.viewing import View, Viewer
from vixenbliss.services.withdrawing import unsay
from vixenbliss.settings import Settings

MAX_ATTEMPTS = 3


class ModerationService:
    """Gives waiting decisions their verdicts."""

    def __init__(
        self, settings: Settings, *, gate: Gate, bucket: Bucket, signer: Signer
    ) -> None:
        self._settings = settings
        self._gate = gate
        self._viewer = Viewer(gate, bucket)
        self._signer = signer

    async def moderate(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Judge the decisions; a second delivery finds them made and does nothing.

        Of several videos one is judged: each may take the time that a batch has.
        """
        async with reading() as connection:
            waiting = await JudgementRepository(connection).undecided(ids)
            policies = await policies_of(
                connection, list({decision.workspace_id for decision in waiting})
            )
            files = [d for d in waiting if d.subject.type is SubjectType.IMAGE]
            assets = await _assets_of(connection, files)
        texts = [d for d in waiting if d.subject.type is not SubjectType.IMAGE]
        videos = [d for d in files if _is_video(assets.get(d.id))]
        await self._put_off(videos[1:])
        await all_of(
            self._judge_texts(texts, policies),
            *(
                self._judge_file(d, assets.get(d.id), policies[d.workspace_id])
                for d in files
                if d not in videos[1:]
            ),
        )
        return {}

    async def _put_off(self, decisions: Sequence[OpenDecision]) -> None:
        """Send decisions to the end of the queue, each with a message of its own.

        Handed back, they would come nearer to being buried each time.
        """
        if not decisions:
            return
        async with transaction() as connection:
            await Outbox(connection).send(
                *(moderate(decision.id, f"later-{new_id()}") for decision in decisions)
            )

    async def _judge_texts(
        self, decisions: Sequence[OpenDecision], policies: dict[UUID, Policy]
    ) -> None:
        judged = await self._gate.judge_texts(
            [(policies[d.workspace_id], d.subject.text or "") for d in decisions]
        )
        for decision, judgement in zip(decisions, judged, strict=True):
            await self._keep(decision, judgement)

    async def _judge_file(
        self, decision: OpenDecision, asset: StoredAsset | None, policy: Policy
    ) -> None:
        if asset is None:
            await self._keep(decision, _blocked(policy, "the asset is deleted"))
            return
        try:
            view = await self._viewer.look(asset, policy)
            judgement = await self._recall(decision, view.judgement)
            vouched = await self._vouch(asset, view, judgement)
        except ValidationError as error:
            await self._keep(decision, _blocked(policy, str(error)), asset)
        except ProviderRefusedError as error:
            await self._keep(decision, _blocked(policy, error.reason), asset)
        except ProviderError as error:
            await self._keep(decision, _unjudged(policy, error.code), asset)
        else:
            await self._keep(decision, judgement, asset, vouched)

    async def _recall(self, decision: OpenDecision, judgement: Judgement) -> Judgement:
        """Return the verdict that will stand, so that it is the one that is signed."""
        async with reading() as connection:
            return await JudgementRepository(connection).recall(
                decision.workspace_id, decision.subject, judgement
            )

    async def _vouch(
        self, asset: StoredAsset, view: View, judgement: Judgement
    ) -> SignedStatement | None:
        """Keep what was seen, and sign it; generated files are vouched for already.

        What the file says of itself counts for more than what its uploader says.
        """
        is_ai = asset.ai_generated or view.says_it_is_ai
        async with transaction() as connection:
            await AssetRepository(connection).describe(
                asset.id,
                width=view.width,
                height=view.height,
                duration_ms=view.duration_ms,
                frames_per_s=view.frames_per_s,
                is_ai=is_ai,
            )
        judged = judgement.verdict in (Verdict.ALLOW, Verdict.REVIEW)
        if not judged or asset.origin is AssetOrigin.GENERATED:
            return None
        known = replace(
            asset,
            width=view.width,
            height=view.height,
            duration_ms=view.duration_ms,
            ai_generated=is_ai,
        )
        said = statement(known, judgement, view.c2pa)
        return await signed(self._signer, said, view.c2pa)

    async def _keep(
        self,
        decision: OpenDecision,
        judgement: Judgement,
        asset: StoredAsset | None = None,
        vouched: SignedStatement | None = None,
    ) -> None:
        """Write a verdict down and draw its consequences, all or nothing."""
        if judgement.verdict is Verdict.ERROR:
            await self._postpone(decision, judgement)
            return
        async with transaction() as connection:
            judgements = JudgementRepository(connection)
            said = await judgements.strictest(
                decision.workspace_id, decision.subject, judgement
            )
            if vouched and said.verdict not in (judgement.verdict, Verdict.BLOCK):
                return  # signed for another verdict: the next sweep judges it again
            if not await judgements.decide(decision.id, said):
                return
            if asset:
                await _release(connection, asset, said, vouched)
            if said.verdict is Verdict.BLOCK:
                await _take_back(connection, decision)
            log.info("decision made", decision_id=str(decision.id))

    async def _postpone(self, decision: OpenDecision, judgement: Judgement) -> None:
        """Try later what could not be judged; the third time it stays an error."""
        async with transaction() as connection:
            decisions = JudgementRepository(connection)
            postponed = await decisions.postpone(decision, patience=PATIENCE)
            if postponed is None:
                return
            tries, check_at = postponed
            if tries >= MAX_ATTEMPTS:
                await decisions.decide(decision.id, judgement)
                burial = _burial(decision, judgement, f"{decision.id}-{check_at}")
                await DeadLetterRepository(connection).add(burial)
                log.error("decision not made", decision_id=str(decision.id))
                return
            delays_s = self._settings.retry_delays_s
            delay = timedelta(seconds=delays_s[min(tries, len(delays_s)) - 1])
            await Outbox(connection).send(
                Message(Queue.MODERATE, decision.id, f"again-{check_at}", delay)
            )


async def _release(
    connection: Connection,
    asset: StoredAsset,
    said: Judgement,
    vouched: SignedStatement | None,
) -> None:
    """Let an upload be used; what a job has made, its job lets go."""
    is_generated = asset.origin is AssetOrigin.GENERATED
    if said.verdict is Verdict.BLOCK or not is_generated:
        await release(connection, asset, said)
    if vouched and said.verdict is not Verdict.BLOCK:
        await ProvenanceRepository(connection).keep(asset.id, vouched)


async def _take_back(connection: Connection, decision: OpenDecision) -> None:
    """Make drafts of pieces whose words are blocked; pause whom they describe."""
    if decision.subject.type is SubjectType.CAPTION:
        await unsay(connection, decision.workspace_id, decision.subject.sha256)
    if decision.subject.type is not SubjectType.PROFILE:
        return
    avatar_id = decision.subject.id or decision.id
    paused = await AvatarRepository(connection).pause_if_profile_is(
        avatar_id, decision.subject.sha256
    )
    if paused:
        await AuditRepository(connection).add_by_system(
            decision.workspace_id, "avatar.paused", ("avatar", avatar_id), by="policy"
        )


async def _assets_of(
    connection: Connection, files: Sequence[OpenDecision]
) -> dict[UUID, StoredAsset]:
    """Return the files that decisions are about, by the ids of the decisions."""
    if not files:
        return {}
    ids = {decision.id: decision.subject.id or decision.id for decision in files}
    assets = await AssetRepository(connection).find_all(list(ids.values()))
    return {name: assets[id_] for name, id_ in ids.items() if id_ in assets}


def _is_video(asset: StoredAsset | None) -> bool:
    return asset is not None and asset.kind is AssetKind.VIDEO


def _blocked(policy: Policy, reason: str) -> Judgement:
    return _plain(policy, Verdict.BLOCK, reason)


def _unjudged(policy: Policy, reason: str) -> Judgement:
    return _plain(policy, Verdict.ERROR, reason)


def _plain(policy: Policy, verdict: Verdict, reason: str) -> Judgement:
    return Judgement(
        verdict=verdict,
        reasons=(reason,),
        scores={},
        policy_version_id=policy.version_id,
        policy_sha256=policy.sha256,
    )


def _burial(decision: OpenDecision, judgement: Judgement, name: str) -> Burial:
    return Burial(
        queue=Queue.MODERATE,
        dedupe_key=name,
        code="POLICY_UNAVAILABLE",
        reason=", ".join(judgement.reasons) or "no verdict",
        subject_id=decision.id,
        workspace_id=decision.workspace_id,
    )
