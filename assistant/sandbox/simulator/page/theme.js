// Light or dark: the system's choice until a person makes another one. Loaded first, so nothing flashes.
const REMEMBERED = "porchlight-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function wanted() {
  return localStorage.getItem(REMEMBERED) || (system.matches ? "dark" : "light");
}

function apply() {
  const theme = wanted();
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  if (button) button.textContent = theme === "dark" ? "Light" : "Dark";
}

export function setUpTheme() {
  apply();
  system.addEventListener("change", apply);
  const button = document.getElementById("theme");
  button.onclick = () => {
    localStorage.setItem(REMEMBERED, wanted() === "dark" ? "light" : "dark");
    apply();
  };
}
