// The dock board kept up to date: the server sends each part that changed as the HTML that it draws itself,
// at least one a second (the time). A page that hears nothing says so, and goes on by itself.

const SILENT_MS = 3000;
const AGAIN_MS = 1000;

const html = window.trustedTypes
  ? trustedTypes.createPolicy("ingestd", { createHTML: (text) => text })
  : { createHTML: (text) => text };

let heardAt = performance.now();

function element(text) {
  const template = document.createElement("template");
  template.innerHTML = html.createHTML(text.trim());
  return template.content;
}

function take(event) {
  for (const [id, text] of Object.entries(JSON.parse(event.data))) {
    document.getElementById(id)?.replaceWith(element(text));
  }
  heardAt = performance.now();
  show(false);
}

function show(isLost) {
  const banner = document.getElementById("lost");
  if (banner.hidden !== isLost) return;
  if (isLost) {
    document.getElementById("lost-since").textContent =
      document.querySelector("#now time")?.textContent ?? "";
  }
  banner.hidden = !isLost;
  document.body.classList.toggle("is-lost", isLost);
}

function listen() {
  const stream = new EventSource("/board/stream");
  stream.addEventListener("build", (event) => {
    if (event.data !== document.documentElement.dataset.build) location.reload();
  });
  stream.addEventListener("parts", take);
  stream.addEventListener("error", () => {
    // A browser comes back by itself from a broken connection, but not from an answer that is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

listen();
setInterval(() => show(performance.now() - heardAt > SILENT_MS), AGAIN_MS / 2);
