// The auditor's half of a draw: a nonce that is made here, kept here, and only its SHA-256 sent, until the
// station's half is signed. What is saved is the file that `ingestd audit draw` goes on from as well.

import "./copy.js";

const KEPT = "ingestd-nonce-";

// SHA-256 (FIPS 180-4) of at most 55 bytes: browsers give theirs to pages over TLS or of this machine only.
function sha256(bytes) {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const k = primes.map((p) => fraction(Math.cbrt(p)));
  const h = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const block = new DataView(new ArrayBuffer(64));
  bytes.forEach((byte, at) => block.setUint8(at, byte));
  block.setUint8(bytes.length, 0x80);
  block.setUint32(60, bytes.length * 8);
  const w = Array.from({ length: 16 }, (_, at) => block.getInt32(at * 4));
  const turn = (x, by) => (x >>> by) | (x << (32 - by));
  for (let at = 16; at < 64; at += 1) {
    const [a, b] = [w[at - 15], w[at - 2]];
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    w[at] = (w[at - 16] + low + w[at - 7] + high) | 0;
  }
  let v = [...h];
  for (let at = 0; at < 64; at += 1) {
    const [a, b, c, d, e, f, g, last] = v;
    const one = last + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[at] + w[at];
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    v = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
  }
  return h.map((one, at) => ((one + v[at]) >>> 0).toString(16).padStart(8, "0")).join("");
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const show = (id, text) => { document.getElementById(id).textContent = text; };

// --- begin ------------------------------------------------------------------------------------------

const begin = document.getElementById("begin-form");

function dates() {
  const chosen = begin.elements.month.value;
  begin.querySelector(".dates").hidden = chosen !== "";
}

function span() {
  const { month, since, until } = begin.elements;
  const at = (text) => Date.parse(`${text}T00:00:00Z`) - Number(begin.dataset.offset) * 60000;
  if (!month.value) return [at(since.value), at(until.value)];
  const [year, number] = month.value.split("-").map(Number);
  const first = (y, n) => at(`${String(y)}-${String(n).padStart(2, "0")}-01`);
  return [first(year, number), number === 12 ? first(year + 1, 1) : first(year, number + 1)];
}

function make() {
  if (!begin.reportValidity()) return;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const [nonce, digest] = [hex(bytes), sha256(bytes)];
  const [since_at, until_at] = span();
  const unit = begin.elements.unit.value || null;
  const kept = JSON.stringify({ origin: begin.dataset.origin, since_at, until_at, unit, nonce });
  localStorage.setItem(KEPT + digest.slice(0, 16), kept); // before anything of it leaves
  document.getElementById("commitment").value = digest;
  show("nonce", nonce);
  show("digest", digest);
  const save = document.getElementById("save");
  save.href = URL.createObjectURL(new Blob([`${kept}\n`], { type: "application/json" }));
  save.download = `${digest.slice(0, 16)}.nonce`;
  document.getElementById("made").hidden = false;
  document.getElementById("make").hidden = true;
}

if (begin) {
  begin.elements.month.addEventListener("change", dates);
  document.getElementById("make").addEventListener("click", make);
  dates();
  addEventListener("pageshow", dates); // after Back the browser has put the choice there again
}

// --- reveal -----------------------------------------------------------------------------------------

const reveal = document.getElementById("reveal-form");
const over = document.querySelector("[data-over]");

if (reveal) {
  const kept = localStorage.getItem(KEPT + reveal.dataset.audit);
  if (kept) reveal.elements.nonce.value = JSON.parse(kept).nonce;
}
if (over) localStorage.removeItem(KEPT + over.dataset.over); // the log has it, or it can never be used
