"""The composition root: the only module that knows every part."""

from __future__ import annotations

from dataclasses import dataclass

from rasa_sdk.interfaces import Action
from sqlalchemy import func, select

from actions import all_actions
from actions.services import Services
from assistant.adapters.rasa_engine import RasaEngine
from assistant.adapters.stripe_gateway import StripeGateway
from assistant.adapters.twilio_sender import TwilioSender
from assistant.billing.arrangement_rules import ArrangementPolicy
from assistant.billing.service import Billing
from assistant.clock import Clock, SystemClock
from assistant.db import Database
from assistant.dialogue.calls import Calls
from assistant.dialogue.control import ConversationControl
from assistant.dialogue.conversation import Conversation
from assistant.dialogue.engine import DialogueEngine
from assistant.dialogue.naming import Naming
from assistant.dialogue.secrets import Secrets
from assistant.dialogue.sessions import Sessions
from assistant.handoff.service import Handoff
from assistant.identity.preferences import MemberPreferences
from assistant.identity.service import Identity
from assistant.notifications.models import OutboxMessage
from assistant.notifications.outbox import Outbox
from assistant.notifications.preferences import ContactPreferences
from assistant.notifications.sender import Sender
from assistant.notifications.words import Words
from assistant.observability import Metrics
from assistant.payments.gateway import PaymentGateway
from assistant.payments.models import Payment
from assistant.payments.service import Payments
from assistant.settings import Settings


@dataclass(frozen=True)
class Application:
    """Every part, wired. `build` makes it; the listeners, the worker and the command line take from it."""

    settings: Settings
    clock: Clock
    db: Database
    billing: Billing
    handoff: Handoff
    outbox: Outbox
    identity: Identity
    payments: Payments
    sessions: Sessions
    conversation: Conversation
    services: Services
    engine: DialogueEngine
    gateway: PaymentGateway
    sender: Sender
    metrics: Metrics

    def refresh_gauges(self) -> None:
        """Count payments and outbox messages by state, for `/metrics`."""
        with self.db.read() as tx:
            for state, count in tx.execute(select(Payment.state, func.count()).group_by(Payment.state)):
                self.metrics.payments.labels(state).set(count)
            for state, count in tx.execute(
                select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
            ):
                self.metrics.outbox.labels(state).set(count)

    def close(self) -> None:
        self.db.close()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    db: Database | None = None,
    engine: DialogueEngine | None = None,
    gateway: PaymentGateway | None = None,
    sender: Sender | None = None,
) -> Application:
    """Wire the product. Tests pass their own clock, database or vendors; nothing else is replaceable."""
    clock = clock or SystemClock(settings.coop_zone)
    db = db or Database(settings.resolved_database_url)
    engine = engine or RasaEngine(
        settings.rasa_url, settings.internal_secret.get_secret_value(), settings.rasa_timeout_seconds
    )
    gateway = gateway or StripeGateway(settings)
    sender = sender or TwilioSender(settings)
    metrics = Metrics()
    words = Words(settings.coop_short_name)
    billing = Billing(db, clock, arrangement_policy_of(settings))
    handoff = Handoff(db, clock, settings)
    outbox = Outbox(db, clock, sender)
    identity = Identity(db, clock, settings, outbox)
    contacts = ContactPreferences(clock, settings)
    preferences = MemberPreferences(db, clock, identity=identity, contacts=contacts, handoff=handoff)
    payments = Payments(
        db,
        clock,
        settings,
        gateway=gateway,
        identity=identity,
        billing=billing,
        outbox=outbox,
        handoff=handoff,
        words=words,
        contacts=contacts,
    )
    sessions = Sessions(db, clock, settings)
    calls = Calls(db, sessions=sessions, identity=identity, payments=payments, outbox=outbox)
    conversation = Conversation(
        db,
        clock,
        settings,
        engine=engine,
        sessions=sessions,
        secrets=Secrets(identity),
        naming=Naming(identity),
        calls=calls,
        payments=payments,
        handoff=handoff,
        words=words,
        on_turn=metrics.turn,
    )
    services = Services(
        identity=identity,
        billing=billing,
        payments=payments,
        handoff=handoff,
        preferences=preferences,
        conversation_control=ConversationControl(
            db, clock, sessions=sessions, calls=calls, identity=identity
        ),
        settings=settings,
        clock=clock,
    )
    return Application(
        settings,
        clock,
        db,
        billing,
        handoff,
        outbox,
        identity,
        payments,
        sessions,
        conversation,
        services,
        engine,
        gateway,
        sender,
        metrics,
    )


def arrangement_policy_of(settings: Settings) -> ArrangementPolicy:
    """The band of arrangements that the co-op set."""
    return ArrangementPolicy(
        first_percent=settings.arrangement_first_percent,
        first_days=settings.arrangement_first_days,
        days_max=settings.arrangement_days_max,
        max_cents=settings.arrangement_max_cents,
        grace_days=settings.arrangement_grace_days,
        broken_days=settings.arrangement_broken_days,
        offer_minutes=settings.draft_minutes,
        min_cents=settings.payment_min_cents,
    )


def actions_of(application: Application) -> list[Action]:
    """The Rasa actions over this application's services."""
    return list(all_actions(application.services))
