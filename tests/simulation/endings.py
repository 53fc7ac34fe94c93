"""What must be true when everything is quiet again: all money accounted for, everybody told once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.promises import CHARGED, OPEN, Promises, require
from tests.simulation.rows import PaymentRow
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.people import People


def require_good_end(world: World, promises: Promises, people: People) -> None:
    """Raises BrokenPromise with the first promise that is broken."""
    promises.check()
    payments = world.rows.payments()
    for row in payments:
        require(row.state not in OPEN, f"a payment stays {row.state}")
        _require_same_as_processor(world, row)
    known = {row.id for row in payments}
    require(all(asked.payment_id in known for asked in world.gateway.requests.values()), "a charge got lost")
    _require_balances(world, payments)
    _require_drafts_closed(world)
    _require_refunds_closed(world)
    _require_told(world, people, payments)


def _require_same_as_processor(world: World, row: PaymentRow) -> None:
    keys = [key for key, asked in world.gateway.requests.items() if asked.payment_id == row.id]
    charges = [world.gateway.charges[key] for key in keys if world.gateway.charges[key].state == "succeeded"]
    require(len(charges) <= 1, "charged twice")
    if row.state not in CHARGED:
        is_back = all(one.refunded_cents == one.amount_cents for one in charges)
        require(is_back, "charged, not posted and not given back")
        return
    require(bool(charges), "posted, not charged")
    [charge] = charges
    withdrawn = sum(
        one.withdrawn_cents for pi, one in world.gateway.disputes.values() if pi == charge.processor_id
    )
    ours = (row.processor_id, row.amount_cents + row.fee_cents, row.refunded_cents, row.disputed_cents)
    theirs = (charge.processor_id, charge.amount_cents, charge.refunded_cents, withdrawn)
    require(ours == theirs, f"the records differ: {ours} and {theirs}")


def _require_balances(world: World, payments: list[PaymentRow]) -> None:
    billed = dict(world.rows.all("SELECT account_id, SUM(amount_cents) FROM statements GROUP BY account_id"))
    for account_id in {person.account_id for person in world.people}:
        paid = sum(
            row.amount_cents - row.returned[0]
            for row in payments
            if row.account_id == account_id and row.state in CHARGED
        )
        balance = world.billing.summary(account_id).balance_cents
        require(balance == int(billed.get(account_id, 0)) - paid, "the balance is not what the bills leave")


def _require_drafts_closed(world: World) -> None:
    for row in world.rows.scheduled():
        require(row.state != "scheduled", "a scheduled payment was forgotten")
    for draft in world.rows.autopay_drafts():
        require(draft.state in ("paid", "failed", "skipped"), f"an autopay draft stays {draft.state}")
        paid = [
            row for row in world.rows.payments() if row.autopay_draft_id == draft.id and row.state in CHARGED
        ]
        require((draft.state == "paid") == bool(paid), "an autopay draft and its payments differ")


def _require_refunds_closed(world: World) -> None:
    """Every refund that the office asked for has an end, and the processor made it once at most."""
    made = Counter(one.refund_id for _, one in world.gateway.refunds.values() if one.refund_id)
    require(all(number == 1 for number in made.values()), "one refund given twice")
    for refund_id, state in world.rows.all("SELECT id, state FROM refunds WHERE origin = 'office'"):
        require(state in ("succeeded", "failed", "refused", "not_made"), f"a refund stays {state}")
        is_given = refund_id in made
        require(is_given == (state in ("succeeded", "failed")), "a refund and the processor's books differ")


def _require_told(world: World, people: People, payments: list[PaymentRow]) -> None:
    _require_sent_once(world)
    turns = dict(
        world.rows.all(
            "SELECT p.id, d.consent_turn_id FROM payments p JOIN payment_drafts d ON d.id = p.draft_id"
        )
    )
    sent = {key for [key] in world.rows.all("SELECT dedupe_key FROM outbox WHERE state = 'sent'")}
    tasks = [
        str(summary)
        for [summary] in world.rows.all("SELECT summary FROM handoff_requests WHERE state = 'open'")
    ]
    phones = {person.account_id for person in world.people if person.channel == "sms"}
    for row in payments:
        final = "receipt" if row.state in CHARGED else row.state
        heard = [told for session, turn, told in people.heard if turn == turns.get(row.id, "-")]
        require(not set(heard) - {final, "unknown", "pending"}, f"told {heard}, but it was {final}")
        if row.account_id not in phones:
            _require_person_tells(row, final, heard, tasks)
            continue
        texts = {key.split(":")[0] for key in sent if row.id in key}
        texts &= {"receipt", "declined", "not_charged", "refused", "review_expired"}
        if row.state == "refused":
            texts = {final for _ in texts}
        if row.origin == "autopay" and final != "receipt":
            told = f":{row.autopay_draft_id}:{row.autopay_try}"
            texts = {final for key in sent if key.endswith(told) and key.startswith("autopay_")}
        require(texts <= {final}, f"a text told {texts}, but it was {final}")
        require(bool(texts) or final in heard, f"the member was not told: {final}")
        is_noted = turns.get(row.id) in people.noted and final in heard
        require(not (texts and is_noted and row.origin == "sms"), "told in the reply and by text")


def _require_person_tells(row: PaymentRow, final: str, heard: list[str], tasks: list[str]) -> None:
    """Without a phone on file, the reply must have been heard, or a person has the task, or a letter goes."""
    if row.origin == "autopay" and final != "receipt":
        require(any("letter" in task for task in tasks), "nobody writes the letter")
    else:
        endings = (final, "review_expired") if final == "refused" else (final,)
        has_task = any(
            f"{row.confirmation_number} ended: {end}." in task for task in tasks for end in endings
        )
        require(has_task or final in heard, f"nobody tells the member: {final}")


def _require_sent_once(world: World) -> None:
    sent = Counter((phone, body) for _, phone, body, _ in world.sender.texts)
    rows = Counter(
        (str(phone), str(body))
        for phone, body in world.rows.all("SELECT phone, body FROM outbox WHERE state = 'sent'")
    )
    require(sent == rows, f"sent {sent - rows} more, {rows - sent} less than the outbox says")
