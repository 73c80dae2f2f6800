// Listens on the user's socket. A message says that something changed, never what:
// {"type": "media.stage", "id": "…", "version": 3}. Whoever shows it refetches through the one door.

export default function live() {
  let wait = 500;
  let leaving = 0; // until when a page that is on its way elsewhere may get there
  let socket;

  const open = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/ws/live`);
    socket.onopen = () => {
      if (wait > 500) tell({ type: "live.back" }); // something may have been missed
      wait = 500;
    };
    socket.onmessage = ({ data }) => tell(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (code === 4401) {
        // Logged out elsewhere; or just here, and what comes next is already asked for,
        // as the receipt is after an account was deleted.
        return setTimeout(() => location.reload(), leaving - Date.now());
      }
      if (code === 4403) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 15000);
    };
  };

  const tell = (message) => {
    document.dispatchEvent(new CustomEvent("nopeek:live", { detail: message }));
    // <div hx-get="…" hx-trigger="live" data-live-on="media.stage" data-live-id="…">
    for (const element of document.querySelectorAll("[data-live-on]")) {
      const kinds = element.dataset.liveOn.split(" ");
      const { liveId } = element.dataset;
      const meant = kinds.includes(message.type) || message.type === "live.back";
      if (meant && (!liveId || !message.id || liveId === message.id)) {
        window.htmx.trigger(element, "live");
      }
    }
  };

  addEventListener("beforeunload", () => (leaving = Date.now() + 10000));
  addEventListener("pagehide", () => socket?.close());
  open();
}
