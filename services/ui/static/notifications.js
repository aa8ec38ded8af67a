// Part of the service worker: what the push service brings is shown, also while no page is open, and
// a press on it leads to the alarm.
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // A push without words still says that something happened.
  }
  const options = {body: told.body || "", tag: told.tag || undefined, data: {url: told.url || "/"}};
  event.waitUntil(self.registration.showNotification(told.title || "OMF", options));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  // Whatever the message says, only pages of this server are opened.
  const url = new URL(event.notification.data.url, self.location.origin);
  const path = url.pathname + url.search;
  event.waitUntil(self.clients.openWindow(new URL(path, self.location.origin).href));
});
