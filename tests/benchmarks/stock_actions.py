"""rasa-sdk's own server with our actions: `python -m tests.benchmarks.stock_actions --port N`."""

from __future__ import annotations

import argparse

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions import PorchlightAction, all_actions
from actions.payments.charge import Charge
from actions.turn import Event, Turn
from assistant.app import build
from assistant.settings import Settings


class ChargeAfterPin(Charge):
    """Charges after checking the PIN itself: what our service does before Rasa, a stock bot does here."""

    def act(self, turn: Turn) -> list[Event]:
        services = self.services
        services.identity.check_pin(turn.session_id, turn.phone, str(turn.entity("digits")))
        draft = services.payments.current_draft(turn.session_id)
        if draft is not None:
            services.payments.record_consent(
                session_id=turn.session_id, draft_id=draft.id, turn_id=turn.id, how="pin"
            )
        return super().act(turn)


def main() -> None:
    """Serve until told to stop; settings come from the environment, as for the service."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    services = build(Settings()).services
    actions: list[PorchlightAction] = [*all_actions(services), ChargeAfterPin(services)]
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    # One process, as rasa-sdk runs by default; services cannot be handed to a worker of Sanic's manager.
    create_app(executor).run(host="127.0.0.1", port=port, single_process=True, access_log=False)


if __name__ == "__main__":
    main()
