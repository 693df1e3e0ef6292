// A picture taken from the screen: hashed by the station, logged, and only then given out.

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

export async function snapshot(screen, at, words) {
  const canvas = element("canvas"), video = screen.media;
  if (!video.videoWidth) return;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const atMs = Math.round(screen.seconds * 1000);
  element("picture").hidden = false;
  element("picture-at").textContent = at;
  element("picture-digest").textContent = "";
  element("picture-told").textContent = "";
  element("picture-code").hidden = true;
  element("picture-save").hidden = true;
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const own = digest(await blob.arrayBuffer());
  const answer = await fetch(`/api/v1/snapshots/${screen.acquisition}?at_ms=${atMs}`, {
    method: "POST",
    headers: { "Content-Type": "image/png" },
    body: blob,
  }).catch(() => null);
  if (!answer?.ok) {
    const told = await answer?.json().catch(() => null);
    const lang = document.documentElement.lang === "en" ? "en" : "zh";
    element("picture-told").textContent = words.refused + (told?.error?.[lang] ?? words.gone);
    if (told?.error?.need === "confirm") askForCode(() => snapshot(screen, at, words), words);
    return;
  }
  const told = await answer.json();
  const isSame = own === null ? null : hex(await own) === told.sha256;
  element("picture-digest").textContent = `SHA-256 ${told.sha256}`;
  element("picture-told").textContent =
    words.logged.replace("{n}", told.seq) + (isSame ? ` · ${words.same}` : "");
  const save = element("picture-save");
  save.href = URL.createObjectURL(blob);
  save.download = `${screen.acquisition}_${atMs}ms_${told.sha256.slice(0, 12)}.png`;
  save.hidden = false;
}
