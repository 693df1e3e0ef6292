// A check of the bytes as it goes on: the daemon tells how far it has read and the digest of all of that.

import "./copy.js";

const html = window.trustedTypes
  ? trustedTypes.createPolicy("ingestd", { createHTML: (text) => text })
  : { createHTML: (text) => text };

const form = document.getElementById("check-form");
const digest = document.getElementById("digest");
const progress = document.getElementById("progress");
const error = document.getElementById("error");

function take(line) {
  if (line.error) {
    error.textContent = line.error;
    error.hidden = false;
  } else if (line.html) {
    const template = document.createElement("template");
    template.innerHTML = html.createHTML(line.html);
    document.getElementById("check-result")?.replaceWith(template.content);
  } else {
    progress.value = line.done;
    digest.textContent = `SHA-256 … ${line.digest}`;
  }
}

async function read(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : lines.pop();
    lines.filter((line) => line).forEach((line) => take(JSON.parse(line)));
    if (done) return;
  }
}

async function check(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  error.hidden = true;
  progress.hidden = digest.hidden = false;
  progress.value = 0;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/x-ndjson" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (answer.headers.get("content-type")?.startsWith("application/x-ndjson")) await read(answer);
    else location.reload(); // turned away: the page says why
  } finally {
    button.disabled = false;
    progress.hidden = digest.hidden = true;
  }
}

form?.addEventListener("submit", check);
