"""Our door into Rasa: `/webhooks/porchlight/turn`, `/readings` and `/health`, for the service only."""

import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from dialogs.engine import speed_ups
from dialogs.engine.folding import fold
from dialogs.engine.incoming import Incoming, Malformed, read_texts, read_turn, reply_element
from dialogs.engine.outgoing import REPLIES, begin_turn
from dialogs.engine.quiet_logs import leave_values_out_of_logs

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Porchlight-Secret"  # noqa: S105
# Parsed once at start: a model that cannot place these words is not fit to serve.
FIRST_WORDS = "I want to pay my bill"

Handler = Callable[[UserMessage], Awaitable[Any]]
Answering = Callable[[Agent, Any], Awaitable[HTTPResponse]]


class PorchlightChannel(InputChannel):
    """POST turn: 200 with replies, 401 wrong secret, 422 malformed, 500 failed turn, 503 not ready.

    POST readings answers alike with what each of some texts would be taken for, and changes no conversation.
    """

    @classmethod
    def name(cls) -> Text:
        return "porchlight"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "PorchlightChannel":
        secret = str((credentials or {}).get("secret") or "")
        if not secret:
            cls.raise_missing_credentials_exception()
        return cls(secret)

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._is_proven = False
        leave_values_out_of_logs()
        speed_ups.install()

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        porchlight = Blueprint("porchlight", "porchlight")

        async def answered(request: Request, answer: Answering) -> HTTPResponse:
            if not self._is_let_in(request):
                return _refusal(401, "wrong secret")
            agent = _ready_agent(request)
            if agent is None:
                return _refusal(503, "no model is loaded")
            try:
                return await answer(agent, request.json)
            except InvalidUsage:
                return _refusal(422, "the body is not JSON")
            except Malformed as problem:
                return _refusal(422, str(problem))

        async def take(agent: Agent, body: Any) -> HTTPResponse:
            incoming = read_turn(body, agent.domain.intents, agent.domain.entities)
            return await _take(agent, incoming, on_new_message)

        @porchlight.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            return await answered(request, take)

        @porchlight.route("/readings", methods=["POST"])
        async def readings(request: Request) -> HTTPResponse:
            return await answered(request, _readings)

        @porchlight.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            if not self._is_let_in(request):
                return _refusal(401, "wrong secret")
            agent = _ready_agent(request)
            if agent is None or not await self._proves_itself(agent):
                return response.json({"ready": False, "model": ""}, status=503)
            return response.json({"ready": True, "model": agent.processor.model_filename})

        return porchlight

    def _is_let_in(self, request: Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(given.encode(), self._secret)

    async def _proves_itself(self, agent: Agent) -> bool:
        """Whether the model understands anything at all; asked until it does, then remembered."""
        if not self._is_proven:
            try:
                parsed = await agent.parse_message(FIRST_WORDS)
            except Exception as problem:  # noqa: BLE001  a broken model is reported, not raised
                logger.error("the model cannot parse: %s", type(problem).__name__)
                return False
            self._is_proven = bool(parsed["intent"]["name"])
        return self._is_proven


async def _readings(agent: Agent, body: Any) -> HTTPResponse:
    texts = read_texts(body)
    try:
        return response.json({"readings": [await _reading(agent, text) for text in texts]})
    except Exception as problem:  # noqa: BLE001  a traceback would hold the words
        logger.error("reading failed: %s", type(problem).__name__)
        return _refusal(500, "the reading failed")


async def _reading(agent: Agent, text: Text) -> Dict[Text, Any]:
    """The best intent and how sure it is; of words that hold nothing, that they were not understood."""
    if not text:
        return {"intent": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 0.0}
    intent = (await agent.parse_message(text))["intent"]
    return {"intent": intent["name"], "confidence": float(intent["confidence"])}


async def _take(agent: Agent, incoming: Incoming, on_new_message: Handler) -> HTTPResponse:
    replies = REPLIES[incoming.channel]()
    faults = begin_turn()
    message = UserMessage(
        text=incoming.text,
        output_channel=replies,
        sender_id=incoming.conversation,
        parse_data=incoming.parse_data if incoming.intent else None,
        input_channel=incoming.channel,
        metadata=incoming.metadata,
    )
    try:
        if incoming.is_long:
            await fold(agent.processor.tracker_store, incoming.conversation)
        await on_new_message(message)
    except Exception as problem:  # noqa: BLE001  the service apologises; a traceback helps no member
        faults.append(type(problem).__name__)
    if faults:
        logger.error("turn failed: conversation=%s faults=%s", incoming.conversation, ",".join(faults))
        return _refusal(500, "the turn failed")
    return response.json({"replies": [reply_element(each) for each in replies.messages]})


def _ready_agent(request: Request) -> Optional[Agent]:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _refusal(status: int, problem: str) -> HTTPResponse:
    return response.json({"error": problem}, status=status)
