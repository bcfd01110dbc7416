// Boxes that tick all others of a name need a script, so they are hidden without one.
const offer = () => document.querySelectorAll("input[data-ticks]").forEach((all) => { all.hidden = false; });
document.addEventListener("change", ({ target: all }) => {
  if (!all.dataset?.ticks) return;
  all.form.querySelectorAll(`input[type=checkbox][name="${all.dataset.ticks}"]`).forEach((box) => { box.checked = all.checked; });
});
document.addEventListener("htmx:after:swap", offer);
offer();
// A form that takes its time says so, and is sent once.
document.addEventListener("submit", ({ target: form }) => {
  const button = form.dataset.busy && form.querySelector("button[type=submit]");
  if (!button) return;
  button.dataset.words = button.textContent;
  button.textContent = form.dataset.busy;
  button.setAttribute("aria-busy", "true");
  setTimeout(() => { button.disabled = true; });
});
addEventListener("pageshow", () => document.querySelectorAll("button[data-words]").forEach((button) => {
  button.textContent = button.dataset.words;
  button.removeAttribute("aria-busy");
  button.disabled = false;
}));
