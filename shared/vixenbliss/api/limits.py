"""A door at which tries are counted, and what its answers tell of them."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as DependsOnIt

from vixenbliss.api.dependencies import headers_of
from vixenbliss.api.middleware import RATE_LIMIT
from vixenbliss.errors import TooManyRequestsError
from vixenbliss.services.limits import Allowance, Rule, count
from vixenbliss.settings import Settings, settings

_HOUSE_BITS = 64  # RFC 6177: one connection has at least that many addresses


class Limits:
    """Counts a request's tries; every answer, good or bad, tells what is left.

    Where several rules count, that is the one of which the least is left.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._least: int | None = None

    async def count_address(self, rule: Rule) -> None:
        """Count a try from where the request comes from.

        Raises:
            TooManyRequestsError: there were too many before.
        """
        client = self._request.client
        await self.count(rule, _house(client.host if client else ""))

    async def count(self, rule: Rule, who: str) -> None:
        """Count a try of somebody's.

        Raises:
            TooManyRequestsError: there were too many before.
        """
        try:
            allowance = await count(rule, who)
        except TooManyRequestsError as error:
            self._tell(Allowance(rule.most, 0, error.wait_s))
            raise
        self._tell(allowance)

    def _tell(self, allowance: Allowance) -> None:
        if self._least is None or allowance.remaining <= self._least:
            self._least = allowance.remaining
            self._request.scope[RATE_LIMIT] = headers_of(allowance)


def _house(address: str) -> str:
    """Return what stands for all addresses that somebody has for the asking."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _HOUSE_BITS), strict=False))
    return str(parsed)


async def _limits(request: Request) -> Limits:
    return Limits(request)


Limited = Annotated[Limits, Depends(_limits)]
"""What an endpoint without a transaction of its own counts its tries with."""


def per_address(rule_of: Callable[[Settings], Rule]) -> DependsOnIt:
    """Return the dependency of a route whose tries count by where they come from.

    For the route's ``dependencies``, which come before its parameters: a count is a
    transaction of its own, and a container has one connection.
    """

    async def counted(limits: Limited) -> None:
        await limits.count_address(rule_of(settings()))

    return DependsOnIt(counted)
