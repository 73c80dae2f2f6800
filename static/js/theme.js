// Shows the chosen appearance at once; the form keeps it in a cookie.

export default function theme(form) {
  form.addEventListener("change", ({ target }) => {
    const root = document.documentElement;
    if (target.value === "system") delete root.dataset.theme;
    else root.dataset.theme = target.value;
  });
}
