// Stripe's published test cards, keyed by one button when the line asks for a card.
import { byId, element } from "./dom.js";

const CARDS = [
  ["Visa that works", "4242424242424242"],
  ["Mastercard that works", "5555555555554444"],
  ["Declined", "4000000000000002"],
  ["No funds", "4000000000009995"],
  ["Lost card", "4000000000009987"],
  ["Wrong security code", "4000000000000127"],
];
const EXPIRY = "1234";
const SECURITY_CODE = "123";

export class CardHelp {
  // `key(input)` sends one input and resolves when the line has answered.
  constructor(key) {
    this.key = key;
    byId("test-card").append(
      ...CARDS.map(([name, number]) => element("option", { value: number, textContent: `${name} ···${number.slice(-4)}` })),
    );
    byId("key-card").onclick = () => this.keyField();
  }

  // `listening` is what the line waits for, or null when it asks for no card.
  show(listening, person) {
    this.listening = listening;
    this.zip = person?.accounts[0].zip || "30601";
    byId("card-help").hidden = !listening;
    if (listening) byId("key-card").textContent = listening.field === "payment-card-number" ? "Key the card" : "Key the rest";
  }

  // Keys the field that is asked for, and the ones after it, until the line asks for something else.
  async keyField() {
    const values = {
      "payment-card-number": byId("test-card").value,
      "expiration-date": EXPIRY,
      "security-code": SECURITY_CODE,
      "postal-code": this.zip,
    };
    const done = new Set();
    while (this.listening && values[this.listening.field] && !done.has(this.listening.field)) {
      const { field, length } = this.listening;
      done.add(field);
      const digits = values[field];
      // A field that ends by itself takes its digits; any other one is handed over with a pound.
      await this.key({ keys: length === digits.length ? digits : `${digits}#` });
    }
  }
}
