"""The policy gate: a verdict on every text and picture, and never one by default.

Whatever keeps it from judging (no key, no answer, half an answer) is a verdict too, of
``error``, and an error is not publishable.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

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

_REFUSES_A_TEXT = (400, 413, 422)
"""How the service says that it cannot take what it was given."""
_STRICTNESS = (Verdict.ALLOW, Verdict.REVIEW, Verdict.ERROR, Verdict.BLOCK)


class Gate:
    """Judges by the words themselves, then by a model's scores."""

    def __init__(self, openai: OpenAI) -> None:
        self._openai = openai

    async def judge_texts(self, texts: Sequence[tuple[Policy, str]]) -> list[Judgement]:
        """Judge texts, each by its workspace's policy, with one request for all.

        A text that the words alone condemn is not sent anywhere, nor is an empty one,
        which says nothing. No text spoils another's verdict.
        """
        read = [(policy, text, read_words(policy, text)) for policy, text in texts]
        scores = iter(await self._score([t for _, t, said in read if _asks(t, said)]))
        return [
            _weigh(policy, said, next(scores))
            if _asks(text, said)
            else _judgement(policy, said)
            for policy, text, said in read
        ]

    async def _score(self, texts: Sequence[str]) -> list[Scores | ProviderError]:
        """Return each text's scores, or why there are none.

        A refusal of several texts may mean one of them: then each is asked about alone,
        all at once, for they are no more than a batch of messages.
        """
        if not texts:
            return []
        try:
            return [*await self._openai.score_texts(texts)]
        except ProviderError as error:
            if error.status not in _REFUSES_A_TEXT or len(texts) == 1:
                return [error] * len(texts)
        return await asyncio.gather(*(self._score_one(text) for text in texts))

    async def _score_one(self, text: str) -> Scores | ProviderError:
        try:
            (scores,) = await self._openai.score_texts([text])
        except ProviderError as error:
            return error
        return scores

    async def judge_image(self, policy: Policy, jpeg: bytes) -> Judgement:
        """Judge a picture by its pixels."""
        try:
            scores = await self._openai.score_image(jpeg, "image/jpeg")
        except ProviderError as error:
            return _weigh(policy, Reading(Verdict.ALLOW), error)
        return _weigh(policy, Reading(Verdict.ALLOW), scores)

    async def judge_frames(self, policy: Policy, jpegs: Sequence[bytes]) -> Judgement:
        """Judge a video by some frames, each like a picture; the strictest word counts.

        A frame that nobody judged is an error of the whole, unless another is blocked.
        """
        return _strictest(
            await asyncio.gather(*(self.judge_image(policy, jpeg) for jpeg in jpegs))
        )


def _strictest(said: Sequence[Judgement]) -> Judgement:
    """Return the strictest of judgements, with the reasons of all who say so.

    Of each category it has the highest score.
    """
    worst = max((one.verdict for one in said), key=_STRICTNESS.index)
    agreeing = [one for one in said if one.verdict is worst]
    scores: dict[str, float] = {}
    for one in said:
        scores |= {c: max(s, scores.get(c, s)) for c, s in one.scores.items()}
    reasons = dict.fromkeys(reason for one in agreeing for reason in one.reasons)
    return replace(agreeing[0], reasons=tuple(reasons), scores=scores)


def _asks(text: str, words: Reading) -> bool:
    """Tell whether a model is asked about a text."""
    return bool(text.strip()) and words.verdict != Verdict.BLOCK


def _weigh(policy: Policy, words: Reading, scores: Scores | ProviderError) -> Judgement:
    if isinstance(scores, ProviderError):
        log.warning("gate could not judge", code=scores.code, reason=scores.reason)
        return _error(policy, scores.code)
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


def _error(policy: Policy, reason: str) -> Judgement:
    return _judgement(policy, Reading(Verdict.ERROR, (reason,)))
