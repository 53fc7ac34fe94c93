// The handset: the thread of one phone, kept up to date, and the message being written.
import { byId, element, followEnd, isAtEnd } from "./dom.js";
import { clearTrouble, network, pause, showTrouble } from "./network.js";

const WAIT_SECONDS = 15;
const TRIES = {
  en: ["pay my bill", "what do I owe?", "was my payment received?", "will I be cut off?", "agent"],
  es: ["pagar mi recibo", "¿cuánto debo?", "¿recibieron mi pago?", "¿me van a cortar la luz?", "agente"],
};
const clockTime = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const MINUTES_BETWEEN_STAMPS = 20;

export class Texts {
  // `onCall(callId)` is told of a call that rings or runs; `onChange()` after each exchange.
  constructor({ onCall, onChange }) {
    this.onCall = onCall;
    this.onChange = onChange;
    this.texts = new Map();
    this.following = new AbortController();
    this.pending = [];
    this.sends = Promise.resolve();
    this.log = byId("thread");
    this.composer = byId("composer");
    byId("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(this.composer.value);
    });
    this.composer.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send(this.composer.value);
    });
  }

  show(phone, person) {
    this.following.abort();
    this.following = new AbortController();
    this.phone = phone;
    this.texts.clear();
    this.drawTries(person);
    this.draw();
    this.follow(phone, this.following.signal);
  }

  // Texts leave one after the other, as from a real phone, so that they arrive as they were written.
  send(words) {
    const body = words.trim();
    if (!body) return;
    const pending = { phone: this.phone, body };
    this.composer.value = "";
    this.composer.focus();
    this.pending.push(pending);
    this.draw(true);
    this.sends = this.sends.then(() => this.deliver(pending));
  }

  async deliver(pending) {
    const { phone, body } = pending;
    try {
      const { sent, answers } = await network.sendText(phone, body);
      this.pending = this.pending.filter((one) => one !== pending);
      if (phone === this.phone) this.take([sent, ...answers]);
      clearTrouble();
    } catch (error) {
      showTrouble(error);
      this.pending = this.pending.filter((one) => one !== pending);
      if (phone === this.phone && !this.composer.value) this.composer.value = body;
      this.draw();
    }
    this.onChange();
    // The co-op wipes PINs and card numbers at the carrier a moment later: show that too.
    setTimeout(() => this.refresh(phone).catch(() => {}), 2000);
  }

  async refresh(phone) {
    if (phone !== this.phone) return;
    const thread = await network.thread(phone, 0, 0);
    if (phone === this.phone) this.takeThread(thread);
  }

  async follow(phone, signal) {
    while (!signal.aborted) {
      try {
        const last = Math.max(0, ...this.texts.keys());
        const thread = await network.thread(phone, last, last ? WAIT_SECONDS : 1, signal);
        if (signal.aborted) return;
        this.takeThread(thread);
        clearTrouble();
        await pause(250);
      } catch (error) {
        if (signal.aborted) return;
        showTrouble(error);
        await pause(2000);
      }
    }
  }

  takeThread(thread) {
    byId("stopped").hidden = !thread.is_opted_out;
    if (thread.call_id) this.onCall(thread.call_id);
    if (thread.texts.length) this.take(thread.texts);
  }

  take(texts) {
    const count = this.texts.size;
    for (const text of texts) this.texts.set(text.number, text);
    this.draw();
    if (this.texts.size > count) this.onChange();
  }

  draw(hasJustSent = false) {
    const wasAtEnd = isAtEnd(this.log) || hasJustSent;
    const texts = [...this.texts.values()].sort((one, other) => one.number - other.number);
    // Only what changed is touched, so that a screen reader hears new texts and nothing twice.
    const wanted = this.rows(texts);
    const now = [...this.log.children];
    wanted.forEach((row, place) => {
      if (now[place]?.dataset.as === row.dataset.as) return;
      if (now[place]) now[place].replaceWith(row);
      else this.log.append(row);
    });
    now.slice(wanted.length).forEach((row) => row.remove());
    followEnd(this.log, wasAtEnd);
  }

  rows(texts) {
    const rows = [];
    let last = 0;
    for (const text of texts) {
      const at = new Date(text.at);
      if (at - last > MINUTES_BETWEEN_STAMPS * 60_000) rows.push(stamp(at));
      last = at;
      rows.push(bubble(text));
    }
    const mine = this.pending.filter((one) => one.phone === this.phone);
    rows.push(...mine.map((one) => sendingBubble(one.body)));
    if (mine.length) rows.push(typing());
    if (!rows.length) rows.push(empty());
    return rows;
  }

  drawTries(person) {
    const language = person?.language === "es" ? "es" : "en";
    const words = [...TRIES[language]];
    if (person?.pin) words.splice(1, 0, person.pin);
    byId("tries").replaceChildren(
      ...words.map((word) =>
        element("button", {
          type: "button",
          textContent: word === person?.pin ? `PIN ${word}` : word,
          lang: language,
          onclick: () => this.send(word),
        }),
      ),
    );
  }
}

function row(properties, as, ...children) {
  const made = element("div", properties, ...children);
  made.dataset.as = as;
  return made;
}

function bubble(text) {
  const isWiped = text.is_redacted || !text.body;
  const words = isWiped ? "wiped at the carrier" : text.body;
  const who = text.direction === "from_phone" ? "You: " : "Co-op: ";
  return row(
    { class: `bubble ${text.direction}${isWiped ? " is-wiped" : ""}` },
    `${text.number}:${isWiped}`,
    element("span", { class: "sr-only", textContent: who }),
    words,
  );
}

const stamp = (at) => row({ class: "stamp", textContent: clockTime.format(at) }, `stamp:${+at}`);
const sendingBubble = (words) =>
  row({ class: "bubble from_phone is-sending", textContent: words }, `sending:${words}`);
const typing = () =>
  row(
    { class: "typing" },
    "typing",
    element("span", { class: "sr-only", textContent: "The co-op is answering" }),
    element("i"),
    element("i"),
    element("i"),
  );
const empty = () =>
  row(
    { class: "empty", textContent: "No texts yet. Say it in your own words, or pick one below." },
    "empty",
  );
