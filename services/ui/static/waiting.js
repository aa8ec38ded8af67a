// Between the browser and the dashboard: while the server is away, its pages are answered by one that
// waits for it and comes back by itself, instead of the browser's own error page. Nothing is kept.
// The server puts WAITING, the page to wait on, in front of this.
"use strict";
const AGAIN_MS = 1000;
const TRIES = 600;

const pause = () => new Promise((done) => setTimeout(done, AGAIN_MS));

// A page whose transfer breaks off is no page: it is read to its end before it is shown.
const whole = async (request) => {
  const answer = await fetch(request);
  if (answer.type === "opaqueredirect" || !answer.body) return answer;
  const body = await answer.arrayBuffer();
  return new Response(body, {status: answer.status, statusText: answer.statusText, headers: answer.headers});
};

const page = (request) => whole(request).catch(() => new Response(WAITING, {
  status: 503,
  headers: {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"},
}));

// The page is there and the server dies before its scripts: they come once it is back.
const file = async (request) => {
  for (let n = 0; n < TRIES; n += 1) {
    try {
      return await whole(request.clone());
    } catch {
      await pause();
    }
  }
  return fetch(request);
};

const ours = (request) => {
  const address = new URL(request.url);
  const front = address.pathname.startsWith("/_nicegui/") || address.pathname.startsWith("/static/");
  return address.origin === self.location.origin && front && !request.headers.has("x-waiting");
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET" || request.headers.has("range")) return;
  if (request.mode === "navigate" && request.destination === "document") event.respondWith(page(request));
  else if (ours(request)) event.respondWith(file(request));
});
