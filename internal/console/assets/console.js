// Boxes that tick all others of a name need a script, so they are hidden without one.
for (const all of document.querySelectorAll("input[data-ticks]")) {
  const boxes = () => all.form.querySelectorAll(`input[type=checkbox][name="${all.dataset.ticks}"]`);
  all.hidden = false;
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
}
