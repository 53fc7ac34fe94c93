// The sandbox phone network's JSON API (assistant/sandbox/phone_network.py).
import { byId } from "./dom.js";

export class NetworkTrouble extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function ask(path, { method = "GET", body, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      signal,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new NetworkTrouble("The phone network does not answer. Is the demo still running?", 0);
  }
  const content = await answer.json().catch(() => null);
  if (answer.ok) return content;
  const detail = typeof content?.detail === "string" ? content.detail : `error ${answer.status}`;
  throw new NetworkTrouble(`The phone network refused this: ${detail}`, answer.status);
}

const line = (phone) => `/phone/${encodeURIComponent(phone)}`;
const call = (id) => `/phone/calls/${encodeURIComponent(id)}`;

export const network = {
  health: () => ask("/phone/health"),
  members: () => ask("/phone/members"),
  thread: (phone, after, waitSeconds, signal) =>
    ask(`${line(phone)}/thread?after=${after}&wait_seconds=${waitSeconds}`, { signal }),
  sendText: (phone, body) => ask(`${line(phone)}/texts`, { method: "POST", body: { body } }),
  dial: (phone) => ask(`${line(phone)}/calls`, { method: "POST" }),
  call: (id, after, waitSeconds) => ask(`${call(id)}?after=${after}&wait_seconds=${waitSeconds}`),
  answer: (id) => ask(`${call(id)}/answer`, { method: "POST" }),
  decline: (id) => ask(`${call(id)}/decline`, { method: "POST" }),
  input: (id, input) => ask(`${call(id)}/input`, { method: "POST", body: input }),
  hangUp: (id) => ask(`${call(id)}/hang_up`, { method: "POST" }),
  wire: (after) => ask(`/phone/wire?after=${after}`),
};

// Says what is wrong at the top of the page, until something works again.
export function showTrouble(error) {
  if (error.name === "AbortError") return;
  byId("trouble").textContent = error.message;
  byId("trouble").hidden = false;
}
export function clearTrouble() {
  byId("trouble").hidden = true;
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
