"""Every table of the product in one metadata: for migrations and for making an empty database."""

from __future__ import annotations

from sqlalchemy import MetaData

from assistant import audit
from assistant.billing import arrangement_models as arrangements
from assistant.billing import letter_models as letters
from assistant.billing import models as billing
from assistant.db import Base
from assistant.dialogue import models as dialogue
from assistant.handoff import models as handoff
from assistant.identity import models as identity
from assistant.jobs import models as jobs
from assistant.notifications import models as notifications
from assistant.payments import models as payments
from assistant.payments import return_models as returns
from assistant.payments import risk_models as risk
from assistant.payments import scheduling_models as scheduling

# Importing a model is what registers its table; naming them here keeps the imports honest.
TABLE_MODULES = (
    audit,
    arrangements,
    billing,
    dialogue,
    handoff,
    identity,
    jobs,
    letters,
    notifications,
    payments,
    returns,
    risk,
    scheduling,
)


def all_tables() -> MetaData:
    """The metadata that holds every table."""
    return Base.metadata
