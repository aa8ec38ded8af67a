// The page of all factories brings itself up to date, and says when it cannot.
"use strict";
const EVERY_MS = 2000;

const shown = () => document.getElementById("site-now");

const refresh = async () => {
  let away = true;
  try {
    const answer = await fetch(location.href, {cache: "no-store", redirect: "error"});
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("site-now");
      away = fresh === null;
      // Whoever stands on a link with the keyboard is not thrown off it: only what changed is put in.
      if (fresh) renew(shown(), fresh);
    }
  } catch { /* said below */ }
  document.body.classList.toggle("site-stale", away);
  document.querySelector(".site-away").hidden = !away;
};

const renew = (now, fresh) => {
  const old = now.querySelectorAll("tbody tr"), rows = fresh.querySelectorAll("tbody tr");
  if (old.length !== rows.length) {
    now.replaceChildren(...fresh.childNodes);
    return;
  }
  rows.forEach((row, n) => {
    if (row.innerHTML === old[n].innerHTML && row.className === old[n].className) return;
    old[n].className = row.className;
    [...row.cells].forEach((cell, c) => {
      if (cell.innerHTML !== old[n].cells[c].innerHTML) old[n].cells[c].innerHTML = cell.innerHTML;
    });
  });
  const part = now.querySelector(".site-pages");
  if (part && part.innerHTML !== fresh.querySelector(".site-pages").innerHTML)
    part.innerHTML = fresh.querySelector(".site-pages").innerHTML;
  now.querySelector(".site-summary").textContent = fresh.querySelector(".site-summary").textContent;
};

const go = async () => {
  if (!document.hidden) await refresh();
  setTimeout(go, EVERY_MS);
};
setTimeout(go, EVERY_MS);
