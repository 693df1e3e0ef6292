// A check of the bytes as it goes on: the daemon tells how far it has read and the digest of all of that.

import "./copy.js";

const html = window.trustedTypes
  ? trustedTypes.createPolicy("ingestd", { createHTML: (text) => text })
  : { createHTML: (text) => text };

function take(section, line) {
  if (line.error) {
    const error = section.querySelector("[role=alert]");
    error.textContent = line.error;
    error.hidden = false;
  } else if (line.html) {
    const template = document.createElement("template");
    template.innerHTML = html.createHTML(line.html);
    section.querySelector(".verdict").replaceWith(template.content);
  } else {
    section.querySelector("progress").value = line.done;
    section.querySelector("[data-digest]").textContent = `SHA-256 … ${line.digest}`;
  }
}

async function read(section, answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : lines.pop();
    lines.filter((line) => line).forEach((line) => take(section, JSON.parse(line)));
    if (done) return;
  }
}

async function check(section, form) {
  const button = form.querySelector("button");
  const progress = form.querySelector("progress");
  const digest = section.querySelector("[data-digest]");
  button.disabled = true;
  section.querySelector("[role=alert]").hidden = true;
  progress.hidden = digest.hidden = false;
  progress.value = 0;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/x-ndjson" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (answer.headers.get("content-type")?.startsWith("application/x-ndjson")) await read(section, answer);
    else location.reload(); // turned away: the page says why
  } finally {
    button.disabled = false;
    progress.hidden = digest.hidden = true;
  }
}

for (const form of document.querySelectorAll(".check-form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(form.closest(".check-now"), form);
  });
}
