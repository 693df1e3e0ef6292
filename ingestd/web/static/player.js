// The player: keys, buttons, the case's time line, two recorders in step. Films and facts are the server's.

import { Lanes } from "./lanes.js";
import { Screen } from "./screens.js";
import { snapshot } from "./snapshot.js";

const STEP_MS = 100;
const BACK_S = 5;
const FASTEST = 8;
const FAR_S = 0.4;
const NEAR_S = 0.04;

const words = document.getElementById("words").dataset;
const screens = [...document.querySelectorAll(".screen")].map((figure) => new Screen(figure, words));
const first = screens[0], second = screens[1];
const lanes = new Lanes(document.getElementById("line"));
const stage = document.querySelector(".stage");
const byId = (id) => document.getElementById(id);
const speedOf = byId("speed");
const offset = -new Date().getTimezoneOffset();
let isPlaying = false;

// --- time -----------------------------------------------------------------------------------------

function timer(seconds) {
  const whole = Math.floor(seconds), tenth = Math.floor((seconds - whole) * 10);
  const pad = (number) => String(number).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${h ? `${h}:${pad(m)}` : m}:${pad(s)}.${tenth}`;
}

function clock(moment) {
  const minutes = Number(stage.dataset.offset ?? offset);
  return new Date(moment + minutes * 60000).toISOString().slice(11, 21);
}

// Of the picture that is on the screen, which may lag behind the wanted place.
function corrected() {
  return first.begin === null || first.pictured === null ? "" : clock(first.begin + first.pictured * 1000);
}

function pictured() {
  return first.pictured === null ? "…" : timer(first.pictured);
}

function nudge() {
  return Number(byId("nudge")?.value || 0);
}

// --- playing --------------------------------------------------------------------------------------

function play() {
  isPlaying = true;
  first.media.play().catch(() => pause());
}

function pause() {
  isPlaying = false;
  for (const one of screens) one.media?.pause();
}

function speed(value) {
  speedOf.value = String(value);
  for (const one of screens) if (one.media) one.media.playbackRate = value;
}

function jump(seconds) {
  if (first.said === words.noneThen) first.say(null);
  first.seek(seconds);
  follow(true);
}

// The second recorder keeps in step on corrected time: small differences by speed, large ones by a leap.
function follow(isLeap = false) {
  if (!second?.media || first.begin === null || second.begin === null) return;
  const wanted = (first.moment - second.begin) / 1000 + nudge();
  const isThere = wanted >= 0 && wanted <= (second.media.duration || second.length / 1000);
  if (!second.figure.classList.contains("is-broken") && second.media.readyState > 0) {
    second.say(isThere ? null : words.notThen, { isAll: true });
  }
  if (!isThere) {
    second.media.pause();
    return;
  }
  const late = wanted - second.seconds;
  if (isLeap || Math.abs(late) > FAR_S) second.media.currentTime = wanted;
  else if (isPlaying) {
    const rate = Number(speedOf.value);
    second.media.playbackRate = Math.abs(late) > NEAR_S ? rate * (1 + Math.max(-0.2, Math.min(0.2, late))) : rate;
  }
  if (isPlaying && second.media.paused) second.media.play().catch(() => {});
  if (!isPlaying && !second.media.paused) second.media.pause();
}

function step() {
  if (!first.media) return;
  isPlaying = !first.media.paused && !first.media.ended;
  stage.classList.toggle("is-playing", isPlaying);
  for (const { media, watched } of screens) {
    if (media) watched.step(media.currentTime, !media.paused && !media.seeking && media.readyState > 2, media.playbackRate);
  }
  follow();
  draw();
}

function draw() {
  for (const one of screens) if (one.media) one.look();
  const told = Number.isFinite(first.media.duration) ? first.media.duration : 0;
  const at = first.seconds, end = Math.max(told, first.length / 1000);
  byId("seek").max = String(end);
  if (document.activeElement !== byId("seek") || isPlaying) byId("seek").value = String(at);
  byId("time").textContent = `${pictured()} / ${timer(end).slice(0, -2)}`;
  byId("clock").textContent = corrected();
  lanes.show(first.moment);
  point(at * 1000);
}

// --- the track ------------------------------------------------------------------------------------

const trace = byId("trace");
const points = (trace?.dataset.points ?? "").split(";").filter(Boolean).map((text) => {
  const [at, x, y, kmh] = text.split(",");
  return { at: Number(at), x: Number(x), y: Number(y), kmh };
});

function point(at) {
  if (!points.length) return;
  const after = points.findIndex((one) => one.at > at);
  const next = after < 0 ? points.at(-1) : points[after];
  const before = after < 0 ? points.at(-1) : points[Math.max(0, after - 1)];
  const share = next.at > before.at ? (at - before.at) / (next.at - before.at) : 0;
  const now = trace.querySelector(".now");
  now.setAttribute("cx", String(before.x + share * (next.x - before.x)));
  now.setAttribute("cy", String(before.y + share * (next.y - before.y)));
  byId("kmh").textContent = next.kmh ? `${next.kmh} km/h` : "";
}

// --- deeds ----------------------------------------------------------------------------------------

function elsewhere(block, moment) {
  const at = Math.max(0, Math.round(moment - block.begin));
  location.assign(`/clips/${block.acquisition}#t=${(at / 1000).toFixed(2)}`);
}

function moment() {
  return first.moment ?? null;
}

function toLane(number) {
  const now = moment();
  if (now === null) return;
  const found = lanes.running(now, (one) => one.lane === number);
  if (found && found.acquisition !== first.acquisition) elsewhere(found, now);
  else if (!found) first.say(words.noneThen);
}

function other() {
  const now = moment();
  const own = lanes.blocks.find((one) => one.acquisition === first.acquisition);
  if (now === null || !own) return;
  const numbers = [...new Set(lanes.blocks.map((one) => one.lane))].sort((a, b) => a - b);
  const order = [...numbers.filter((n) => n > own.lane), ...numbers.filter((n) => n < own.lane)];
  for (const number of order) {
    const found = lanes.running(now, (one) => one.lane === number);
    if (found) return elsewhere(found, now);
  }
  first.say(words.noneThen);
}

function frame(by) {
  pause();
  jump(first.seconds + by * first.frame);
}

function mark() {
  const at = first.seconds, list = byId("marks"), item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `⚑ ${timer(at)}`;
  button.addEventListener("click", () => jump(at));
  item.append(button);
  list.append(item);
  list.hidden = false;
}

const deeds = {
  play: () => (isPlaying ? pause() : play()),
  back: () => (Number(speedOf.value) > 1 ? speed(Number(speedOf.value) / 2) : jump(first.seconds - BACK_S)),
  faster: () => (isPlaying ? speed(Math.min(FASTEST, Number(speedOf.value) * 2)) : (speed(1), play())),
  previous: () => frame(-1),
  next: () => frame(1),
  mute: () => {
    first.media.muted = !first.media.muted;
    stage.classList.toggle("is-muted", first.media.muted);
    document.querySelector("[data-do=mute]").setAttribute("aria-pressed", String(first.media.muted));
  },
  whole: () => (document.fullscreenElement ? document.exitFullscreen() : first.figure.querySelector(".frame").requestFullscreen()),
  snapshot: () => snapshot(first, () => `${corrected()} · ${pictured()}`, words),
  mark,
  other,
  help: () => (byId("help").open ? byId("help").close() : byId("help").showModal()),
};

const keys = {
  " ": deeds.play, k: deeds.play, j: deeds.back, l: deeds.faster, ",": deeds.previous, ".": deeds.next,
  ArrowLeft: () => jump(first.seconds - BACK_S), ArrowRight: () => jump(first.seconds + BACK_S),
  m: deeds.mark, f: deeds.whole, "?": deeds.help,
  s: () => document.querySelector("[data-do=snapshot]") && deeds.snapshot(),
};

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.target;
  const isTyping = at.matches("textarea, select, input:not([type=range])");
  if (isTyping || (byId("help").open && event.key !== "?")) return;
  if (event.key === " " && at.matches("button, a, summary")) return;
  if (event.key.startsWith("Arrow") && at.matches("input[type=range]")) return;
  const deed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const lane = /^[1-9]$/.test(event.key) ? () => toLane(Number(event.key)) : undefined;
  if (!(deed ?? lane)) return;
  event.preventDefault();
  (deed ?? lane)();
}

// --- wired ----------------------------------------------------------------------------------------

function onLine(event) {
  const block = event.target.closest?.(".block");
  if (event.type === "click" && event.detail === 0 && block?.dataset.acquisition !== first.acquisition) return;
  const now = event.detail === 0 ? null : lanes.moment(event);
  const target = block
    ? lanes.blocks.find((one) => one.element === block)
    : now === null ? undefined : lanes.running(now, (one) => screens.some((screen) => screen.acquisition === one.acquisition));
  if (!target) return;
  event.preventDefault();
  const shown = screens.find((one) => one.acquisition === target.acquisition);
  if (!shown) elsewhere(target, now ?? target.begin);
  else if (first.media && first.begin !== null) jump(((now ?? shown.begin) - first.begin) / 1000);
}

lanes.svg.addEventListener("click", onLine);

if (first.media) {
  const controls = document.querySelector(".controls");
  controls.hidden = false;
  controls.addEventListener("click", (event) => deeds[event.target.closest("[data-do]")?.dataset.do]?.());
  byId("seek").addEventListener("input", (event) => jump(Number(event.target.value)));
  speedOf.addEventListener("change", () => speed(Number(speedOf.value)));
  byId("nudge")?.addEventListener("input", () => follow(true));
  for (const one of screens) {
    one.media?.addEventListener("click", deeds.play);
    one.media?.addEventListener("seeked", draw);
  }
  if (second?.media) second.media.muted = true;
  document.addEventListener("keydown", pressed);
  const at = /^#t=([\d.]+)$/.exec(location.hash);
  if (at) first.media.addEventListener("loadedmetadata", () => jump(Number(at[1])), { once: true });
  if (at && first.media.readyState > 0) jump(Number(at[1]));
  setInterval(step, STEP_MS);
  draw();
} else if (first.begin !== null) {
  lanes.show(first.begin);
}

// A page that was opened by a form is opened by its address when it is loaded again.
history.replaceState(null, "", location.href);
addEventListener("pagehide", () => screens.forEach((one) => one.watched.close()));
addEventListener("pageshow", (event) => event.persisted && location.reload());
