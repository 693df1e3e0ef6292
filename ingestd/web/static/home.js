// The watch kept up to date: the server sends tiles and findings that changed as the HTML that it draws itself.
// What somebody has opened, or is writing into, stays as it is until they are done with it.

const SILENT_MS = 5000;
const AGAIN_MS = 1000;

const html = window.trustedTypes
  ? trustedTypes.createPolicy("ingestd", { createHTML: (text) => text })
  : { createHTML: (text) => text };

let heardAt = performance.now();
const wall = document.getElementById("wall");

function element(text) {
  const template = document.createElement("template");
  template.innerHTML = html.createHTML(text.trim());
  return template.content.firstElementChild;
}

function takeTiles(order, changed) {
  const isFirst = !wall.querySelector(".clip");
  const kept = new Set(order.map((key) => `clip-${key}`));
  for (const tile of [...wall.children]) if (!kept.has(tile.id)) tile.remove();
  order.forEach((key, place) => {
    let tile = document.getElementById(`clip-${key}`);
    if (key in changed) {
      const made = element(changed[key]);
      if (tile) {
        if (tile.contains(document.activeElement)) made.querySelector("a")?.setAttribute("autofocus", "");
        tile.replaceWith(made);
      } else if (!isFirst) {
        made.classList.add("is-new");
      }
      tile = made;
    }
    if (tile && wall.children[place] !== tile) wall.insertBefore(tile, wall.children[place] ?? null);
  });
}

function takeWrong(text) {
  const made = element(text);
  const before = document.getElementById("wrong");
  for (const one of [...made.children]) {
    const old = one.id && document.getElementById(one.id);
    if (old && (old.open || old.contains(document.activeElement))) one.replaceWith(old);
  }
  before.replaceWith(made);
}

function heard() {
  heardAt = performance.now();
  show(false);
}

function show(isLost) {
  document.getElementById("lost").hidden = !isLost;
  document.body.classList.toggle("is-lost", isLost);
}

// The pages answer by themselves; whether the daemon does is another thing.
function tellSilence(text) {
  const told = document.getElementById("silence");
  if (told.textContent !== text) told.textContent = text;
  told.hidden = !text;
  document.querySelector(".sides").classList.toggle("is-silent", text !== "");
}

function listen() {
  const stream = new EventSource("/wall/stream");
  stream.addEventListener("build", (event) => {
    if (event.data !== document.documentElement.dataset.build) location.reload();
  });
  stream.addEventListener("alive", (event) => {
    tellSilence(event.data);
    heard();
  });
  stream.addEventListener("over", () => location.reload());
  stream.addEventListener("parts", (event) => {
    const told = JSON.parse(event.data);
    if (told.order) takeTiles(told.order, told.tiles);
    if (told.wrong) takeWrong(told.wrong);
    heard();
  });
  stream.addEventListener("error", () => {
    // A browser comes back by itself from a broken connection, but not from an answer that is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

listen();
setInterval(() => show(performance.now() - heardAt > SILENT_MS), AGAIN_MS / 2);
