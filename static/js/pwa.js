// Registers the service worker, and shows a quiet way to install where the browser offers one.

let offer = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  show();
});
addEventListener("appinstalled", () => {
  offer = null;
  show();
});

function show() {
  for (const hint of document.querySelectorAll("[data-install]")) hint.hidden = !offer;
}

export default function pwa() {
  const register = () => navigator.serviceWorker?.register("/sw.js").catch(() => {}); // private windows refuse
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
  document.addEventListener("click", async ({ target }) => {
    if (!target.closest?.("[data-install] button") || !offer) return;
    await offer.prompt();
    offer = null;
    show();
  });
  show();
}
