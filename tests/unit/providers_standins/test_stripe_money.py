"""Refunds, disputes, payouts: what they leave of the balance."""

from typing import Any

import pytest
from stripe import InvalidRequestError

from tests.unit.providers_standins.stripe_asking import MARKS, Till

pytestmark = MARKS


async def refunded(stripe: Till, charge: dict[str, Any], **more: Any) -> Any:
    params: Any = {"payment_intent": charge["payment_intent"], **more}
    return await stripe.sdk.v1.refunds.create_async(params)


async def test_parts_go_back_until_all_is_back(stripe: Till) -> None:
    charge = await stripe.charged(1000)

    await refunded(stripe, charge, amount=300, metadata={"refund": "1"})
    await refunded(stripe, charge)

    found = await stripe.sdk.v1.charges.retrieve_async(
        charge["id"], params={"expand": ["refunds"]}
    )
    part, rest = await stripe.events("refund.created")
    first, second = await stripe.events("charge.refunded")
    assert found.refunds is not None
    assert [each.amount for each in found.refunds.data] == [700, 300]
    assert (found.amount_refunded, found.refunded) == (1000, True)
    assert first["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert second["data"]["previous_attributes"] == {
        "amount_refunded": 300,
        "refunded": False,
    }
    assert part["data"]["object"]["metadata"] == {"refund": "1"}
    assert rest["request"]["idempotency_key"] is not None
    assert await stripe.balance() == -59  # the fee is kept


@pytest.mark.parametrize(
    ("before", "amount", "code"),
    [(None, 501, None), (200, 301, None), (500, 1, "charge_already_refunded")],
)
async def test_no_more_goes_back_than_came(
    stripe: Till, before: int | None, amount: int, code: str | None
) -> None:
    charge = await stripe.charged(500)
    if before is not None:
        await refunded(stripe, charge, amount=before)

    with pytest.raises(InvalidRequestError) as refusal:
        await refunded(stripe, charge, amount=amount)

    assert (refusal.value.http_status, refusal.value.code) == (400, code)
    assert len(await stripe.all("refund")) == (0 if before is None else 1)


async def test_a_refund_may_take_days(stripe: Till) -> None:
    await stripe.turn(refunds="pending")
    refund = await refunded(stripe, await stripe.charged())

    await stripe.do("refund_outcome", refund=refund.id, outcome="succeeded")

    assert refund.status == "pending"
    (updated,) = await stripe.events("refund.updated")
    assert updated["data"]["object"]["status"] == "succeeded"
    assert updated["data"]["previous_attributes"]["status"] == "pending"


async def test_a_refund_may_fail_after_it_succeeded(stripe: Till) -> None:
    charge = await stripe.charged()
    refund = await refunded(stripe, charge)
    before = await stripe.balance()

    await stripe.do("refund_outcome", refund=refund.id, outcome="failed")

    found = await stripe.sdk.v1.refunds.retrieve_async(refund.id)
    (shown,) = await stripe.all("charge")
    assert found.status == "failed"
    assert found.failure_balance_transaction is not None
    assert await stripe.balance() == before + 500
    assert (shown["amount_refunded"], shown["refunded"]) == (0, False)
    assert "refund.failed" in await stripe.told()


@pytest.mark.parametrize(
    ("outcome", "change"), [("won", 500), ("lost", 0)], ids=["won", "lost"]
)
async def test_a_dispute_takes_money_and_may_return_it(
    stripe: Till, outcome: str, change: int
) -> None:
    charge = await stripe.charged()
    before = await stripe.balance()

    dispute = await stripe.do("dispute", charge=charge["id"])
    during = await stripe.balance()
    await stripe.do("dispute_outcome", dispute=dispute["id"], outcome=outcome)

    found = await stripe.sdk.v1.disputes.retrieve_async(dispute["id"])
    assert during == before - 500 - 1500
    assert await stripe.balance() == during + change
    assert found.status == outcome
    assert len(found.balance_transactions) == (2 if outcome == "won" else 1)
    told = [name for name in await stripe.told() if "dispute" in name]
    reinstated = ["charge.dispute.funds_reinstated"] if outcome == "won" else []
    assert told == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        *reinstated,
        "charge.dispute.closed",
    ]


async def test_the_fee_of_a_won_dispute_may_come_back(stripe: Till) -> None:
    await stripe.turn(dispute_fee_returned=True)
    charge = await stripe.charged()
    before = await stripe.balance()
    dispute = await stripe.do("dispute", charge=charge["id"])

    await stripe.do("dispute_outcome", dispute=dispute["id"], outcome="won")

    assert await stripe.balance() == before


async def test_what_a_bank_took_cannot_be_given_back(stripe: Till) -> None:
    charge = await stripe.charged(1000)
    await stripe.do("dispute", charge=charge["id"], amount=600)

    with pytest.raises(InvalidRequestError) as refusal:
        await refunded(stripe, charge, amount=401)
    await refunded(stripe, charge, amount=400)

    assert refusal.value.code == "charge_disputed"


async def test_an_inquiry_takes_nothing(stripe: Till) -> None:
    charge = await stripe.charged()
    before = await stripe.balance()

    dispute = await stripe.do("dispute", charge=charge["id"], is_inquiry=True)
    await refunded(stripe, charge)

    assert dispute["status"] == "warning_needs_response"
    assert dispute["balance_transactions"] == []
    assert await stripe.balance() == before - 500


async def test_evidence_is_looked_at_once_submitted(stripe: Till) -> None:
    charge = await stripe.charged()
    dispute = await stripe.do("dispute", charge=charge["id"])
    disputes = stripe.sdk.v1.disputes

    kept = await disputes.update_async(
        dispute["id"],
        params={"evidence": {"product_description": "A month"}, "submit": False},
    )
    sent = await disputes.update_async(dispute["id"], params={"submit": True})
    lost = await disputes.close_async(dispute["id"])

    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert lost.status == "lost"


async def test_a_warning_is_settled_by_a_refund(stripe: Till) -> None:
    charge = await stripe.charged()

    warning = await stripe.do("fraud_warning", charge=charge["id"])
    await refunded(stripe, charge)

    found = await stripe.sdk.v1.radar.early_fraud_warnings.retrieve_async(warning["id"])
    assert (warning["actionable"], found.actionable) == (True, False)
    (updated,) = await stripe.events("radar.early_fraud_warning.updated")
    assert updated["data"]["object"]["actionable"] is False


async def test_a_payout_is_made_of_what_was_available(stripe: Till) -> None:
    first = await stripe.charged(1000)
    await refunded(stripe, first, amount=100)
    payout = await stripe.do("payout", currency="eur")
    await stripe.charged(2000)

    listed = stripe.sdk.v1.balance_transactions
    members = await listed.list_async(params={"payout": payout["id"]})

    nets = {each.type: each.net for each in members.data}
    assert nets == {"payout": -841, "refund": -100, "charge": 941}
    assert payout["amount"] == 841
    assert payout["reconciliation_status"] == "in_progress"
    assert await stripe.balance() == 2000 - 88


async def test_a_payout_may_come_back_after_it_arrived(stripe: Till) -> None:
    await stripe.charged(1000)
    payout = await stripe.do("payout", currency="eur")

    await stripe.do("payout_outcome", payout=payout["id"], outcome="paid")
    await stripe.do("payout_outcome", payout=payout["id"], outcome="failed")

    found = await stripe.sdk.v1.payouts.retrieve_async(payout["id"])
    told = [name for name in await stripe.told() if name.startswith("payout.")]
    assert found.status == "failed"
    assert await stripe.balance() == 941
    assert told == [
        "payout.created",
        "payout.paid",
        "payout.reconciliation_completed",
        "payout.failed",
    ]
    assert (await stripe.do("payout", currency="eur"))["amount"] == 941


async def test_nothing_cannot_be_paid_out(stripe: Till) -> None:
    by_door = await stripe.refuses("payout", currency="eur")
    with pytest.raises(InvalidRequestError) as by_hand:
        await stripe.sdk.v1.payouts.create_async(
            params={"amount": 1, "currency": "eur"}
        )

    assert by_door["code"] == by_hand.value.code == "balance_insufficient"


async def test_all_may_settle_in_one_currency(stripe: Till) -> None:
    await stripe.turn(settlement_currency="eur", exchange_rates={"jpy": "0.0061"})
    charge = await stripe.charged(1000, "jpy")

    booked = await stripe.sdk.v1.balance_transactions.retrieve_async(
        charge["balance_transaction"]
    )

    assert (booked.amount, booked.currency) == (610, "eur")
    assert (booked.fee, booked.net) == (48, 562)
    assert booked.exchange_rate == 0.0061


async def test_money_may_be_pending_for_a_while(stripe: Till) -> None:
    await stripe.turn(available_after_s=86_400)
    await stripe.charged()
    before = await stripe.sdk.v1.balance.retrieve_async()

    await stripe.control.post("clock", json={"advance_s": 86_400})

    after = await stripe.sdk.v1.balance.retrieve_async()
    assert [each.amount for each in before.pending] == [455]
    assert [each.amount for each in after.available] == [455]
    assert after.pending == []


@pytest.mark.parametrize("how", ["after", "by_order"])
async def test_a_charge_may_be_booked_later(stripe: Till, how: str) -> None:
    await stripe.turn(balance=how)
    charge = await stripe.charged()
    if how == "by_order":
        assert charge["balance_transaction"] is None
        await stripe.do("book", charge=charge["id"])

    (succeeded,) = await stripe.events("charge.succeeded")
    (updated,) = await stripe.events("charge.updated")
    assert succeeded["data"]["object"]["balance_transaction"] is None
    assert updated["data"]["previous_attributes"] == {"balance_transaction": None}
    assert updated["data"]["object"]["balance_transaction"] is not None


async def test_the_sum_of_all_movements_is_the_balance(stripe: Till) -> None:
    for amount in (500, 1000, 2500):
        charge = await stripe.charged(amount)
        await refunded(stripe, charge, amount=250)
    await stripe.do("dispute", charge=charge["id"], amount=1000)
    await stripe.charged(9999)
    await stripe.do("payout", currency="eur")
    await stripe.charged(700, "usd")

    movements = await stripe.all("balance_transaction")

    for currency in ("eur", "usd"):
        nets = [each["net"] for each in movements if each["currency"] == currency]
        assert sum(nets) == await stripe.balance(currency)
    assert all(each["net"] == each["amount"] - each["fee"] for each in movements)
