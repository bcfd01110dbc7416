// Boxes that tick all others of a name need a script, so they are hidden without one.
const offer = () => document.querySelectorAll("input[data-ticks]").forEach((all) => { all.hidden = false; });
document.addEventListener("change", ({ target: all }) => {
  if (!all.dataset?.ticks) return;
  all.form.querySelectorAll(`input[type=checkbox][name="${all.dataset.ticks}"]`).forEach((box) => { box.checked = all.checked; });
});
document.addEventListener("htmx:after:swap", offer);
offer();
