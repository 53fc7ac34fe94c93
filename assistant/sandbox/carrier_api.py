"""Twilio's REST paths that the service uses: create, list and redact messages, create and list calls."""

import json
import re
import secrets
from collections.abc import Callable
from email.utils import format_datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from assistant.sandbox.carrier import Carrier, Text
from assistant.sandbox.live_call import LiveCall
from assistant.sandbox.phone_models import NetworkState

_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_BODY_LIMIT = 1600
_PAGE = 50
_RING_SECONDS = 60


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def carrier_api(carrier: Carrier) -> APIRouter:
    """The account's resources below Twilio's version path; basic auth with account SID and token."""
    router = APIRouter(prefix="/2010-04-01/Accounts/{account_id}")
    basic = HTTPBasic(auto_error=False)

    def allowed(account_id: str, login: Annotated[HTTPBasicCredentials | None, Depends(basic)]) -> None:
        is_known = (
            login is not None
            and secrets.compare_digest(login.username.encode(), carrier.account_id.encode())
            and secrets.compare_digest(login.password.encode(), carrier.auth_token.encode())
        )
        if not is_known or account_id != carrier.account_id:
            raise HTTPException(401)

    guarded = [Depends(allowed)]

    @router.post("/Messages.json", dependencies=guarded)
    def create_message(request: Request, form: Annotated[dict[str, str], Depends(_form)]) -> Response:
        return _noted(carrier, request, form, lambda: _create_message(carrier, form))

    @router.get("/Messages.json", dependencies=guarded)
    def list_messages(request: Request) -> Response:
        wanted = dict(request.query_params)
        found = [text for text in reversed(carrier.texts) if _matches(_message(carrier, text), wanted)]
        page = [_message(carrier, text) for text in found[: _page_size(wanted)]]
        return _noted(carrier, request, wanted, lambda: _page_of("messages", page, str(request.url.path)))

    @router.post("/Messages/{text_id}.json", dependencies=guarded)
    def update_message(
        text_id: str, request: Request, form: Annotated[dict[str, str], Depends(_form)]
    ) -> Response:
        return _noted(carrier, request, {**form, "sid": text_id}, lambda: _redact(carrier, text_id, form))

    @router.post("/Calls.json", dependencies=guarded)
    def create_call(request: Request, form: Annotated[dict[str, str], Depends(_form)]) -> Response:
        return _noted(carrier, request, form, lambda: _create_call(carrier, form))

    @router.get("/Calls.json", dependencies=guarded)
    def list_calls(request: Request) -> Response:
        wanted = dict(request.query_params)
        calls = [_call(carrier, call) for call in reversed(list(carrier.calls.values()))]
        page = [call for call in calls if _matches(call, wanted)][: _page_size(wanted)]
        return _noted(carrier, request, wanted, lambda: _page_of("calls", page, str(request.url.path)))

    return router


class _Refused(Exception):
    """Twilio's error answer."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message


def _noted(
    carrier: Carrier, request: Request, form: dict[str, str], act: Callable[[], tuple[int, dict[str, Any]]]
) -> Response:
    try:
        status, answer = act()
    except _Refused as refused:
        status = refused.status
        answer = {"code": refused.code, "message": refused.message, "more_info": "", "status": refused.status}
    body = json.dumps(answer)
    carrier.wire.note_api(request.method, request.url.path, form, status, body)
    return Response(body, status_code=status, media_type="application/json")


def _create_message(carrier: Carrier, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    to_phone, body = _recipient(carrier, form), form.get("Body", "")
    if not body:
        raise _Refused(400, 21602, "Message body is required.")
    if len(body) > _BODY_LIMIT:
        raise _Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if carrier.is_opted_out(to_phone):
        raise _Refused(400, 21610, "Attempt to send to unsubscribed recipient.")
    _fault_before(carrier.knobs.text_fault)
    text = carrier.add_text(to_phone, "to_phone", body)
    _fault_after(carrier.knobs)
    return 201, _message(carrier, text)


def _create_call(carrier: Carrier, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    to_phone = _recipient(carrier, form)
    if not form.get("Url"):
        raise _Refused(400, 21205, "Url parameter is required.")
    _fault_before(carrier.knobs.call_fault)
    call = carrier.ring(
        to_phone,
        form["Url"],
        fallback_url=form.get("FallbackUrl", ""),
        status_url=form.get("StatusCallback", ""),
        seconds=int(form.get("Timeout") or _RING_SECONDS),
    )
    if carrier.knobs.call_fault == "lost_answer":
        raise _Refused(500, 20500, "Internal Server Error")
    return 201, _call(carrier, call)


def _redact(carrier: Carrier, text_id: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    text = carrier.find_text(text_id)
    if text is None:
        raise _Refused(404, 20404, "The requested resource was not found")
    if form.get("Body") != "":
        raise _Refused(400, 20001, "Only an empty body may be set.")
    carrier.redact(text)
    return 200, _message(carrier, text)


def _recipient(carrier: Carrier, form: dict[str, str]) -> str:
    to_phone = form.get("To", "")
    if not _PHONE.fullmatch(to_phone):
        raise _Refused(400, 21211, "The 'To' number is not a valid phone number.")
    if form.get("From") != carrier.number:
        raise _Refused(400, 21606, "The 'From' phone number provided is not a valid number of this account.")
    return to_phone


def _fault_before(fault: str) -> None:
    if fault == "refused":
        raise _Refused(400, 21211, "The 'To' number is not a valid phone number.")
    if fault == "broken":
        raise _Refused(500, 20500, "Internal Server Error")


def _fault_after(knobs: NetworkState) -> None:
    if knobs.text_fault == "lost_answer":
        raise _Refused(500, 20500, "Internal Server Error")


def _message(carrier: Carrier, text: Text) -> dict[str, Any]:
    is_inbound = text.direction == "from_phone"
    at = format_datetime(text.at)
    return {
        "sid": text.id,
        "account_sid": carrier.account_id,
        "api_version": "2010-04-01",
        "body": text.body,
        "from": text.phone if is_inbound else carrier.number,
        "to": carrier.number if is_inbound else text.phone,
        "direction": "inbound" if is_inbound else "outbound-api",
        "status": "received" if is_inbound else "delivered",
        "date_created": at,
        "date_sent": at,
        "date_updated": at,
        "error_code": None,
        "error_message": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "messaging_service_sid": None,
        "uri": f"/2010-04-01/Accounts/{carrier.account_id}/Messages/{text.id}.json",
        "subresource_uris": {},
    }


def _call(carrier: Carrier, call: LiveCall) -> dict[str, Any]:
    at = format_datetime(call.made_at)
    status = {"ringing": "ringing", "ended": "completed"}.get(call.state, "in-progress")
    return {
        "sid": call.id,
        "account_sid": carrier.account_id,
        "api_version": "2010-04-01",
        "from": call.call.route.from_phone,
        "to": call.call.route.to_phone,
        "direction": call.call.route.direction,
        "status": status,
        "date_created": at,
        "date_updated": at,
        "start_time": at,
        "uri": f"/2010-04-01/Accounts/{carrier.account_id}/Calls/{call.id}.json",
        "subresource_uris": {},
    }


def _matches(resource: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(resource[name.lower()] == wanted[name] for name in ("To", "From") if name in wanted)


def _page_size(wanted: dict[str, str]) -> int:
    return int(wanted.get("PageSize") or _PAGE)


def _page_of(name: str, resources: list[dict[str, Any]], path: str) -> tuple[int, dict[str, Any]]:
    return 200, {
        name: resources,
        "page": 0,
        "page_size": len(resources),
        "first_page_uri": path,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": path,
        "start": 0,
        "end": max(len(resources) - 1, 0),
    }
