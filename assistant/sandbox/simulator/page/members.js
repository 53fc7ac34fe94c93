// The member picker: whose phone texts and calls, and what that member would have at hand.
import { byId, day, element, money, scrollWithin, spacedPhone } from "./dom.js";
import { network } from "./network.js";

const REMEMBERED = "porchlight-phone";
const ANY_PHONE = "+17065550199";

// One row per account comes in; one person per phone is shown, with all accounts of that phone.
function peopleOf(rows) {
  const people = new Map();
  for (const row of rows) {
    if (!people.has(row.phone)) people.set(row.phone, { ...row, accounts: [] });
    people.get(row.phone).accounts.push(row);
  }
  return [...people.values()];
}

function dueOf(person) {
  const due = person.accounts.reduce((sum, account) => sum + account.amount_due_cents, 0);
  return due > 0 ? money(due) : "nothing due";
}

function pairs(rows) {
  const list = element("dl");
  for (const [name, value] of rows) {
    if (value) list.append(element("dt", { textContent: name }), element("dd", { textContent: value }));
  }
  return list;
}

function details(person) {
  const [first] = person.accounts;
  const isMany = person.accounts.length > 1;
  const more = element("div", { class: "member-more" });
  more.append(
    pairs([
      ["Phone", spacedPhone(person.phone)],
      ["Account number", !isMany && first.account_number],
      ["Due", !isMany && day(first.due_on)],
      ["PIN", first.pin || "none yet"],
      ["ZIP code", first.zip],
      ["Code on the bill", !isMany && first.enrollment_code],
      ["Saved card", first.saved_card],
    ]),
  );
  if (isMany) more.append(accountTable(person.accounts));
  return more;
}

function accountTable(accounts) {
  const body = element("tbody");
  for (const account of accounts) {
    body.append(
      element(
        "tr",
        {},
        element("th", { scope: "row", textContent: account.nickname }),
        element("td", { textContent: account.account_number }),
        element("td", { textContent: money(account.amount_due_cents) }),
      ),
    );
  }
  return element("table", { "aria-label": "Accounts on this phone" }, body);
}

function radio(phone, isChecked) {
  return element("input", { type: "radio", name: "member", value: phone, checked: isChecked });
}

function card(person, isChecked) {
  const head = element(
    "div",
    { class: "member-head" },
    element("span", { class: "member-name", textContent: person.name }),
    element("span", { class: "member-due", textContent: dueOf(person) }),
  );
  const note = element("p", { class: "member-note", textContent: person.note });
  const inside = element("div", { class: "member-card" }, head, note, details(person));
  return element("label", { class: "member" }, radio(person.phone, isChecked), inside);
}

function otherCard(isChecked, phone) {
  const words = element("p", { class: "member-note", textContent: "A number that the co-op does not know." });
  const inside = element(
    "div",
    { class: "member-card" },
    element("span", { class: "member-name", textContent: "Another phone" }),
    words,
  );
  const label = element("label", { class: "member" }, radio("other", isChecked), inside);
  const number = element("input", {
    type: "tel",
    class: "other-phone",
    id: "other-phone",
    value: phone,
    hidden: !isChecked,
    pattern: "\\+[1-9][0-9]{6,14}",
    "aria-label": "The other phone’s number, with + and country code",
  });
  return element("div", {}, label, number);
}

export class Members {
  // `onPick(phone, person)` is called for the first phone too; `person` is null for an unknown number.
  constructor(onPick) {
    this.onPick = onPick;
    this.people = [];
    this.phone = "";
    this.form = byId("member-form");
    this.form.addEventListener("change", () => this.pickChecked());
    this.form.addEventListener("submit", (event) => event.preventDefault());
  }

  async load() {
    this.people = peopleOf(await network.members());
    // In an address a plus means a space.
    const named = new URLSearchParams(location.search).get("phone")?.trim().replace(/^(?=\d)/, "+");
    const asked = named || localStorage.getItem(REMEMBERED);
    this.draw(asked || this.people[0]?.phone || ANY_PHONE);
    this.pickChecked();
  }

  // Draws the amounts anew after a payment, and keeps what is picked and focused.
  async refresh() {
    this.people = peopleOf(await network.members());
    for (const person of this.people) {
      const input = this.form.querySelector(`input[value="${person.phone}"]`);
      if (!input) continue;
      const inside = input.nextElementSibling;
      inside.querySelector(".member-due").textContent = dueOf(person);
      inside.querySelector(".member-more").replaceWith(details(person));
    }
  }

  draw(phone) {
    const isKnown = this.people.some((person) => person.phone === phone);
    const list = byId("member-list");
    list.replaceChildren(...this.people.map((person) => card(person, person.phone === phone)));
    list.append(otherCard(!isKnown, isKnown ? ANY_PHONE : phone));
    list.setAttribute("aria-busy", "false");
    scrollWithin(this.form, this.form.querySelector("input:checked").closest(".member"));
  }

  pickChecked() {
    const value = this.form.querySelector("input[name=member]:checked").value;
    const other = byId("other-phone");
    other.hidden = value !== "other";
    if (value === "other" && !other.checkValidity()) return;
    const phone = value === "other" ? other.value : value;
    if (phone === this.phone) return;
    this.phone = phone;
    localStorage.setItem(REMEMBERED, phone);
    this.onPick(phone, this.people.find((person) => person.phone === phone) || null);
  }
}
