// The twelve keys: by mouse, by touch and by the keyboard's own digits.
import { byId, element } from "./dom.js";
import { sounds } from "./sounds.js";

const KEYS = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"],
  ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"],
  ["*", ""], ["0", "+"], ["#", ""],
];
const NAMES = { "*": "star", "#": "pound" };

export class DialPad {
  // `onKey(key)` for every press while the pad is live.
  constructor(onKey) {
    this.onKey = onKey;
    this.isLive = false;
    this.pad = byId("pad");
    this.buttons = new Map(KEYS.map(([key, letters]) => [key, this.button(key, letters)]));
    this.pad.append(...this.buttons.values());
    byId("telephone").addEventListener("keydown", (event) => this.onKeyboard(event));
  }

  button(key, letters) {
    const made = element(
      "button",
      { type: "button", "aria-label": NAMES[key] || key, onclick: () => this.press(key) },
      element("b", { textContent: key }),
      element("span", { textContent: letters, "aria-hidden": "true" }),
    );
    made.dataset.key = key;
    return made;
  }

  setLive(isLive) {
    this.isLive = isLive;
    this.pad.setAttribute("aria-disabled", String(!isLive));
  }

  press(key) {
    sounds.key(key);
    if (this.isLive) this.onKey(key);
  }

  // Digits typed anywhere on the telephone are keys, except where words are written.
  onKeyboard(event) {
    const button = this.buttons.get(event.key);
    if (!button || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    event.preventDefault();
    button.classList.add("is-down");
    setTimeout(() => button.classList.remove("is-down"), 130);
    this.press(event.key);
  }

  focus() {
    // On a small screen the captions above the pad must stay in sight.
    byId("telephone").scrollIntoView({ block: "nearest" });
    this.buttons.get("1").focus({ preventScroll: true });
  }
}
