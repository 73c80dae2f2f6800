// The service worker. Keeps our own styles, scripts and icons, and one page that says that there is
// no connection. What it does not do is the point: it never stores a picture, a page or an answer
// of the API. They differ by viewer and may be withdrawn; whoever looks has to ask again.
// VERSION, OFFLINE and KEPT stand before this text (nopeek_site/pwa.py).

const CACHE = `nopeek-${VERSION}`;
const kept = new Set(KEPT.map((path) => new URL(path, self.location.origin).href));

self.addEventListener("install", (event) => {
  // Without cookies: nothing that is kept is anybody's.
  const wanted = KEPT.map((path) => new Request(path, { credentials: "omit", cache: "reload" }));
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(wanted))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (kept.has(request.url) && !request.url.endsWith(OFFLINE)) {
    event.respondWith(caches.match(request, { cacheName: CACHE }).then((found) => found ?? fetch(request)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE, { cacheName: CACHE })));
  }
  // Everything else goes to the network as if there were no worker.
});
