"""Money that goes back, as the gateway reads it: refunds that wait or fail, disputes, bank returns."""

from __future__ import annotations

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.payments.gateway import ChargeOutcome, DisputeOutcome, RefundOutcome
from tests.contract.charging import CENTS, charge_request, customer_of, give_back, saved_card
from tests.stripe_fixtures import StandIn


def paid(gateway: StripeGateway, card: str = "pm_card_visa") -> ChargeOutcome:
    customer = customer_of(gateway)
    return gateway.charge(charge_request(customer, saved_card(gateway, customer, card)))


def bank(standin: StandIn, **claim: object) -> None:
    standin.client.post("/_control/disputes", json=claim).raise_for_status()


def only_dispute(gateway: StripeGateway, intent_id: str) -> DisputeOutcome:
    [found] = gateway.read_returns(intent_id).disputes
    return found


def test_a_refund_is_found_with_our_own_id(gateway: StripeGateway) -> None:
    charge = paid(gateway)
    made = give_back(gateway, charge.processor_id, 1000)
    assert made == RefundOutcome(made.processor_id, "succeeded", 1000, "ref_1")
    assert gateway.read_returns(charge.processor_id).refunds == (made,)


def test_a_refund_may_wait_and_then_arrive(gateway: StripeGateway, stripe_standin: StandIn) -> None:
    charge = paid(gateway, "pm_card_pendingRefund")
    made = give_back(gateway, charge.processor_id, 1000)
    assert made.state == "pending"
    stripe_standin.client.post(f"/_control/refunds/{made.processor_id}/finish").raise_for_status()
    assert [one.state for one in gateway.read_returns(charge.processor_id).refunds] == ["succeeded"]


def test_a_refund_that_comes_back_says_why(gateway: StripeGateway) -> None:
    charge = paid(gateway, "pm_card_refundFail")
    assert give_back(gateway, charge.processor_id, 1000).state == "succeeded"
    [failed] = gateway.read_returns(charge.processor_id).refunds
    assert (failed.state, failed.failure_code) == ("failed", "expired_or_canceled_card")


def test_a_dispute_takes_the_money_at_once_and_a_won_one_brings_it_back(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    charge = paid(gateway)
    bank(stripe_standin, payment_intent=charge.processor_id, amount=5000)
    assert gateway.read_charge(charge.processor_id).is_disputed
    opened = only_dispute(gateway, charge.processor_id)
    assert (opened.state, opened.withdrawn_cents, opened.move_count) == ("open", 5000, 1)
    assert opened.respond_by_at is not None
    evidence = {"evidence[uncategorized_text]": "winning_evidence"}
    stripe_standin.send("POST", f"/v1/disputes/{opened.processor_id}", evidence).raise_for_status()
    won = only_dispute(gateway, charge.processor_id)
    assert (won.state, won.withdrawn_cents, won.move_count) == ("won", 0, 2)
    kinds = [event["type"] for event in stripe_standin.books()["event"]]
    assert [kind.removeprefix("charge.dispute.") for kind in kinds if "dispute" in kind] == [
        "created",
        "funds_withdrawn",
        "updated",
        "closed",
        "funds_reinstated",
    ]


def test_a_dispute_can_be_lost_by_the_evidence_or_given_up(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    first = paid(gateway, "pm_card_createDispute")
    opened = only_dispute(gateway, first.processor_id)
    stripe_standin.send("POST", f"/v1/disputes/{opened.processor_id}/close").raise_for_status()
    lost = only_dispute(gateway, first.processor_id)
    assert (lost.state, lost.withdrawn_cents) == ("lost", CENTS)
    again = stripe_standin.send("POST", f"/v1/disputes/{opened.processor_id}/close")
    assert again.status_code == 400


def test_an_inquiry_moves_no_money(gateway: StripeGateway, stripe_standin: StandIn) -> None:
    charge = paid(gateway)
    bank(stripe_standin, payment_intent=charge.processor_id, is_inquiry=True)
    asked = only_dispute(gateway, charge.processor_id)
    assert (asked.state, asked.withdrawn_cents, asked.move_count) == ("inquiry", 0, 0)


def test_a_bank_return_is_a_dispute_that_nobody_can_answer(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    charge = paid(gateway)
    bank(stripe_standin, payment_intent=charge.processor_id, reason="insufficient_funds", is_return=True)
    returned = only_dispute(gateway, charge.processor_id)
    assert (returned.state, returned.is_bank_return, returned.withdrawn_cents) == ("lost", True, CENTS)
