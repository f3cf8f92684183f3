"""What TikTok refuses at the door: too much, for the wrong people, from elsewhere.

Content-sharing guidelines; error codes of the direct post and photo references.
"""

from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.creators import LEVELS, SELF_ONLY, Creator
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.inits import PostInfo
from tests.stack.providers.tiktok.pulls import may_be_pulled


def obstacle(tiktok: TikTok, creator: Creator, *, is_draft: bool) -> str | None:
    """Return the code of what keeps a creator from posting just now."""
    if creator.is_banned:
        return "spam_risk_user_banned_from_posting"
    if _is_one_too_many(tiktok, creator):
        return "reached_active_user_cap"
    quotas = tiktok.settings.quotas
    if is_draft:
        too_many = tiktok.pending_shares(creator) >= quotas.pending_shares_a_day
        return "spam_risk_too_many_pending_share" if too_many else None
    too_many = tiktok.posts_today(creator) >= quotas.posts_a_day
    return "spam_risk_too_many_posts" if too_many else None


def check_audience(tiktok: TikTok, creator: Creator, info: PostInfo) -> None:
    """Check who shall see a direct post.

    Raises:
        RefusedError: Nobody is named, or nobody who may.
    """
    level = info.privacy_level
    if level not in LEVELS:
        raise errors.refused("invalid_param", "privacy_level is not valid.")
    private = level == SELF_ONLY and creator.is_private
    if not tiktok.settings.audited and not private:
        raise errors.refused("unaudited_client_can_only_post_to_private_accounts")
    if level not in creator.privacy_level_options:
        raise errors.refused("privacy_level_option_mismatch")


def check_ownership(tiktok: TikTok, urls: tuple[str, ...]) -> None:
    """Check that all files lie below prefixes which are verified.

    Raises:
        RefusedError: One does not.
    """
    prefixes = tiktok.settings.verified_prefixes
    if not all(may_be_pulled(url, prefixes) for url in urls):
        raise errors.refused("url_ownership_unverified")


def _is_one_too_many(tiktok: TikTok, creator: Creator) -> bool:
    """Whether an app without audit has had its users of the day."""
    if tiktok.settings.audited:
        return False
    users = tiktok.publishing_users()
    most = tiktok.settings.quotas.unaudited_users_a_day
    return creator.open_id not in users and len(users) >= most
