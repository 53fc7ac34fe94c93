"""Which of a phone's own accounts words name, and whether to pay them or to hear what they owe.

Pure, and read by rule: a nickname such as "store" or "office" is a place to a reader of intents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.dialogue.keywords import plain
from assistant.identity.service import AccountChoice

Wish = Literal["pay", "owe", ""]

# "All accounts", in the plural: "pay it all on my account" means one of them.
_ALL = re.compile(
    r"\b(all|both)( of)?( my| our| the| these| two| three| four| five)* (accounts|bills)\b"
    r"|\b(every|each) account\b|\b(all|both) of (them|these)\b"
    r"|\b(todas|ambas)( mis| nuestras| las| dos| tres| cuatro| cinco)* (cuentas|facturas)\b|\bcada cuenta\b"
    r"|\b(mis|las|nuestras) (dos|tres|cuatro|cinco) cuentas\b"
)
_ALL_ALONE = re.compile(
    r"^(all|both|todas|ambas|las dos|las tres|las cuatro|las cinco|todas ellas|(all|both) of (them|these))$"
)
_IN_TOTAL = re.compile(r"\b(in total|in all|altogether|all together|en total)\b")
_PAYS = re.compile(r"\b(pay|paying|settle|pagar|paga|pague|pago|abonar|abono)\b")
_OWES = re.compile(
    r"\b(how much|owe|owes|owed|balance|what (is|s) due|what (do|does)"
    r"|cuanto|debo|debe|debemos|deben|saldo)\b"
)
_EXCEPTS = re.compile(r"\b(except|but|not|without|minus|excepto|menos|pero|no|sin|salvo)\b")
_REFUSES = re.compile(r"\b(not|dont|don t|never|no|nunca)\b")
_AND = frozenset(("and", "y", "e", "plus"))
_THE = frozenset(("the", "my", "our", "la", "el", "los", "las", "mi", "mis"))
# Said beside a name and the verb; anything else may change what is meant, and goes to the engine.
_BESIDE_WORDS = """
    i we id d ll want to wanna would like need can could you please pls lets let us s me now today also
    then first next both for on of instead bill bills account accounts ok yes thanks pay paying settle
    actually thank quiero quisiera puedo puede por favor ahora hoy tambien luego primero de del mejor
    ambas nuestra factura facturas recibo cuenta cuentas gracias si pagar paga pague pago abonar abono
"""
_BESIDE_OWING_WORDS = """
    how much what whats is are do does owe owes owed balance due in total all altogether together right
    amount tell cuanto cuanta que cual es debo debe debemos deben saldo todo todas tengo hay en
"""
_BESIDE = _AND | _THE | frozenset(_BESIDE_WORDS.split())
_BESIDE_OWES = _BESIDE | frozenset(_BESIDE_OWING_WORDS.split())
_AMOUNT = re.compile(
    r"\d+|dollars?|bucks|cents|full|everything|all|it|minimum|least|dolares|todo|completo|minimo"
)
# What is paid and is no account's name.
_BILL_WORDS = """
    it that this them these those everything all half full some what more less rest total amount minimum
    least past due overdue late bill bills balance account accounts electric electricity power light
    lights energy utility fee fees debt dues deposit arrears arrangement plan invoice statement payment
    installment part card visa mastercard autopay luz minimo saldo deuda resto vencido electricidad
    energia corriente cantidad mitad todo eso esto parte plazo cuota cargo cargos atraso tarjeta factura
    facturas recibo recibos cuenta cuentas dia vez semana mes tarde manana primero lunes martes miercoles
    jueves viernes sabado domingo week month day acct accts thing whole utilities domingos
"""
_BILLS = frozenset(_BILL_WORDS.split())
_COMMA = re.compile(r",(?!\d)")
_SHORTEST_PART = 4
_LONGEST_UNKNOWN = 2


@dataclass(frozen=True)
class Named:
    """Accounts in the order of the words; none when it is not clear which are meant.

    `is_whole` when nothing but the wish, the names and perhaps an amount is said; `has_amount` tells which.
    """

    account_ids: tuple[int, ...]
    wish: Wish
    is_whole: bool
    has_amount: bool = False


def named_in(text: str, accounts: list[AccountChoice], *, were_listed: bool) -> Named | None:
    """What words say of these accounts; None when they name none of them."""
    words = plain(_COMMA.sub(" and ", text)).replace("in full", "full").replace("en vez", "mejor")
    marked, ids = _marked(words, accounts)
    pays, owes = _PAYS.search(marked), _OWES.search(marked)
    first = min((found for found in (pays, owes) if found), key=lambda found: found.start(), default=None)
    if first is None:
        is_answer = were_listed and len(ids) > 1 and _is_within(marked.split(), _BESIDE)
        return Named(ids, "", is_whole=True) if is_answer else None
    if _REFUSES.search(marked, 0, first.start()):
        return None
    if first is owes:
        return _owed(marked, ids, accounts, first.end())
    return _paid(marked, ids, accounts, first.end())


def without_names(text: str, accounts: Iterable[AccountChoice], mine: str) -> str:
    """The same words with `mine` ("my account") where an account is named."""
    for account in accounts:
        if account.nickname:
            name = rf"\b(?:(?:the|my|our|la|el|mi)\s+)?{re.escape(account.nickname)}(?!\w)"
            text = re.sub(name, mine, text, flags=re.IGNORECASE)
    return text


def _marked(words: str, accounts: list[AccountChoice]) -> tuple[str, tuple[int, ...]]:
    """`pay @2 and @1`, and the accounts that are named; "all" is `@all`."""
    for name, account_id in _names_of(accounts):
        words = re.sub(rf"\b{re.escape(name)}\b", f"@{account_id}", words)
    if _ALL_ALONE.search(words):
        return "@all", tuple(each.account_id for each in accounts)
    words = _ALL.sub("@all", words)
    if "@all" in words.split():
        return words, tuple(each.account_id for each in accounts)
    return words, tuple(dict.fromkeys(int(each) for each in re.findall(r"@(\d+)", words)))


def _names_of(accounts: list[AccountChoice]) -> list[tuple[str, int]]:
    """The names to look for, the longest first. What two accounts are called names neither of them."""
    count = Counter(plain(each.nickname) for each in accounts)
    names = [(plain(each.nickname), each.account_id) for each in accounts]
    return sorted(
        ((name, account_id) for name, account_id in names if count[name] == 1 and _can_be_told(name)),
        key=lambda each: -len(each[0]),
    )


def _can_be_told(name: str) -> bool:
    """Whether a name has a letter, and is more than words that are said beside names."""
    return any(letter.isalpha() for letter in name) and not set(name.split()) <= _BESIDE_OWES


def _owed(marked: str, ids: tuple[int, ...], accounts: list[AccountChoice], start: int) -> Named | None:
    if not ids and _IN_TOTAL.search(marked):
        ids = tuple(each.account_id for each in accounts)
        return Named(ids, "owe", is_whole=True) if _is_within(marked.split(), _BESIDE_OWES) else None
    if not ids:
        return None
    is_whole = _is_within(marked.split(), _BESIDE_OWES)
    return Named(ids, "owe", is_whole) if is_whole or _follows(marked, start, _BESIDE_OWES) else None


def _paid(marked: str, ids: tuple[int, ...], accounts: list[AccountChoice], start: int) -> Named | None:
    if ids and _EXCEPTS.search(marked, start):
        return Named((), "pay", is_whole=True)
    left = [word for word in marked.split() if word not in _BESIDE and not word.startswith("@")]
    has_amount = bool(left) and all(_AMOUNT.fullmatch(word) for word in left)
    if ids and (not left or has_amount):
        return Named(ids, "pay", is_whole=True, has_amount=has_amount)
    if _names_unknown(marked[start:], accounts):
        return Named((), "pay", is_whole=bool(ids))
    return Named(ids, "pay", is_whole=False) if ids and _follows(marked, start, _BESIDE) else None


def _is_within(words: list[str], beside: frozenset[str]) -> bool:
    return all(word in beside or word.startswith("@") for word in words)


def _follows(marked: str, start: int, beside: frozenset[str]) -> bool:
    """Whether a name is what the verb is about: "pay at the store" names a place."""
    before, name, _ = marked[start:].partition("@")
    between = before.split()
    return bool(name) and all(word in beside or _AMOUNT.fullmatch(word) for word in between)


def _names_unknown(rest: str, accounts: list[AccountChoice]) -> bool:
    """Whether behind the verb stands what can only be an account's name, and is none's: `the house`."""
    parts = [part.split() for part in re.split(rf"\b(?:{'|'.join(_AND)})\b", rest)]
    is_named = [any(word.startswith("@") for word in part) for part in parts]
    unknown = [part for part, has_name in zip(parts, is_named, strict=True) if not has_name]
    begins_so = is_named[0] or (bool(parts[0]) and (parts[0][0] in _THE or _is_part(parts[0], accounts)))
    return bool(unknown) and begins_so and all(_may_be_name(part) for part in unknown)


def _may_be_name(words: list[str]) -> bool:
    left = [word for word in words if word not in _BESIDE]
    is_bill = bool(set(words) & _BILLS) or any(_AMOUNT.fullmatch(word) for word in words)
    return 0 < len(left) <= _LONGEST_UNKNOWN and not is_bill


def _is_part(words: list[str], accounts: list[AccountChoice]) -> bool:
    """Whether words are a part of an account's name: `barn` of `feed barn`."""
    of_names = {part for each in accounts for part in plain(each.nickname).split()}
    return all(len(word) >= _SHORTEST_PART and word in of_names for word in words)
