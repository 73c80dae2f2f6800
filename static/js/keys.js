// j and k walk through posts, l likes, c opens the comments, ? explains.

export default function keys(root) {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const posts = () => [...root.querySelectorAll(".post")];
  const current = () => {
    const focused = document.activeElement?.closest(".post");
    if (focused) return focused;
    return posts().find((post) => post.getBoundingClientRect().bottom > 120);
  };
  const walk = (step) => {
    const all = posts();
    const index = all.indexOf(document.activeElement?.closest(".post")) + step;
    const post = all[Math.max(0, Math.min(all.length - 1, index))];
    if (!post) return;
    post.tabIndex = -1;
    post.focus({ preventScroll: true });
    post.scrollIntoView({ block: "start" });
  };
  const does = {
    j: () => walk(1),
    k: () => walk(-1),
    l: () => current()?.querySelector("[data-key=l]")?.click(),
    c: () => current()?.querySelector("[data-key=c]")?.click(),
    "?": () => root.getElementById("keys-help")?.showModal(),
  };
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.activeElement?.closest?.(".picture__mark button")?.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("[data-module~=composer]") && event.key !== "?") return;
    does[event.key]?.();
  });
}
