// The queue by keys: everything here is a form or a link of the page, which works without this.

const typing = (target) => target instanceof HTMLElement && target.closest("input, select, textarea") !== null;

function open(id) {
  const found = document.getElementById(id);
  if (found === null) return false;
  found.open = true;
  found.querySelector("input:not([type=hidden])").focus();
  return true;
}

function act(key) {
  if (key >= "1" && key <= "9" && key.length === 1) {
    const button = document.querySelector(`button[data-key="${key}"]:not(:disabled)`);
    if (button !== null) button.form.requestSubmit(button);
    return button !== null;
  }
  if (key === "n" || key === "N") return open("none");
  if (key === "u" || key === "U") return open("undo");
  const way = { ArrowRight: "next", ArrowLeft: "prev" }[key];
  const link = way ? document.querySelector(`a[rel="${way}"]`) : null;
  if (link !== null) link.click();
  return link !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || typing(event.target)) return;
  if (act(event.key)) event.preventDefault();
});
