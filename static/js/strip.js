// Several photos side by side: swipe, dots, and the arrow keys.

export default function strip(element) {
  const track = element.querySelector(".strip");
  const dots = [...element.querySelectorAll(".dots button")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const go = (index) =>
    track.children[index]?.scrollIntoView({
      behavior: calm.matches ? "auto" : "smooth",
      block: "nearest",
      inline: "center",
    });
  const at = () => Math.round(track.scrollLeft / track.clientWidth);

  dots.forEach((dot, index) => dot.addEventListener("click", () => go(index)));
  track.addEventListener("scroll", () => {
    dots.forEach((dot, index) => dot.setAttribute("aria-current", String(index === at())));
  });
  element.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(at() + step);
  });
}
