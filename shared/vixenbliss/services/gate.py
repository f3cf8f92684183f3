"""The policy gate: a verdict on every text and picture, and never one by default.

Whatever keeps it from judging (no key, no answer, half an answer) is a verdict too, of
``error``, and an error is not publishable.
"""

from collections.abc import Sequence

from vixenbliss.errors import ProviderError
from vixenbliss.log import log
from vixenbliss.models.policy import Verdict
from vixenbliss.providers.openai import OpenAI, Scores
from vixenbliss.repositories.judgements import Judgement
from vixenbliss.services.rules import (
    FLOOR,
    Policy,
    Reading,
    read_scores,
    read_words,
    stricter,
)


class Gate:
    """Judges by the words themselves, then by a model's scores."""

    def __init__(self, openai: OpenAI) -> None:
        self._openai = openai

    async def judge_texts(self, texts: Sequence[tuple[Policy, str]]) -> list[Judgement]:
        """Judge texts, each by its workspace's policy, with one request for all.

        A text that the words alone condemn is not sent anywhere.
        """
        words = [(policy, text, read_words(policy, text)) for policy, text in texts]
        to_ask = [text for _, text, said in words if said.verdict != Verdict.BLOCK]
        try:
            scores = iter(await self._score(to_ask))
        except ProviderError as error:
            log.warning("gate could not judge", code=error.code, reason=error.reason)
            return [_unasked(policy, said, error.code) for policy, _, said in words]
        return [
            _judgement(policy, said)
            if said.verdict == Verdict.BLOCK
            else _weigh(policy, said, next(scores))
            for policy, _, said in words
        ]

    async def _score(self, texts: Sequence[str]) -> list[Scores]:
        return await self._openai.score_texts(texts) if texts else []

    async def judge_image(self, policy: Policy, jpeg: bytes) -> Judgement:
        """Judge a picture by its pixels."""
        try:
            scores = await self._openai.score_image(jpeg, "image/jpeg")
        except ProviderError as error:
            log.warning("gate could not judge", code=error.code, reason=error.reason)
            return _error(policy, error.code)
        return _weigh(policy, Reading(Verdict.ALLOW), scores)


def _weigh(policy: Policy, words: Reading, scores: Scores) -> Judgement:
    if not scores.by_category.keys() >= FLOOR.keys():
        return _error(policy, "INCOMPLETE_SCORES")
    model_says = read_scores(policy, scores.by_category, scores.flagged)
    return _judgement(policy, stricter(words, model_says), scores=scores)


def _judgement(
    policy: Policy, said: Reading, *, scores: Scores | None = None
) -> Judgement:
    return Judgement(
        verdict=said.verdict,
        reasons=said.reasons,
        scores=dict(scores.by_category) if scores else {},
        model=scores.model if scores else "lexicon",
        policy_version_id=policy.version_id,
        policy_sha256=policy.sha256,
    )


def _unasked(policy: Policy, words: Reading, reason: str) -> Judgement:
    """Return what can be said when no model answers: no, or nothing at all."""
    if words.verdict == Verdict.BLOCK:
        return _judgement(policy, words)
    return _error(policy, reason)


def _error(policy: Policy, reason: str) -> Judgement:
    return _judgement(policy, Reading(Verdict.ERROR, (reason,)))
