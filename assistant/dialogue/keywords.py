"""The deterministic words: exact commands and the exact yes and no. Anything longer goes to the engine.

A yes for money is taken from these lists only, never from a reading of free words.
"""

from __future__ import annotations

import re
import unicodedata

# Carrier words (STOP, CANCEL, END, QUIT, START …) are not here on purpose: the carrier acts on them.
_INTENT_WORDS = {
    "pay_bill": "pay · pay bill · pay my bill · pagar · pago · pagar mi recibo · pagar mi factura"
    " · go on · continue · keep going · continuar · seguir",
    "check_balance": "balance · bal · my balance · saldo · mi saldo",
    "check_due_date": "due date · fecha limite · fecha de vencimiento",
    "human_agent": "agent · person · human · operator · representative · agente · persona · operador",
    "autopay_manage": "autopay · auto pay · autopago",
    "menu": "menu · options · opciones",
    "capabilities": "help · info · ayuda",
    "go_back": "back · go back · atras · volver · regresar",
    "show_more": "more · show more · show me more · next · mas · ver mas",
    "opt_out": "stop texting me · quit texting me · no more texts · alto · parar · no mas mensajes",
    "opt_in": "start · unstop · text me again",
    "call_me": "call · call me · llamar · llamame · llameme",
    "unsure": "what can i say · i dont know · i do not know · no se",
    "update_payment_method": "cards · tarjetas",
    "notification_settings": "alerts · settings · avisos · ajustes",
    "helper_access": "helper · helpers · ayudante · ayudantes",
    "account_access": "enroll · enrol · sign up · inscribir · inscribirme · pin · forgot pin · olvide mi pin",
}
_COMMAND_WORDS = {
    "repeat": "repeat · again · say again · say that again · come again · what · huh · pardon · excuse me"
    " · i did not hear · i didnt hear you · i cant hear you · repetir · repita · repitalo"
    " · otra vez · de nuevo · que · como · mande · perdon · no oi · no escuche · no le oi",
    "slower": "slower · slow down · speak slower · more slowly · too fast · mas despacio · mas lento"
    " · despacio · muy rapido · hable mas despacio",
    "faster": "faster · speak faster · too slow · normal speed · mas rapido · muy lento · velocidad normal",
    "more_time": "wait · hold on · hang on · one moment · one second · just a minute · just a second"
    " · just a moment · give me a minute · more time · i need more time · i need a minute · espere · espera"
    " · un momento · un momentito · un segundo · mas tiempo · necesito mas tiempo · deme un minuto"
    " · permitame",
    "reset": "reset · start over · empezar de nuevo · reiniciar",
    "english": "english · in english · ingles · en ingles",
    "spanish": "spanish · in spanish · espanol · en espanol · habla espanol · habla espanol?",
}
_YES_WORDS = {
    "en": "yes · y · k · yeah · yep · yes please · ok · okay · sure · correct · yes pay · pay it"
    " · yes pay it",
    "es": "si · s · si por favor · claro · correcto · de acuerdo · si pagar · si pague · pagalo",
}
# For money the list is shorter: words that are a yes and nothing else. START and a bare PAY are opt-ins
# or beginnings elsewhere; "ok" and "sure" are said while thinking.
_MONEY_YES_WORDS = (
    "yes · y · yes pay · yes please · yes pay it · pay it · si · si pagar · si por favor · si pague"
)
_NO_WORDS = "no · n · nope · nah · no thanks · no thank you · no gracias · not now · ahora no · dont · do not"
_SPOKEN_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
}  # fmt: skip

_OTHER_ACCOUNT = re.compile(
    r"\b(not (that|this) (account|one)|wrong account|(an)?other account|different account|otra cuenta"
    r"|(esa|esta) cuenta no|no (es )?(esa|esta|con esa|con esta) cuenta|cuenta equivocada)\b"
)
_ACCOUNT_QUESTION = re.compile(r"\b(balance|saldo|owe|debo|due|vence|received|llego|autopay|history|add)\b")
_LONGEST_CORRECTION = 8
_RELAY = re.compile(
    r"\b(relay (call|operator|service)|through relay|captel|captioned (call|phone)|tty"
    r"|operador(a)? de relevo|servicio de relevo|llamada de relevo)\b"
)


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces: `¿Español?` -> `espanol`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]|_", " ", letters)).strip()


def _index(words_by_name: dict[str, str]) -> dict[str, str]:
    return {plain(word): name for name, words in words_by_name.items() for word in words.split(" · ")}


def _set(words: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words.split(" · "))


INTENT_OF = _index(_INTENT_WORDS)
COMMAND_OF = _index(_COMMAND_WORDS)
_YES = _set(" · ".join(_YES_WORDS.values()))
_MONEY_YES = _set(_MONEY_YES_WORDS)
_NO = _set(_NO_WORDS)


def is_yes(text: str) -> bool:
    """An exact yes to a question that moves no money."""
    return _says(text, _YES)


def is_money_yes(text: str) -> bool:
    """An exact yes to "shall I pay this?"; stricter than `is_yes`, and without any symbol or emoji."""
    return _says(text, _MONEY_YES)


def is_no(text: str) -> bool:
    """An exact no."""
    return _says(text, _NO)


def is_other_account(text: str) -> bool:
    """`wait, not that account`, `la otra cuenta`: a correction, and no question about another account."""
    words = plain(text)
    is_short = len(words.split()) <= _LONGEST_CORRECTION
    return is_short and bool(_OTHER_ACCOUNT.search(words)) and not _ACCOUNT_QUESTION.search(words)


def is_relay_call(text: str) -> bool:
    """Whether somebody says that an operator types or speaks for the member."""
    return _RELAY.search(plain(text)) is not None


def picked_number(text: str) -> int | None:
    """`1`, `1.`, `#2`, `option 2`, `two` -> the number; anything else None."""
    words = plain(text).removeprefix("option ").removeprefix("number ").removeprefix("opcion ")
    if words in _SPOKEN_NUMBERS:
        return _SPOKEN_NUMBERS[words]
    return int(words) if re.fullmatch(r"[0-9]", words) else None


def _says(text: str, words: frozenset[str]) -> bool:
    # "Yes?" asks; a doubt is no consent.
    return "?" not in text and plain(text) in words
