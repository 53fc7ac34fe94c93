// Puts the parts of the simulator together.
import { byId, spacedPhone } from "./dom.js";
import { Members } from "./members.js";
import { network, pause, showTrouble } from "./network.js";
import { sounds, voice } from "./sounds.js";
import { Telephone } from "./telephone.js";
import { Texts } from "./texts.js";
import { setUpTheme } from "./theme.js";
import { Wire } from "./wire.js";

setUpTheme();
setUpSwitches();
setUpViews();

const wire = new Wire();
const telephone = new Telephone({ onRinging: showRinging, onChange: exchanged });
const texts = new Texts({ onCall: (id) => telephone.attach(id), onChange: exchanged });
const members = new Members((phone, person) => {
  for (const place of document.querySelectorAll("[data-phone]")) place.textContent = spacedPhone(phone);
  texts.show(phone, person);
  telephone.show(phone, person);
});

start();

async function start() {
  for (;;) {
    try {
      const health = await network.health();
      byId("coop-number").textContent = spacedPhone(health.coop_number);
      await members.load();
      return;
    } catch (error) {
      showTrouble(error);
      await pause(2000);
    }
  }
}

// After an exchange the wire has something new, and a payment may have changed what is due.
function exchanged() {
  wire.look();
  clearTimeout(exchanged.timer);
  exchanged.timer = setTimeout(() => members.refresh().catch(() => {}), 600);
}

function showRinging(isRinging) {
  document.querySelector(".ringing-dot").hidden = !isRinging;
}

function setUpSwitches() {
  const toggle = (id, target) => {
    byId(id).onclick = () => {
      target.isOn = !target.isOn;
      byId(id).setAttribute("aria-pressed", String(target.isOn));
    };
  };
  toggle("sound", sounds);
  toggle("read-aloud", voice);
  byId("read-aloud").hidden = !voice.canSpeak;
}

function setUpViews() {
  const buttons = [...document.querySelectorAll(".views button")];
  for (const button of buttons) {
    button.onclick = () => {
      document.documentElement.dataset.view = button.dataset.show;
      for (const one of buttons) one.setAttribute("aria-current", String(one === button));
    };
  }
}
