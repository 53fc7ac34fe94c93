// Key tones of a real dial pad, the ring, and the browser's own voice and ear.
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = ["123", "456", "789", "*0#"];

let context = null;

function play(frequencies, seconds, volume = 0.06) {
  context ??= new AudioContext();
  const gain = context.createGain();
  gain.gain.setValueAtTime(volume, context.currentTime);
  gain.gain.setTargetAtTime(0, context.currentTime + seconds - 0.03, 0.01);
  gain.connect(context.destination);
  for (const frequency of frequencies) {
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start();
    tone.stop(context.currentTime + seconds + 0.05);
  }
}

export const sounds = {
  isOn: true,
  key(key) {
    if (!this.isOn) return;
    const row = KEYS.findIndex((keys) => keys.includes(key));
    play([ROWS[row], COLUMNS[KEYS[row].indexOf(key)]], 0.12);
  },
  ring() {
    if (this.isOn) play([440, 480], 0.9, 0.04);
  },
};

export const voice = {
  isOn: false,
  canSpeak: "speechSynthesis" in window,
  say(words, language) {
    if (!this.isOn || !this.canSpeak || !words) return;
    const speech = new SpeechSynthesisUtterance(words);
    speech.lang = language || "en-US";
    window.speechSynthesis.speak(speech);
  },
  // A key or a word cuts the line short, as it does on a real call.
  hush() {
    if (this.canSpeak) window.speechSynthesis.cancel();
  },
};

const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

export const ear = {
  canHear: Boolean(Recognition),
  // Listens once. `onHeard(words, confidence)`, then always `onEnd()`.
  listen(language, onHeard, onEnd) {
    const recognition = new Recognition();
    recognition.lang = language || "en-US";
    recognition.onresult = (event) => {
      const [best] = event.results[0];
      onHeard(best.transcript, best.confidence);
    };
    recognition.onend = onEnd;
    recognition.start();
    return recognition;
  },
};
