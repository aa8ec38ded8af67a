// The only script of ours in the browser: it tells people when what they see is no longer alive,
// knows the shortcuts, and puts what changed where it stands. For the first it reads the clock that
// the server sends once a second and touches nothing but a class and a time.
(() => {
  "use strict";
  const SILENT_MS = 5000;
  let beat = Date.now();
  let shown = "";

  const lost = (is) => {
    if (document.body.classList.contains("is-lost") === is) return;
    document.body.classList.toggle("is-lost", is);
    const time = document.querySelector(".lost-time");
    const clock = document.querySelector("[data-beat]");
    if (is && time && clock) time.textContent = clock.textContent;
    document.querySelectorAll(".main, .menu, .band, .bar, .footer").forEach((part) => {
      part.inert = is;
    });
  };

  // A text, the classes, the style, the inside or an attribute of one element (widgets/element_changes.py). NiceGUI would make
  // every element of the page anew for it. What it draws from is changed as well, so it will draw the
  // same; but what it drew last it does not look up in the page, so after it has drawn an element that
  // was sent whole, what was changed of it here is looked at once more.
  const changedHere = new Map();
  const told = (element, part) => {
    if (part === "text") return element.text;
    if (part === "style") return Object.entries(element.style).map(([k, v]) => `${k}:${v};`).join("");
    return part === "class" ? element.class.join(" ") : element.props[part] ?? null;
  };
  const put = (id, part, value) => {
    const node = document.getElementById(`c${id}`);
    if (part === "text") {
      const text = node?.firstChild;
      if (text?.nodeType !== Node.TEXT_NODE) return false;
      if (text.data !== value) text.data = value;
    } else if (part === "innerHTML") {
      if (node) node.innerHTML = value;
    } else if (value === null) node?.removeAttribute(part);
    else if (node && node.getAttribute(part) !== String(value)) node.setAttribute(part, value);
    return Boolean(node);
  };
  const follow = (page, id) => {
    changedHere.set(id, new Set());
    const stop = Vue.watch(() => page.elements[id], (now) => {
      const element = Vue.toRaw(now);
      if (element) return changedHere.get(id).forEach((part) => put(id, part, told(element, part)));
      stop();
      changedHere.delete(id);
    }, {flush: "post"});
  };
  window.omfChange = (page, changes) => {
    const elements = Vue.toRaw(page.elements);
    for (const [id, parts] of Object.entries(changes)) {
      if (!elements[id]) continue;
      if (!changedHere.has(id)) follow(page, id);
      let found = true;
      for (const [part, value] of Object.entries(parts)) {
        if (["text", "class", "style"].includes(part)) elements[id][part] = value;
        else elements[id].props[part] = value;
        changedHere.get(id).add(part);
        found = put(id, part, told(elements[id], part)) && found;
      }
      // It does not stand in the page as a word of its own: NiceGUI draws it.
      if (!found) page.elements[id] = {...elements[id]};
    }
  };

  let going = false;
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") document.querySelectorAll("details.drop[open]").forEach((drop) => {
      drop.open = false;
    });
    if (event.key === "Escape") document.querySelector("aside:not(.hidden) [data-close]")?.click();
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      document.querySelector("input[data-search], [data-search] input")?.focus();
      event.preventDefault();
    } else if (event.key === "c" && !going && document.querySelector("form[data-person]")) {
      const form = document.querySelector("form[data-person]");
      form.closest("details").open = true;
      form.querySelector("input").focus();
      event.preventDefault();
    } else if (event.key === "?") {
      document.querySelector("[data-help]")?.click();
    } else if (going) {
      const key = CSS.escape(event.key);
      document.querySelector(`.menu-link[data-key="${key}"]`)?.click();
      going = false;
    } else {
      going = event.key === "g";
    }
  };
  document.addEventListener("keydown", press);

  // Copies what stands in the element of that name. Without a secure address a browser offers no
  // clipboard to scripts: then a field that is gone at once is selected and copied.
  const copyText = async (said) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(said);
    const field = document.createElement("textarea");
    field.value = said;
    field.className = "only-heard";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const name = CSS.escape(button.dataset.copy);
    const from = button.closest("aside, .copy-scope")?.querySelector(`[data-copied="${name}"]`);
    const shown = from?.querySelector("pre, .payload") || from;
    if (!shown) return;
    await copyText(shown.textContent);
    const words = button.textContent;
    if (words === button.dataset.copyDone) return;
    button.textContent = button.dataset.copyDone;
    setTimeout(() => { button.textContent = words; }, 1500);
  });

  // The skip link leads the keyboard into the page at once, whatever is still being drawn.
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".skip-link")) return;
    event.preventDefault();
    document.querySelector("#content")?.focus();
  });

  // The moment of the past is part of every address: what leads to another moment leads to it on
  // the page as it is now, with its object and filters.
  const atMoment = (at, pace) => {
    const url = new URL(window.location.href);
    url.searchParams.delete("play");
    if (at) url.searchParams.set("at", at);
    else url.searchParams.delete("at");
    if (pace) url.searchParams.set("play", pace);
    window.location.assign(url);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link.dataset.moment !== undefined) {
      if (!plain) return;
      event.preventDefault();
      if (!link.classList.contains("off")) atMoment(link.dataset.moment, link.dataset.play);
      return;
    }
    // While the past is played, a link leads to the moment of now and not to that of its drawing.
    const played = document.querySelector(".past-now[data-pace]:not([data-pace=''])");
    const url = new URL(link.href);
    if (!played || link.dataset.then !== undefined || !url.searchParams.has("at")) return;
    url.searchParams.set("at", played.dataset.at);
    url.searchParams.set("play", played.dataset.pace);
    link.href = url;
  }, true);
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches(".past-slider")) atMoment(String(Number(field.dataset.day) + Number(field.value)));
    else if (field.matches(".past-moment") && field.value) atMoment(field.value);
  });

  // A session file goes to the server as it is, with a word on what became of it beside the button.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-import]");
    if (!form) return;
    event.preventDefault();
    const told = form.querySelector("[data-told]");
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) return;
    const query = new URLSearchParams({file: file.name, name: form.querySelector("[data-name]").value,
      skip: form.querySelector("input[type=checkbox]").checked ? "1" : ""});
    told.textContent = form.dataset.busy;
    const answer = await fetch(`${form.dataset.import}?${query}`, {method: "POST", body: file}).catch(() => null);
    told.textContent = answer ? await answer.text() : form.dataset.failed;
    told.classList.toggle("wrong", !answer?.ok);
  });

  // A PIN or a badge, which types like a keyboard, changes the person; the page stays where it is.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-person]");
    if (!form) return;
    event.preventDefault();
    const field = form.querySelector("input");
    const told = form.querySelector("[data-told]");
    const body = new URLSearchParams({code: field.value});
    field.value = "";
    told.textContent = form.dataset.busy;
    const answer = await fetch(form.dataset.person, {method: "POST", body}).catch(() => null);
    told.textContent = answer ? await answer.text() : form.dataset.failed;
    told.classList.toggle("wrong", !answer?.ok);
    if (answer?.ok) window.location.reload();
  });

  // A menu closes when something else is pressed.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.drop[open]").forEach((drop) => {
      if (!drop.contains(event.target)) drop.open = false;
    });
  });

  // Who signs in or changes a look comes back to what stands in the address: the alarm a message led
  // to is part of the query.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-back]");
    if (!link) return;
    const url = new URL(link.href);
    url.searchParams.set("back", window.location.pathname + window.location.search);
    link.href = url;
  }, true);

  // A screen on the wall: the pages of the address in turn, large, without what one presses. It goes
  // on only while the server speaks: what was shown last stays, dimmed, and is not left for nothing.
  const turn = new URLSearchParams(window.location.search);
  const wall = (turn.get("wall") || "").split(",").filter((name) => /^[a-z]+(\/[a-z]+)?$/.test(name));
  if (wall.length) {
    const every = Math.max(5, Number(turn.get("every")) || 20) * 1000;
    const [, environment, ...rest] = window.location.pathname.split("/");
    const next = wall[(wall.indexOf(rest.join("/")) + 1) % wall.length];
    const go = () => {
      if (document.body.classList.contains("is-lost") || !document.querySelector("[data-beat]")) return setTimeout(go, 1000);
      return window.location.replace(`/${environment}/${next}?${turn}`);
    };
    setTimeout(go, every);
    document.body.classList.add("wall");
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") window.location.assign(window.location.pathname);
    });
  }

  // While the server is away, this answers for it with a page that waits.
  navigator.serviceWorker?.register("/waiting.js", {updateViaCache: "none"}).catch(() => {});

  // This browser is told of alarms while no page is open; pressed again, it is told no more. What the
  // server must know: the subscription, or why there is none.
  window.omfNotify = async (key) => {
    if (!navigator.serviceWorker || !window.PushManager) return {fault: "unsupported"};
    const registration = await navigator.serviceWorker.ready;
    const known = await registration.pushManager.getSubscription();
    if (known) {
      const {endpoint, keys} = known.toJSON();
      await known.unsubscribe();
      return {gone: endpoint, keys};
    }
    if (await Notification.requestPermission() !== "granted") return {fault: "denied"};
    const options = {userVisibleOnly: true, applicationServerKey: key};
    return registration.pushManager.subscribe(options)
      .then((made) => made.toJSON(), () => ({fault: "no_service"}));
  };

  // A new alarm rings once, in one of the tabs of this browser, and never two at a time: who rings has
  // the lock as long as it sounds. The browser lets no page sound before the person has pressed
  // something on it.
  const TONES = {critical: [880, 660, 880, 660, 880, 660], warning: [740, 740, 740]};
  const MANY_RANG = 200;
  let rung = "", speaker = null;
  const alone = (act) => navigator.locks
    ? navigator.locks.request("omf.ring", {ifAvailable: true}, (lock) => lock && act()) : act();
  const ring = () => {
    const bell = document.querySelector("[data-ring]");
    if (!bell || bell.dataset.ring === rung) return;
    rung = bell.dataset.ring;
    alone(() => chime(bell));
  };
  const chime = (bell) => {
    const last = JSON.parse(localStorage.getItem("omf.rang") || "{}");
    const known = Array.isArray(last.what) ? last.what : [];
    const fresh = JSON.parse(bell.dataset.ring).filter((rise) => !known.includes(rise));
    if (!fresh.length || Date.now() < (last.until || 0)) return null;
    const tones = TONES[bell.dataset.level] || [620, 620];
    const lasts = 250 * tones.length;
    const what = [...known, ...fresh].slice(-MANY_RANG);
    localStorage.setItem("omf.rang", JSON.stringify({what, until: Date.now() + lasts}));
    speaker = speaker || new AudioContext();
    speaker.resume();
    tones.forEach((tone, number) => {
      const [sound, loud] = [speaker.createOscillator(), speaker.createGain()];
      const begin = speaker.currentTime + 0.25 * number;
      sound.frequency.value = tone;
      loud.gain.setValueAtTime(0.2, begin);
      loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.2);
      sound.connect(loud).connect(speaker.destination);
      sound.start(begin);
      sound.stop(begin + 0.2);
    });
    bell.dataset.rang = bell.dataset.ring;
    return new Promise((over) => setTimeout(over, lasts));
  };

  // A page is left only for a server that is there: else the browser's own error page would stay.
  let leaving = false;
  const reload = () => {
    if (leaving) return;
    leaving = true;
    const look = () => fetch("/static/ui.js", {cache: "no-store", headers: {"x-waiting": "1"}})
      .then(() => window.location.reload())
      .catch(() => setTimeout(look, 1000));
    look();
  };

  // A page whose handshake fails is loaded anew by NiceGUI, and forgets what was pressed on it before
  // the server spoke again: the next one says so. A link or a form needs no handshake.
  let heard = null;
  document.addEventListener("click", (event) => {
    document.body.classList.remove("is-unheard");
    const acts = event.target.closest("button, [role=button], [role=tab]");
    if (acts && !event.target.closest("a[href], [type=submit]")) heard = window.nextMessageId;
  }, true);
  window.addEventListener("pagehide", () => {
    const unheard = heard !== null && !leaving && (!window.did_handshake || heard === window.nextMessageId);
    if (unheard) sessionStorage.setItem("omf.unheard", "1");
  });
  const tell = () => {
    if (!sessionStorage.getItem("omf.unheard")) return;
    sessionStorage.removeItem("omf.unheard");
    const anew = performance.getEntriesByType("navigation")[0]?.type === "reload";
    document.body.classList.toggle("is-unheard", anew);
  };

  // The server was started anew while this page loaded: what the page is made of is another by now.
  const broken = (event) => {
    const failed = event.reason ? /module|fetch/i.test(event.reason.message || "")
      : event.target instanceof HTMLScriptElement;
    if (!failed || document.querySelector("[data-beat]")) return;
    const tries = Number(sessionStorage.getItem("omf.tries") || 0);
    sessionStorage.setItem("omf.tries", tries + 1);
    setTimeout(reload, Math.min(1000 * 2 ** tries, 30000));
  };
  window.addEventListener("error", broken, true);
  window.addEventListener("unhandledrejection", broken);

  setInterval(() => {
    const clock = document.querySelector("[data-beat]");
    // Not what the clock shows: the recorded time of a replay may stand still.
    if (clock && clock.dataset.beat !== shown) {
      shown = clock.dataset.beat;
      beat = Date.now();
    }
    if (!clock) return;
    sessionStorage.removeItem("omf.tries");
    tell();
    const alarms = document.querySelector("[data-alarms]")?.dataset.alarms || "0";
    const title = document.title.replace(/^\(\d+!\) /, "");
    const counted = alarms === "0" ? title : `(${alarms}!) ${title}`;
    if (document.title !== counted) document.title = counted;
    ring();
    const cut = window.socket && window.socket.disconnected;
    // The server itself hung up: this page's sign-in ended, and nobody would knock again.
    if (cut && !window.socket.active) reload();
    lost(Boolean(cut) || Date.now() - beat > SILENT_MS);
  }, 500);
})();
