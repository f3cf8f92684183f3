"""Changes to subscriptions: another plan, an end in sight, an end at once."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command
from tests.stack.providers.stripe.errors import declined, invalid
from tests.stack.providers.stripe.invoice_lines import InvoiceLines
from tests.stack.providers.stripe.invoices import Invoices
from tests.stack.providers.stripe.lists import whole
from tests.stack.providers.stripe.periods import end_of
from tests.stack.providers.stripe.plans import plan_of
from tests.stack.providers.stripe.renewals import Renewals
from tests.stack.providers.stripe.subscriptions import OVER, Subscriptions

type Json = dict[str, Any]

_UPDATED = (
    "cancel_at",
    "cancel_at_period_end",
    "cancellation_details",
    "description",
    "items",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
)
_EVENT = "customer.subscription.updated"
_PENDING_S = 23 * 3600


class Changes:
    """What we may change, and what it costs."""

    def __init__(
        self,
        books: Books,
        subscriptions: Subscriptions,
        renewals: Renewals,
        invoices: Invoices,
        lines: InvoiceLines,
    ) -> None:
        self._books = books
        self._subscriptions = subscriptions
        self._renewals = renewals
        self._invoices = invoices
        self._lines = lines

    def commands(self) -> list[Command]:
        """Return the calls that change subscriptions, and the preview of one."""
        one, kind = "/v1/subscriptions/{id}", "Subscription"
        return [
            Command("subscriptions.update", "POST", one, f"{kind}UpdateParams",
                    self.update),
            Command("subscriptions.cancel", "DELETE", one, f"{kind}CancelParams",
                    self.cancel),
            Command("subscriptions.resume", "POST", f"{one}/resume",
                    f"{kind}ResumeParams", self.resume),
            Command("invoices.create_preview", "POST", "/v1/invoices/create_preview",
                    "InvoiceCreatePreviewParams", self.preview),
        ]  # fmt: skip

    def update(self, asked: Asked) -> Json:
        """Change what is named; another price is another plan."""
        subscription = self._books.get("subscription", asked.id)
        if asked.params.keys() - {"cancellation_details", "expand", "metadata"}:
            subscription = self._subscriptions.alive(asked.id)
        said = asked.only(*_UPDATED)
        fields = self._fields(asked, subscription, said)
        if "items" not in said:
            self._books.change(subscription, _EVENT, **fields)
            return subscription
        items = self._items(subscription, said["items"])
        self._switch(subscription, items, fields, said)
        return subscription

    def cancel(self, asked: Asked) -> Json:
        """End a subscription at once; nothing goes back unless that is asked for."""
        subscription = self._subscriptions.alive(asked.id)
        said = asked.only("cancellation_details", "invoice_now", "prorate")
        details = subscription["cancellation_details"]
        subscription["cancellation_details"] = details | (
            said.get("cancellation_details") or {}
        )
        if said.get("prorate"):
            self._books.lines[subscription["id"]] += self._credit(subscription)
        if said.get("invoice_now") and self._books.lines[subscription["id"]]:
            self._bill(subscription, self._taken(subscription))
        self._subscriptions.end(subscription, "cancellation_requested")
        return subscription

    def resume(self, asked: Asked) -> Json:
        """Let a paused subscription go on, from a new period."""
        subscription = self._subscriptions.alive(asked.id)
        asked.only("billing_cycle_anchor", "proration_behavior")
        if subscription["status"] != "paused":
            raise invalid("You can only resume a paused subscription.")
        self._restart(subscription, subscription["items"]["data"], {})
        lines = [self._whole(item) for item in subscription["items"]["data"]]
        self._bill(subscription, lines)
        self._subscriptions.set_status(asked.id, "active")
        return subscription

    def preview(self, asked: Asked) -> Json:
        """Return the invoice that a change would bring, or the next one."""
        said = asked.only("customer", "subscription", "subscription_details")
        if "subscription" not in said:
            raise invalid("The stand-in previews subscriptions only.", "subscription")
        subscription = self._subscriptions.alive(said["subscription"])
        details = dict(said.get("subscription_details") or {})
        items = self._items(subscription, details.pop("items", []))
        at = details.pop("proration_date", self._books.now())
        behaviour = details.pop("proration_behavior", "create_prorations")
        if details:
            raise invalid(
                f"The stand-in has no {min(details)}.", "subscription_details"
            )
        lines = self._difference(subscription, items, behaviour, at)
        if behaviour != "always_invoice":
            changed = subscription | {"items": subscription["items"] | {"data": items}}
            lines += self._renewals.following(changed)
        invoice = self._invoices.composed(subscription, "upcoming", lines)
        return invoice | {"id": f"upcoming_{invoice['id']}"}

    def _fields(self, asked: Asked, subscription: Json, said: Json) -> Json:
        """Return what changes beside the plan."""
        fields: Json = {"metadata": asked.metadata(subscription["metadata"])}
        details = subscription["cancellation_details"] | (
            said.get("cancellation_details") or {}
        )
        if "description" in said:
            fields["description"] = said["description"]
        ending = self._ending(subscription, said)
        if ending:
            is_wanted = ending["cancel_at"] is not None
            details["reason"] = "cancellation_requested" if is_wanted else None
            ending["canceled_at"] = self._books.now() if is_wanted else None
        return fields | ending | {"cancellation_details": details}

    def _ending(self, subscription: Json, said: Json) -> Json:
        """Return when it is to end, if that changes: with its period, or by a date.

        Who takes back the one has not taken back the other (docs.stripe.com/billing/
        subscriptions/billing-mode/compare: the portal sets a date).
        """
        if "cancel_at" in said and "cancel_at_period_end" in said:
            raise invalid("Only one of the two may be said.", "cancel_at")
        if "cancel_at" in said:
            at = said["cancel_at"] or None
            return {"cancel_at": at, "cancel_at_period_end": False}
        if "cancel_at_period_end" not in said:
            return {}
        ends = said["cancel_at_period_end"]
        if not ends and not subscription["cancel_at_period_end"]:
            return {}
        last = subscription["items"]["data"][0]["current_period_end"]
        return {"cancel_at": last if ends else None, "cancel_at_period_end": ends}

    def _items(self, subscription: Json, wanted: list[Json]) -> list[Json]:
        """Return the items as they are wanted, the present ones being untouched."""
        items = {item["id"]: item for item in subscription["items"]["data"]}
        for n, each in enumerate(wanted):
            if each.get("id") not in items:
                param = f"items[{n}][id]"
                raise invalid("The stand-in changes items that are there.", param)
            items[each["id"]] = self._item(items[each["id"]], each, n)
        return list(items.values())

    def _item(self, item: Json, wanted: Json, place: int) -> Json:
        unknown = wanted.keys() - {"id", "price", "quantity"}
        if unknown:
            raise invalid(f"The stand-in has no {min(unknown)}.", f"items[{place}]")
        param = f"items[{place}][price]"
        price = self._books.get(
            "price", wanted.get("price", item["price"]["id"]), param=param
        )
        if price["currency"] != item["price"]["currency"] or not price["recurring"]:
            raise invalid("The price does not fit the subscription.", param)
        quantity = wanted.get("quantity", item["quantity"])
        return item | {"price": price, "plan": plan_of(price), "quantity": quantity}

    def _switch(
        self, subscription: Json, items: list[Json], fields: Json, said: Json
    ) -> None:
        """Change the plan; what it costs now is billed now, or with the next period."""
        behaviour = said.get("proration_behavior", "create_prorations")
        at = said.get("proration_date", self._books.now())
        lines = self._difference(subscription, items, behaviour, at)
        starts_anew = _intervals(items) != _intervals(subscription["items"]["data"])
        is_billed = starts_anew or behaviour == "always_invoice"
        is_bad = self._books.settings.cards == "declined" and is_billed
        if is_bad and _waits(said):
            self._wait(subscription, items, lines)
            return
        if starts_anew and subscription["status"] != "trialing":
            self._restart(subscription, items, fields)
            lines += [self._whole(item) for item in subscription["items"]["data"]]
        else:
            self._take(subscription, items, fields)
        if not is_billed:
            self._books.lines[subscription["id"]] += lines
        elif lines:
            self._bill(subscription, lines)

    def _wait(self, subscription: Json, items: list[Json], lines: list[Json]) -> None:
        """Change nothing until the bill for it is paid."""
        pending = dict.fromkeys(("billing_cycle_anchor", "trial_end", "metadata"))
        pending |= {
            "expires_at": self._books.now() + _PENDING_S,
            "subscription_items": items,
        }
        invoice = self._invoices.draft(subscription, "subscription_update", lines)
        self._invoices.finalize(invoice)
        self._books.change(
            subscription, _EVENT, latest_invoice=invoice["id"], pending_update=pending
        )
        self._invoices.fail(invoice)

    def _take(self, subscription: Json, items: list[Json], fields: Json) -> None:
        shown = whole(items, subscription["items"]["url"])
        self._books.change(subscription, _EVENT, items=shown, **fields)

    def _restart(self, subscription: Json, items: list[Json], fields: Json) -> None:
        """Begin a new period now."""
        now = self._books.now()
        begun = [
            item
            | {
                "current_period_start": now,
                "current_period_end": end_of(now, item["price"]["recurring"], now),
            }
            for item in items
        ]
        self._take(subscription, begun, fields | {"billing_cycle_anchor": now})

    def _difference(
        self, subscription: Json, items: list[Json], behaviour: str, at: int
    ) -> list[Json]:
        """Return what is credited of the old plan, and charged of the new one."""
        if behaviour == "none" or subscription["status"] in OVER | {"trialing"}:
            return []
        lines = []
        for old, new in zip(subscription["items"]["data"], items, strict=True):
            if (old["price"], old["quantity"]) == (new["price"], new["quantity"]):
                continue
            lines.append(self._lines.of_rest(old, at, is_credit=True))
            if _intervals([old]) == _intervals([new]):
                lines.append(self._lines.of_rest(new, at, is_credit=False))
        return lines

    def _credit(self, subscription: Json) -> list[Json]:
        """Return what the rest of the period was worth."""
        if subscription["status"] == "trialing":
            return []
        now = self._books.now()
        return [
            self._lines.of_rest(item, now, is_credit=True)
            for item in subscription["items"]["data"]
        ]

    def _whole(self, item: Json) -> Json:
        start, end = item["current_period_start"], item["current_period_end"]
        return self._lines.of_period(item, start, end)

    def _taken(self, subscription: Json) -> list[Json]:
        """Return what is owed for the next invoice, which is this one."""
        lines = self._books.lines[subscription["id"]]
        self._books.lines[subscription["id"]] = []
        return lines

    def _bill(self, subscription: Json, lines: list[Json]) -> None:
        """Send a bill now, and try to have it paid."""
        invoice = self._invoices.draft(subscription, "subscription_update", lines)
        self._invoices.finalize(invoice)
        self._books.change(subscription, _EVENT, latest_invoice=invoice["id"])
        if self._books.settings.cards == "declined" and invoice["amount_due"]:
            self._renewals.retry(invoice["id"], "failed")
        else:
            self._renewals.retry(invoice["id"], "paid")


def _waits(said: Json) -> bool:
    """Tell whether a change that cannot be paid for waits, or else is made.

    Raises:
        StripeError: It shall not be made at all.
    """
    how = said.get("payment_behavior", "allow_incomplete")
    if how == "default_incomplete":
        raise invalid("The stand-in has no default_incomplete.", "payment_behavior")
    if how == "error_if_incomplete":
        raise declined()
    return bool(how == "pending_if_incomplete")


def _intervals(items: list[Json]) -> list[tuple[str, int]]:
    return [
        (
            item["price"]["recurring"]["interval"],
            item["price"]["recurring"]["interval_count"],
        )
        for item in items
    ]
