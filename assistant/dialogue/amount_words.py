"""The words around an amount of money in English and Spanish: what marks, asks for and spoils it.

Accents are left out, as in `Token.text`.
"""

from __future__ import annotations

import re

from assistant.dialogue.tokens import phrases


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


DOLLAR_WORD = re.compile(r"d[oa]l+[aeo]re?s?|bucks?|usd|dl+r?s|dls")
CENT_WORD = re.compile(r"cents?|centavos?|centabos?|pennies|penny")
PESO_WORDS = _words(
    "peso pesos",
)
OTHER_MONEY = _words(
    "euro euros pound pounds quid gbp eur cad aud yen mxn quetzales lempiras colones £ € ¥ ₱ ¢",
)
POINT_WORDS = _words(
    "point punto dot coma",
)
CENTS_JOINTS = _words(
    "and con y with &",
)

# Around the amount in an answer that is about nothing else.
POLITE = _words(
    "a about actually ahead amount an and are balance be bill bueno can could dear do electric",
    "electricity even evenly exactly fine flat for go going good gonna got great guess have hello hey hi",
    "hmm hm howdy i id ill im in is it its ive just kindly know lets lights like light make making maam",
    "mam maybe me mine money my need now ok okay on only ooh pay paying payment please pls plz power put",
    "right say see send sir so sounds sure take thank thanks that thatll thats think this today to toward",
    "towards total u uh uhh uhm um umm use utility want wanna we well will with would yah ya yea yeah yep",
    "yes you your abonar abone abono al amable ahora ahorita aqui asi bien buenas buenos cantidad claro",
    "como creo cuenta dar de deme deseo dinero doy ese eso este esta estaria favor gracias gustaria",
    "hola hoy hacer haga hago la las le los luz manda mandar mande me mejor mi monto nada nomas pa pague",
    "pago pagar pagare pagarle pagarles paga para pero pon pongale poner ponga ponle por porfa porfavor",
    "pues puede puedo que quiero quisiera recibo factura saldo sea seria sean si serian son solamente",
    "solo tengo un una unos va vamos voy y ya",
)
# A number after one of these (with small words between) is an amount to pay.
CUES = _words(
    "pay pays paying payment put make makes making send sending do doing charge transfer transferring",
    "tranfer apply take give giving have afford amount move use pagar pago pague paga pagarle pagarles",
    "pagare pagando abonar abono abone poner pongo ponga pon ponle pongale mandar mande manda dar doy",
    "cobre cobrar cobreme enviar envie hacer haga hago sean sea monto cantidad transferir deme tengo",
    "depositar",
)
PAY_WORDS = _words(
    "pay pays paying payment put clear settle cover send make do pagar pago pague paga pagarle pagarles",
    "pagare pagando abonar liquidar cubrir saldar cobre cobreme poner pon ponga",
)
BETWEEN_CUE_AND_AMOUNT = _words(
    "a about actually amount an another around be bill can card electric exactly i it its is just like",
    "light maybe me my of only on please power that the them there to toward towards you your account for",
    "in out : = a al como cuenta de el en es este la las le les los luz mi nada nomas para por que recibo",
    "factura seria son solamente solo tarjeta total un una unos unas ya",
)
# A bare number in free text is an amount only when one of these, a sign or nothing follows.
FOLLOWERS = _words(
    "on to toward towards for from now today tonight tomorrow tmrw tmr later next first this with using via",
    "through and then can could will would you we",
    "instead please pls thanks thank only by off of at into in so if because but not no even flat just my",
    "the it or monday tuesday wednesday thursday friday saturday sunday until till right as when actually",
    "maybe out sorry wait yes ok okay transfer i a al ahora ahorita con de del desde e el en gracias",
    "hasta hoy la lunes martes miercoles jueves viernes sabado domingo manana mi nada no o para pero",
    "perdon por porfa porque si solamente solo sino y digo mejor",
)
# After one of these even four bare digits are no PIN.
AMOUNT_NAMED = phrases(
    "amount, amount of, amount is, the amount of, amount to, amount would be, amount should be, amount :",
    "monto, monto de, monto es, monto es de, cantidad, cantidad de, cantidad es, cantidad es de",
)
FOUR_DIGIT_FOLLOWERS = _words(
    "on to toward towards for a para from into instead",
)

# The same number with these right before or after it is no amount that could be paid.
BOUNDS_BEFORE = phrases(
    "part of, most of, some of, parte de, more than, less than, over, under",
    "up to, at least, at most, almost, nearly, above, below, max",
    "maximum, between, by, add, adding, plus, minus, negative, extra, no more than, not more than",
    "couple, few, several, dozen, higher than, lower than, greater than, half of, other than, except",
    "except for, increase, increase it, raise it, lower it, mas, menos, mas de, menos de, hasta",
    "al menos, por lo menos, casi, entre, como mucho, como maximo, maximo, excepto, salvo, la mitad de",
    "agregar, agregue, agregale, sumale, aumentar, otros, otro, minimo, medio",
)
BOUNDS_AFTER = phrases(
    "%, percent, per cent, por ciento, porciento, more, less, extra, or more, or less, or so",
    "or under, or older, or younger, or over, ish, each, apiece, per, a month",
    "a week, a day, a year, off, grand, k, times, plus, minus",
    "and a half, and half, mas, menos, o mas, o menos, y pico, y medio, y media, cada, al mes, por mes",
    "a la semana, por semana, mensual, mensuales, semanales, a piece, cada uno, cada mes, every",
    "monthly, weekly",
)
# Anywhere in the text, they make every amount unsure: how often, how many times, a share of something.
SPOILERS = _words(
    "someone somebody fraud stole stolen debited withdrew withdrawn suspicious unauthorized",
    "illegally hacked alguien robaron fraude twice thrice each apiece split percent monthly weekly",
    "biweekly daily installments instalments",
    "quarterly per every cada mensual mensuales semanal semanales cuotas porciento porcentaje",
)
# "2" and "4" before one of these are the words "to" and "for" of a hurried thumb.
AFTER_TEXT_SPEAK = _words(
    "pay make know do get be see send put use have transfer speak talk my the your our this that a an it",
    "me u you him",
    "her us them all",
)
COUNTED_PAYMENTS = _words(
    "payments pagos abonos times veces installments instalments plazos parts partes",
)

# Told, not asked for: what was paid, charged, owed, or a fee.
REPORTED_BEFORE = phrases(
    "went up, go up, goes up, went up by, subio, subieron",
    "paid, charged, transfers of, payments of, transactions of, charged me, owe, owed, owes, sent",
    "spent, was, were, billed, billed me, cost, costs",
    "bill is, bill of, balance is, balance of, due is, received, says i owe, says, said i owe, refunded",
    "took, took out, withdrew, bill for, overcharged, overcharged me, charges, charging me, charging",
    "refund of, refund me, refund, withdrawn, credit of, fee of, fee is, fee, fees of, penalty of",
    "discount of, deposit of, deposit is, bill says, bill shows, dispute, limit, limit to, limit is",
    "cobraron, me cobraron, cobro, debo, debia, debia de, deben, gaste, costo, cuesta, era, eran, fue",
    "fueron, recibo es de, recibo de, factura de, factura es de, saldo de, saldo es de, saldo es",
    "cargo de, multa de, recargo de, descuento de, deposito de, llego de, llego por, ya pague",
    "ya le pague, ya di, ya mande, hice un pago de, made a payment of, made payment of, made a, spend",
    "did i spend, did i pay",
)
REPORTED_AFTER = phrases(
    "fee, fees, late fee, late fees, charge, charges, penalty, discount, deposit, credit, refund",
    "rebate, bill, surcharge, reconnect fee, reconnection fee, convenience fee, service fee",
    "service charge, was charged, has been charged, limit, late charge, back, de recargo, de multa",
    "de cargo, de deposito, de descuento, de credito, de reembolso, was paid",
)

# Whatever stands after them is not wanted.
NEGATORS = phrases(
    "not, dont, doesnt, didnt, cant, cannot, couldnt, wont, wouldnt, never, isnt, wasnt, instead of",
    "rather than, without, en vez de, en lugar de, nunca, tampoco, sin, except, but not, all but",
    "besides",
)
SPANISH_VERBS_AFTER_NO = _words(
    "quiero puedo voy pague pagues pagare tengo me lo le se es son era eran fue alcanza alcanzo cobre",
    "cobren deseo podria ponga pongas haga hagas pagar todo la el los mas",
)
CLAUSE_BREAKS = _words(
    ". , ; ! ? : … - but just only maybe pero sino solo solamente nomas so",
)
# Between two amounts they say that the second one counts.
CORRECTIONS = phrases(
    "wait, sorry, actually, i mean, i meant, make it, make that, change it to, change that to",
    "scratch that, or rather, rather, correction, instead, better, lets do, lets make it, id rather",
    "or actually, nope, oops, my mistake, perdon, digo, mejor, espera, espere, quiero decir",
    "quise decir, mejor dicho, corrijo, que sean, cambialo a, sino, disculpe, disculpa, me equivoque",
    "cambielo a, i want, i said, hold on, no no",
)
CHANGE_WORDS = _words(
    "change changing move moving raise lower switch drop cambiar cambie cambia subir bajar sube baja",
)

# Numbers with these before them are names of things, not money.
NAMED_NUMBERS = _words(
    "card visa mastercard amex discover ending ends account acct confirmation pin code zip zipcode ext",
    "extension number numbers # apt apartment unit box option press route suite room phone last digits",
    "first meter street invoice tarjeta terminada termina terminacion cuenta numero codigo postal clave",
    "ultimos ultimas opcion oprima marque nip telefono medidor confirmacion apartamento factura acct# no.",
)
BETWEEN_NAME_AND_NUMBER = _words(
    "the is in with on : # - number no es en con de del la el four 4 cuatro digits my mi that s",
)
DAY_BEFORE = _words(
    "the el dia del on by since before after until till at around from @ las la antes desde day",
)
TIME_AFTER = _words(
    "am pm a.m p.m oclock st nd rd th ro do ero er º ª hrs h",
)

FULL = phrases(
    "all of it, the whole thing, whole thing, the whole amount, whole amount, the whole bill",
    "whole bill, my whole bill, the whole balance, whole balance, in full, full amount, the full amount",
    "full balance, the full balance, full bill, the full bill, my full bill, my full balance",
    "full payment, entire bill, entire balance, entire amount, entire thing, the entire bill",
    "the entire balance, the entire amount, everything i owe, everything that i owe, all i owe",
    "all that i owe, what i owe, total amount, the total amount, total balance, the total balance",
    "the total due, total due, amount due, the amount due, the total bill, total bill, my entire bill",
    "my total, my total bill, what im owing, whole lot, the whole lot, what is due, whats due",
    "what i owe you, what we owe, all we owe, everything we owe, all thats due, todo lo que debo",
    "lo que debo, todo lo que se debe, la cuenta completa, cuenta completa, el saldo completo",
    "saldo completo, el saldo total, saldo total, todo el saldo, el total, la totalidad, el monto total",
    "monto total, el monto completo, monto completo, la cantidad total, la cantidad completa",
    "el recibo completo, recibo completo, la factura completa, factura completa, todo el recibo",
    "toda la factura, toda la cuenta, todo mi saldo, lo que se debe, todo el monto, por completo",
    "el pago completo, pago completo, el pago total, todo lo pendiente, lo que debemos",
    "todo lo que debemos, mi saldo completo, mi recibo completo, el adeudo total, todo completo",
)
# Words that may stand around "all" or "todo" when it is an answer: "that is all, thanks" is none.
AROUND_FULL_ALONE = _words(
    "please pls thanks thank you yes yeah yep ok okay sure just pay paying put make do it id like to i",
    "want wanna can",
    "will ill lets go ahead and uh um the now today then could",
    "si por favor gracias pagar pago pague pagarlo quiero quisiera lo la me gustaria voy a pues bueno",
    "ahora hoy",
)
FULL_ALONE = phrases(
    "all, full, everything, total, the total, it all, all of that, the lot, entire, the full",
    "in its entirety, whole",
    "the whole, completely, todo, todo todo, completo, entero, el completo, toda, completa, todito",
)
PAST_DUE = phrases(
    "full past due, the full past due, full past due amount, the full past due amount",
    "past due, the past due, past due amount, the past due amount, past due balance",
    "the past due balance, the past due part, overdue",
    "overdue amount, the overdue amount, overdue balance, whats past due",
    "what is past due, whats late, what is late, whats overdue, what is overdue, pass due, past do",
    "the late part, past due part, overdue part, arrears, pastdue, lo vencido, lo atrasado",
    "saldo vencido, el saldo vencido, monto vencido, el monto vencido, lo que esta vencido",
    "lo que esta atrasado, saldo atrasado, el saldo atrasado, monto atrasado, el monto atrasado",
    "el atraso, vencido, la parte vencida, cantidad vencida, la cantidad vencida, deuda vencida",
    "la deuda vencida, atrasado, lo que debo atrasado",
)
HALF = phrases(
    "half, half of it, half of that, one half, a half, half now, la mitad, mitad, half the bill",
    "half my bill, half the amount, half of what i owe, half of my bill, half of the bill",
    "half of the balance, half the balance, half of the total, half of the amount, half of my balance",
    "la mitad del saldo, la mitad de lo que debo, la mitad del total, la mitad de la cuenta",
    "la mitad del recibo, la mitad de la factura, half of the full amount, half of the full balance",
    "half of the whole thing, half of what is due, half of whats due, la mitad de todo",
)
MINIMUM = phrases(
    "minimum, the minimum, minimum amount, the minimum amount, minimum payment, the minimum payment",
    "the min, min, the least i can pay, the least i can, the least i must pay, the least i have to pay",
    "smallest amount, the bare minimum, bare minimum, the smallest amount, minimum due, the minimum due",
    "least amount, the least amount, minimo, el minimo, lo minimo, pago minimo, el pago minimo",
    "monto minimo, el monto minimo, cantidad minima, la cantidad minima, lo menos posible",
    "lo menos que pueda",
)
LINKS_NAMED_TO_EXACT = _words(
    "of is : = , the de es on toward towards from my off for a para del al - to",
)
ASKING = phrases(
    "how much, what is, whats, what was, what does, what do, what would, why, when is, when was",
    "how many, is there, do i have, do i owe, did i, did you, did my, has my, cuanto, cuanta",
    "cual, cuales, por que, que es, cuando, hay, tell me, know, know my, inform me, show me, look up",
    "lookup, find out, what happens, what if, hw much",
)
