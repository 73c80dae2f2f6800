// A photo taken here and now goes the same way as those that were chosen.

export default function camera(input) {
  const chosen = input.form.querySelector("input[type=file]");
  input.addEventListener("change", () => {
    chosen.files = input.files;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
