"""The exception tree. A refusal is an answer for the member; a fault is ours.

PorchlightError
├── Refusal                    code + params; the words are `utter_<code>` in dialogs/domain
│   ├── NotVerified            identity: a higher assurance level is needed
│   ├── IdentityRefused        identity: wrong, locked, expired, weak
│   ├── AccountNotChosen       several accounts, none picked
│   ├── PaymentRefused         limits, duplicate, nothing due, held: no money has moved
│   ├── PaymentDeclined        the bank said no
│   ├── PaymentPending         a bank account pays, which takes days: not paid yet
│   ├── PaymentUnknown         we cannot tell yet: never pay again now
│   ├── DraftRefused           expired, used, or never read back to the member
│   ├── ArrangementRefused     more time that the assistant may not agree to by itself
│   └── LetterRefused          a letter that cannot be true, or has nothing to copy
└── Fault
    ├── EngineUnavailable      the dialogue engine did not answer usefully
    ├── ProcessorUnreachable   the payment processor's outcome is not known
    ├── SenderUnknown          a text or call may or may not have gone out
    ├── ImportRejected         a nightly file has bad rows
    ├── RefundNotPossible      the office asked for money back that cannot go back
    ├── ReviewNotPossible      a held payment cannot be decided as things are now
    └── UnsafeConfiguration    production settings that must not run
"""

from __future__ import annotations

from typing import Any


class PorchlightError(Exception):
    """Anything this product raises on purpose."""


class Refusal(PorchlightError):
    """A "no" that is told to the member.

    `code` is stable and names the words (`utter_<code>`); `params` fill the words' blanks and hold
    no secret.
    """

    code = "refused"
    # Every code that may be raised with this class, for the agreement test.
    codes: frozenset[str] = frozenset()

    def __init__(self, code: str | None = None, **params: Any) -> None:
        self.code = code or type(self).code
        self.params = params
        super().__init__(self.code)


class NotVerified(Refusal):
    """The level asked for was not reached in this session. `params["needed"]` is the level."""

    code = "not_verified"
    codes = frozenset({"not_verified"})


class IdentityRefused(Refusal):
    """A proof of identity failed. The words never tell whether an account exists."""

    code = "identity_not_matched"
    codes = frozenset(
        {
            "identity_not_matched",
            "identity_locked",
            "identity_agent_needed",
            "pin_wrong",
            "pin_weak",
            "pin_not_set",
            "enrollment_code_used",
            "helper_may_not",
            "code_wrong",
            "code_expired",
            "code_limit_reached",
            "phone_not_enrolled",
            "helper_phone_not_usable",
            "helper_named_already",
            "helpers_too_many",
            "helper_not_found",
            "reminder_days_not_possible",
            "lookups_paused",
        }
    )


class AccountNotChosen(Refusal):
    """The phone has several accounts and none was picked in this session."""

    code = "account_not_chosen"
    codes = frozenset({"account_not_chosen"})


class PaymentRefused(Refusal):
    """We do not send this payment. No money has moved."""

    code = "payment_refused"
    codes = frozenset(
        {
            "payment_refused",
            "payment_held",
            "nothing_due",
            "amount_too_small",
            "amount_too_large",
            "amount_over_balance",
            "daily_limit_reached",
            "payment_in_progress",
            "payments_unavailable",
            "duplicate_payment",
            "duplicate_of_held",
            "duplicate_of_pending",
            "no_saved_method",
            "method_not_usable",
            "cards_not_accepted",
            "schedule_in_past",
            "schedule_past_due",
            "schedule_after_due",
            "schedule_too_late",
            "schedule_not_found",
            "already_scheduled",
            "method_expires_first",
            "only_member_may_change",
            "autopay_already_on",
            "autopay_not_on",
            "autopay_days_too_many",
            "autopay_same_backup",
            "method_not_found",
            "method_already_saved",
            "methods_too_many",
            "method_in_use_soon",
            "nickname_not_possible",
            "guest_by_phone",
            "guest_amount_not_possible",
        }
    )


class PaymentDeclined(Refusal):
    """The bank said no; nothing was charged. `params["reason"]` is our plain group of decline codes."""

    code = "payment_declined"
    codes = frozenset(
        {
            "payment_declined",
            "payment_declined_funds",
            "payment_declined_expired",
            "payment_declined_details",
            "payment_declined_authentication",
        }
    )


class PaymentPending(Refusal):
    """The bank has the debit and takes days over it; how it ends is told by text."""

    code = "payment_pending"
    codes = frozenset({"payment_pending"})


class PaymentUnknown(Refusal):
    """We cannot tell whether the money moved. `params["told_by"]` is the time we promised an answer."""

    code = "payment_unknown"
    codes = frozenset({"payment_unknown"})


class DraftRefused(Refusal):
    """The amount read back is no longer ours to charge."""

    code = "draft_expired"
    codes = frozenset({"draft_expired", "draft_used", "draft_not_confirmed"})


class ArrangementRefused(Refusal):
    """More time is not ours to give here. The words say what is, or that a person decides."""

    code = "arrangement_needs_person"
    codes = frozenset(
        {
            "arrangement_needs_person",
            "arrangement_nothing_owed",
            "arrangement_already_open",
            "arrangement_day_too_late",
            "arrangement_day_too_soon",
        }
    )


class LetterRefused(Refusal):
    """The letter would not be true, or there is no such bill."""

    code = "not_in_good_standing"
    codes = frozenset({"not_in_good_standing", "statement_not_found", "letter_needs_person"})


class Fault(PorchlightError):
    """Something on our side or a vendor's failed. Never shown to a member as it is."""


class EngineUnavailable(Fault):
    """The dialogue engine gave no answer, an empty one, or too many."""


class ProcessorUnreachable(Fault):
    """The call to the payment processor ended without an outcome: it may or may not have happened."""


class SenderUnknown(Fault):
    """The carrier did not say whether it took the message or call."""


class ImportRejected(Fault):
    """A nightly file was refused as a whole. `problems` are (row, column, what is wrong)."""

    def __init__(self, file_name: str, problems: list[tuple[int, str, str]]) -> None:
        self.file_name = file_name
        self.problems = problems
        super().__init__(f"{file_name}: {len(problems)} problem(s)")


class RefundNotPossible(Fault):
    """Money cannot be given back as the office asked; the sentence says why. No money has moved."""


class ReviewNotPossible(Fault):
    """A held payment cannot be decided as the office asked; the sentence says why. No money has moved."""


class ResolveNotPossible(Fault):
    """An unknown payment cannot be ended as the office says; the sentence tells why. Nothing was changed."""


class UnsafeConfiguration(Fault):
    """Production settings that would lose money or leak secrets; `reasons` names each one."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))
