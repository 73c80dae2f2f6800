// Order of an album: buttons beside each photo, or drag and drop; sent as it is made.

export default function album(form) {
  const list = form.querySelector(".gallery");
  const said = form.querySelector("[data-said]");
  let dragged = null;

  const send = async () => {
    const body = new FormData();
    body.append("do", "order");
    for (const item of list.querySelectorAll("[data-item]")) body.append("media", item.dataset.item);
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" },
    });
    said.textContent = answer.ok ? said.dataset.said : "";
  };

  for (const item of list.querySelectorAll("[data-item]")) {
    item.draggable = true;
    for (const button of item.querySelectorAll("[data-move]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const other = button.dataset.move === "1" ? item.nextElementSibling : item.previousElementSibling;
        if (!other) return;
        if (button.dataset.move === "1") other.after(item);
        else other.before(item);
        button.focus();
        send();
      });
    }
  }
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-item]");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-item]");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const place = over.getBoundingClientRect();
    if (event.clientX > place.left + place.width / 2) over.after(dragged);
    else over.before(dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged = null;
    send();
  });
}
