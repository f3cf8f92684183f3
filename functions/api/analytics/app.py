"""/api/v1/analytics: what avatars did, earned and cost."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import allow
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import problems
from vixenbliss.callers import Caller, Role, Scope
from vixenbliss.schemas.analytics import AvatarSeries, Day, Overview, SeriesInterval
from vixenbliss.services.analytics import AnalyticsService
from vixenbliss.settings import settings

app = create_app("Analytics", needs=(settings().database, settings().jwt_secret))

READS = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


async def _analytics(database: Database) -> AnalyticsService:
    return AnalyticsService(database)


Analytics = Annotated[AnalyticsService, Depends(_analytics)]
Reader = Annotated[
    Caller, Depends(allow(Role.OWNER, Role.ANALYST, key=Scope.ANALYTICS_READ))
]
Since = Annotated[Day | None, Query(alias="from")]
Until = Annotated[Day | None, Query(alias="to")]


@app.get("/api/v1/analytics/overview", responses=READS, tags=["analytics"])
async def read_overview(
    caller: Reader,
    analytics: Analytics,
    since: Since = None,
    until: Until = None,
) -> Overview:
    """Say what each avatar's days come to; both ends included, in UTC."""
    return await analytics.overview(caller, since, until)


@app.get("/api/v1/analytics/avatars/{avatar_id}", responses=READS, tags=["analytics"])
async def read_series(
    avatar_id: UUID,
    caller: Reader,
    analytics: Analytics,
    since: Since = None,
    until: Until = None,
    interval: SeriesInterval = SeriesInterval.DAY,
) -> AvatarSeries:
    """Return an avatar's days or weeks; both ends included, in UTC."""
    return await analytics.series(caller, avatar_id, (since, until), interval)


handler = lambda_handler(app)
