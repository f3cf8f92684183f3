"""Who may open a course: the conditions, for every statement that asks.

They are on the statement's own ``Course`` and on ``MEMBER``, who asks.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select

from vixenbliss.models.academy import Course, CourseAccess, CourseStatus
from vixenbliss.models.catalogue import Benefit, BenefitKind, ProductBenefit
from vixenbliss.models.workspaces import WorkspaceMember
from vixenbliss.repositories.access import MEMBER
from vixenbliss.repositories.benefit_offers import offers
from vixenbliss.repositories.entitlements import CUSTOMER, holds

IS_PUBLIC = and_(Course.deleted_at.is_(None), Course.status == CourseStatus.PUBLISHED)
"""Whether anybody may know of a course."""
IS_OURS: ColumnElement[bool] = (
    select(WorkspaceMember.user_id)
    .where(
        WorkspaceMember.workspace_id == Course.workspace_id,
        WorkspaceMember.user_id == MEMBER.c.user_id,
    )
    .correlate(Course, MEMBER)
    .exists()
)
"""Whether whoever asks works where a course is from; all of it is open to them."""
IS_SHOWN = and_(
    Course.deleted_at.is_(None), or_(Course.status == CourseStatus.PUBLISHED, IS_OURS)
)
"""Whether whoever asks may know of a course; a draft is its workspace's own."""
_opens = and_(
    Benefit.workspace_id == Course.workspace_id,
    Benefit.kind == BenefitKind.COURSE,
    Benefit.ref == cast(Course.id, Text()),
)
IS_OPEN: ColumnElement[bool] = or_(
    Course.access == CourseAccess.FREE,
    IS_OURS,
    select(Benefit.id)
    .where(_opens, holds(CUSTOMER, Benefit.id, func.now()))
    .correlate(Course, MEMBER)
    .exists(),
)
"""Whether a course's classes are open, just now, to whoever asks."""
OFFERS = offers(
    select(Benefit.id)
    .where(Benefit.id == ProductBenefit.benefit_id, _opens)
    .correlate(ProductBenefit, Course)
    .exists(),
    Course,
)
"""The products for sale that would open it."""


def product_ids(offered: Sequence[dict[str, Any]]) -> list[str]:
    """Return which products ``OFFERS`` has found."""
    return [offer["product_id"] for offer in offered]
