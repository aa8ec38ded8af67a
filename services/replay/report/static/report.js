"use strict";
const plots = JSON.parse(document.getElementById("plots").textContent);
const quiet = { displayModeBar: false, responsive: true };
function show(language) {
  document.documentElement.lang = language;
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  for (const place of document.querySelectorAll("[data-plot]")) {
    const { data, layout } = plots[language][place.dataset.plot];
    Plotly.react(place, data, layout, quiet);
  }
}
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => show(button.dataset.language));
}
show(document.documentElement.lang);
