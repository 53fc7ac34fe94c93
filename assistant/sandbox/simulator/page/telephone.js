// The telephone: one call at a time, its captions, and what the member does on the line.
import { CardHelp } from "./cards.js";
import { DialPad } from "./dialpad.js";
import { byId, element, followEnd, isAtEnd } from "./dom.js";
import { clearTrouble, network, pause, showTrouble } from "./network.js";
import { ear, sounds, voice } from "./sounds.js";

const WAIT_SECONDS = 15;
// Keys that end neither by count nor by pound are handed over by a pause, as on a real line.
const PAUSE_MILLISECONDS = 5000;
const OF_MEMBER = { keyed: "You keyed", spoke: "You said", silence: "You said nothing", hung_up: "You hung up" };
const OF_CARD_FIELD = {
  "payment-card-number": "the card number",
  "expiration-date": "the expiry date, four digits",
  "security-code": "the security code",
  "postal-code": "the card’s ZIP code",
};

export class Telephone {
  // `onRinging(isRinging)` when the co-op calls; `onChange()` after each exchange.
  constructor({ onRinging, onChange }) {
    this.onRinging = onRinging;
    this.onChange = onChange;
    this.call = null;
    this.typed = "";
    this.inputs = Promise.resolve();
    this.captions = byId("captions");
    this.pad = new DialPad((key) => this.key(key));
    this.cards = new CardHelp((input) => this.input(input));
    byId("call-button").onclick = () => this.dial();
    byId("hang-up").onclick = () => this.hangUp();
    byId("silence").onclick = () => this.input({ silence: true });
    byId("answer").onclick = () => this.take(() => network.answer(this.call.id), true);
    byId("decline").onclick = () => this.take(() => network.decline(this.call.id));
    byId("speech-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.say(byId("speech").value);
    });
    this.setUpMicrophone();
    this.draw();
  }

  show(phone, person) {
    if (this.isOnLine()) network.hangUp(this.call.id).catch(() => {});
    this.phone = phone;
    this.person = person;
    this.forget();
    this.draw();
  }

  isOnLine() {
    return this.call !== null && this.call.state !== "ended";
  }

  forget() {
    this.call = null;
    this.typed = "";
    this.lines = [];
    this.inputs = Promise.resolve();
    voice.hush();
    this.captions.replaceChildren(
      element("p", { class: "empty", textContent: "Call the co-op and use the keys only, or speak. What the line says is written here." }),
    );
  }

  // A call that rings or runs on this phone, found by the handset.
  async attach(callId) {
    if (this.call?.id === callId || this.isOnLine() || this.isDialing) return;
    this.forget();
    await this.take(() => network.call(callId, 0, 0));
  }

  async dial() {
    this.forget();
    this.isDialing = true;
    byId("call-state").textContent = "Calling…";
    this.pad.focus();
    await this.take(() => network.dial(this.phone), true);
    this.isDialing = false;
  }

  async hangUp() {
    voice.hush();
    await this.take(() => network.hangUp(this.call.id));
    byId("call-button").focus();
  }

  key(key) {
    voice.hush();
    this.typed += key;
    this.drawKeyed();
    this.input({ keys: key });
    this.waitForPause();
  }

  say(words, confidence = null) {
    const speech = words.trim();
    if (!speech) return;
    byId("speech").value = "";
    voice.hush();
    this.input({ speech, ...(confidence === null ? {} : { confidence }) });
  }

  // Begins the pause anew after every key; what is keyed so far goes to the line when it is over.
  waitForPause() {
    clearTimeout(this.pauseTimer);
    const call = this.call;
    this.pauseTimer = setTimeout(() => {
      if (this.call?.id === call?.id && this.call.listening?.keyed > 0) this.input({ silence: true });
    }, PAUSE_MILLISECONDS);
  }

  // Inputs go out one after the other, in the order in which they were made. A key pressed while the
  // network is still speaking waits until it listens.
  input(input) {
    this.inputs = this.inputs.then(async () => {
      await this.untilNotBusy();
      if (this.isOnLine()) await this.take(() => network.input(this.call.id, input));
    });
    return this.inputs;
  }

  async take(request, focusPad = false) {
    try {
      this.update(await request());
      clearTrouble();
    } catch (error) {
      showTrouble(error);
      if (error.status === 404 && this.call) this.update({ ...this.call, state: "ended", lines: [], listening: null, ended_because: "the line is gone" });
    }
    this.draw();
    if (focusPad && this.isOnLine()) this.pad.focus();
    this.onChange();
    if (this.call?.state === "busy") await this.untilNotBusy();
    if (this.call?.state === "ringing") this.watchRinging(this.call.id);
  }

  async untilNotBusy() {
    while (this.call?.state === "busy") {
      const call = this.call;
      try {
        const view = await network.call(call.id, this.lastNumber(), WAIT_SECONDS);
        if (this.call !== call) continue;
        this.update(view);
      } catch (error) {
        showTrouble(error);
        await pause(1500);
      }
      this.draw();
    }
    this.onChange();
  }

  async watchRinging(id) {
    while (this.call?.id === id && this.call.state === "ringing") {
      sounds.ring();
      await pause(2500);
      const view = await network.call(id, this.lastNumber(), 0).catch(() => null);
      if (!view || this.call?.id !== id || this.call.state !== "ringing") return;
      this.update(view);
      this.draw();
    }
  }

  lastNumber() {
    return this.lines.length ? this.lines[this.lines.length - 1].number : 0;
  }

  update(view) {
    const isNewPrompt = view.listening?.keyed === 0 || view.state !== this.call?.state;
    if (isNewPrompt && (view.listening?.keyed ?? 0) === 0) this.typed = "";
    const last = this.call?.id === view.id ? this.lastNumber() : 0;
    this.call = view;
    for (const line of view.lines.filter((one) => one.number > last)) this.addLine(line);
  }

  addLine(line) {
    const before = this.lines[this.lines.length - 1];
    this.lines.push(line);
    const wasAtEnd = isAtEnd(this.captions);
    // Keys pressed one after the other are one thing that the member did.
    if (line.kind === "keyed" && before?.kind === "keyed" && line.text) {
      this.captions.lastElementChild.append(line.text);
      return;
    }
    this.captions.querySelector(".empty")?.remove();
    this.captions.querySelectorAll(".is-newest").forEach((one) => one.classList.remove("is-newest"));
    this.captions.append(caption(line, before));
    followEnd(this.captions, wasAtEnd);
    if (line.kind === "said") voice.say(line.text, line.language);
  }

  draw() {
    const state = this.call?.state ?? "none";
    const isOnLine = this.isOnLine();
    const isRinging = state === "ringing";
    const hears = this.call?.listening;
    byId("call-state").textContent = this.stateWords(state);
    byId("call-state").classList.toggle("is-live", isOnLine);
    if (!isRinging && byId("incoming").contains(document.activeElement)) this.pad.focus();
    byId("incoming").hidden = !isRinging;
    this.onRinging(isRinging);
    byId("call-button").disabled = isOnLine;
    byId("hang-up").disabled = !isOnLine || isRinging;
    byId("silence").disabled = state !== "listening" && state !== "card";
    const canSpeak = state === "listening" && hears.hears_speech;
    for (const id of ["speech", "say", "mic"]) byId(id).disabled = !canSpeak;
    byId("speech").placeholder = canSpeak ? "Say something" : isOnLine ? "Keys only now" : "Say something";
    this.pad.setLive(isOnLine && !isRinging);
    this.cards.show(state === "card" ? hears : null, this.person);
    this.drawKeyed();
  }

  drawKeyed() {
    const isCard = this.call?.state === "card";
    byId("keyed").textContent = isCard ? "•".repeat(this.typed.length) : this.typed;
  }

  stateWords(state) {
    const hears = this.call?.listening;
    if (state === "none") return "On the hook";
    if (state === "ringing") return "Ringing";
    if (state === "busy") return "The line is speaking";
    if (state === "ended") return this.call.ended_because ? `Ended: ${this.call.ended_because}` : "Call ended";
    if (state === "card") return `Waits for ${OF_CARD_FIELD[hears?.field] || "the card"}`;
    const keys = hears?.length ? `${hears.length} ${hears.length === 1 ? "key" : "keys"}` : "keys";
    const end = hears?.finish_key && hears.length !== 1 ? `, then ${hears.finish_key} or a pause` : "";
    return hears?.hears_speech ? `Listens: ${keys}${end} or words` : `Listens: ${keys}${end}`;
  }

  setUpMicrophone() {
    const mic = byId("mic");
    mic.hidden = !ear.canHear;
    let listening = null;
    mic.onclick = () => {
      if (listening) return listening.stop();
      voice.hush();
      mic.setAttribute("aria-pressed", "true");
      listening = ear.listen(
        this.person?.language === "es" ? "es-US" : "en-US",
        (words, confidence) => this.say(words, confidence),
        () => {
          listening = null;
          mic.setAttribute("aria-pressed", "false");
        },
      );
    };
  }
}

function caption(line, before) {
  if (line.kind === "silence" && before?.kind === "keyed") {
    return element("p", { class: "of-member", textContent: "You paused" });
  }
  if (line.kind === "said") {
    return element("p", { class: "is-newest", lang: line.language.slice(0, 2) || "en", textContent: line.text });
  }
  if (line.kind in OF_MEMBER) {
    const words = line.text ? `${OF_MEMBER[line.kind]}: ${line.text}` : OF_MEMBER[line.kind];
    return element("p", { class: "of-member", textContent: words });
  }
  return element("p", { class: "of-line", textContent: line.text || line.kind });
}
