// A picture taken from the screen: hashed by the station, logged, and only then given out.

const PATIENCE_MS = 20000;
const ASK_MS = 50;
let isWaiting = false;

function digest(bytes) {
  // Only where the page came over TLS or from this machine: browsers do not hash elsewhere.
  return crypto.subtle ? crypto.subtle.digest("SHA-256", bytes) : null;
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function element(id) {
  return document.getElementById(id);
}

// A labelled clip takes a code of the second factor first: with it the picture is taken again.
function askForCode(again, words) {
  const form = element("picture-code");
  form.hidden = false;
  form.code.value = "";
  form.code.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .catch(() => null);
    if (answer?.ok) again();
    else element("picture-told").textContent = answer ? words.wrongCode : words.gone;
  };
}

// Whether the picture of the wanted place is on the screen, now or within some seconds; the page says what is waited for.
async function there(screen, words) {
  const until = performance.now() + PATIENCE_MS;
  while (!screen.isThere && !screen.media.error && performance.now() < until) {
    element("picture").hidden = false;
    element("canvas").hidden = true;
    element("picture-told").textContent = words.awaited;
    await new Promise((done) => setTimeout(done, ASK_MS));
  }
  if (!screen.isThere) element("picture-told").textContent = words.notTaken;
  return screen.isThere;
}

// `told` says when that is, asked in the very moment that the picture is drawn.
export async function snapshot(screen, told, words) {
  if (isWaiting || (screen.isThere && !screen.media.videoWidth)) return;
  for (const name of ["picture-at", "picture-digest", "picture-told"]) element(name).textContent = "";
  element("picture-code").hidden = true;
  element("picture-save").hidden = true;
  isWaiting = true;
  const isThere = await there(screen, words);
  isWaiting = false;
  if (isThere) await take(screen, told, words);
}

async function take(screen, told, words) {
  const canvas = element("canvas"), video = screen.media;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const of = screen.isPreview ? "preview" : "original";
  const atMs = Math.round(screen.seconds * 1000);
  element("picture").hidden = false;
  canvas.hidden = false;
  screen.look();
  element("picture-at").textContent = (screen.isPreview ? `${words.ofPreview} · ` : "") + told();
  element("picture-told").textContent = "";
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const own = digest(await blob.arrayBuffer());
  const answer = await fetch(`/api/v1/snapshots/${screen.acquisition}?at_ms=${atMs}&of=${of}`, {
    method: "POST",
    headers: { "Content-Type": "image/png" },
    body: blob,
  }).catch(() => null);
  if (!answer?.ok) {
    const error = (await answer?.json().catch(() => null))?.error;
    const lang = document.documentElement.lang === "en" ? "en" : "zh";
    element("picture-told").textContent = words.refused + (error?.[lang] ?? words.gone);
    if (error?.need === "confirm") askForCode(() => snapshot(screen, told, words), words);
    return;
  }
  const logged = await answer.json();
  const isSame = own === null ? null : hex(await own) === logged.sha256;
  element("picture-digest").textContent = `SHA-256 ${logged.sha256}`;
  element("picture-told").textContent =
    words.logged.replace("{n}", logged.seq) + (isSame ? ` · ${words.same}` : "");
  const save = element("picture-save");
  save.href = URL.createObjectURL(blob);
  save.download = `${screen.acquisition}_${atMs}ms_${of}_${logged.sha256.slice(0, 12)}.png`;
  save.hidden = false;
}
