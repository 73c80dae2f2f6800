// Before and after, under a handle that a range input moves: pointer, touch and arrow keys alike.

export default function compare(element) {
  const range = element.querySelector(".compare__range");
  const show = () => element.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", show);
  show();
}
