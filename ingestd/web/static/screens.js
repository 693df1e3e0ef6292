// One clip on the screen: its film, the preview that is waited for, and plain words where something is wrong.

import { Watched } from "./watched.js";

const ASK_MS = 700;
const ENOUGH_MS = 4000;
const NOT_SUPPORTED = 4;
const HAS_PICTURE = 2;
const FAILURE = 500;
const LATE_MS = 400;
const ANSWER_MS = 15000;
const ASK_LATE_MS = 5000;

export class Screen {
  constructor(figure, words) {
    this.figure = figure;
    this.words = words;
    this.acquisition = figure.dataset.acquisition;
    this.begin = figure.dataset.begin === undefined ? null : Number(figure.dataset.begin);
    this.length = Number(figure.dataset.length);
    this.frame = 1 / Number(figure.dataset.frames);
    this.media = figure.querySelector("video, audio");
    this.veil = figure.querySelector(".veil");
    this.making = figure.querySelector(".making");
    this.watched = new Watched(figure.dataset.look);
    this.isGrowing = false;
    this.said = this.veil.hidden ? null : this.veil.textContent;
    this.late = null;
    this.since = null;
    this.pictured = null;
    const photo = figure.querySelector(".frame img");
    photo?.addEventListener("error", () => this.broken());
    if (photo?.complete && photo.naturalWidth === 0) this.broken();
    if (!this.media) return;
    this.media.controls = false;
    this.media.addEventListener("error", () => this.broken());
    this.media.addEventListener("loadeddata", () => {
      if (!this.veil.classList.contains("bad")) this.say(null);
    });
    if (this.media.error) this.broken();
    if (figure.dataset.way === "making") this.wait();
  }

  get seconds() {
    return this.media.currentTime;
  }

  // Whether the picture (or sound) of the wanted place has come: until then an older one stands on the screen.
  get isThere() {
    return !this.media.seeking && this.media.readyState >= HAS_PICTURE;
  }

  get isPreview() {
    return this.figure.dataset.way !== "direct";
  }

  // Corrected time of the wanted place.
  get moment() {
    return this.begin === null ? null : this.begin + this.seconds * 1000;
  }

  seek(seconds) {
    this.media.currentTime = Math.min(Math.max(0, seconds), this.media.duration || this.length / 1000);
  }

  say(text, { isBad = false, isAll = false } = {}) {
    this.said = text;
    this.veil.classList.toggle("bad", isBad);
    this.veil.classList.toggle("is-all", isAll);
    this.unveil();
  }

  // What is said stands before the word that something is still to come.
  unveil() {
    const text = this.said ?? this.late;
    this.veil.hidden = text === null;
    this.veil.classList.toggle("is-late", this.said === null);
    if (this.veil.textContent !== text) this.veil.textContent = text ?? "";
  }

  // Called often: of which second the picture is (`pictured`), and a word over it while the wanted one is not there.
  look() {
    const { media } = this, now = performance.now();
    if (this.isThere) this.pictured = this.seconds;
    const isWanting = !media.error && (media.currentSrc !== "" || media.src !== "")
      && (!this.isThere || (!media.paused && !media.ended && media.readyState === HAS_PICTURE));
    if (!isWanting) this.since = this.late = null;
    else {
      this.since ??= this.asked = now;
      if (now - this.since > LATE_MS) this.late ??= this.words.loading;
      if (now - this.asked > ASK_LATE_MS) this.askWhy(now);
    }
    this.unveil();
  }

  // Slow is one thing, gone another.
  async askWhy(now) {
    this.asked = now;
    const since = this.since, answered = await this.about().then(() => true, (error) => error.isAnswer);
    if (this.late !== null && since === this.since) this.late = answered ? this.words.loading : this.words.gone;
  }

  async about() {
    const answer = await fetch(`/media/about/${this.acquisition}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok) throw Object.assign(new Error(answer.statusText), { isAnswer: answer.status < FAILURE });
    return answer.json();
  }

  // A film that broke off: a damaged block, a label that closed it, no more answers, or a browser that does not take
  // it after all.
  async broken() {
    if (this.isGrowing) return; // it is asked for again once more of it is there
    const code = this.media?.error?.code, at = this.media?.currentTime;
    let why = this.words.damaged;
    const about = await this.about().catch((error) => {
      why = error.isAnswer ? this.words.closed : this.words.gone;
      return null;
    });
    if (code === NOT_SUPPORTED && this.figure.dataset.way === "direct" && at === 0) {
      if (about && !about.damaged && this.media.readyState === 0) {
        const head = await fetch(this.figure.dataset.url, { method: "HEAD" }).catch(() => null);
        if (head?.ok) {
          this.say(this.words.unreadable);
          // The page anew: a look at the preview is another look, and the line under the picture another one.
          const address = new URL(location.href);
          address.searchParams.append("preview", this.acquisition);
          location.replace(address);
          return;
        }
      }
    }
    this.figure.classList.add("is-broken");
    this.figure.classList.toggle("is-damaged", why === this.words.damaged && !this.isPreview);
    this.say(why, { isBad: true });
  }

  // Until there is enough of a preview to begin; it goes on growing while it is played.
  async wait() {
    const about = await this.about().catch(() => null);
    const told = about?.preview;
    if (!told) {
      if (!this.isGrowing) this.say(this.words.gone);
    } else if (told.state === "failed" || told.state === "none") {
      this.say(`${this.words.failed} ${told.why ?? ""}`, { isBad: true });
      return;
    } else if (told.state === "made") {
      this.making.textContent = "";
      this.start(false);
      return;
    } else if (told.state === "making") {
      const share = told.length_ms ? Math.min(99, Math.floor((100 * (told.done_ms ?? 0)) / told.length_ms)) : 0;
      this.making.textContent = `${this.words.making} ${share}%`;
      if (!this.isGrowing) this.say(this.making.textContent);
      if ((told.done_ms ?? 0) >= ENOUGH_MS) this.start(true);
    } else if (!this.isGrowing) {
      this.say(this.words.waiting);
    }
    setTimeout(() => this.wait(), ASK_MS);
  }

  start(isGrowing) {
    if (this.isGrowing && isGrowing && !this.media.error) return;
    const at = this.media.src ? this.seconds : 0, wasPlaying = this.media.src && !this.media.paused;
    const speed = this.media.playbackRate;
    this.isGrowing = isGrowing;
    this.media.src = `${this.figure.dataset.url}${isGrowing ? "&growing=1" : ""}`;
    this.media.playbackRate = speed;
    if (at) this.media.currentTime = at;
    if (wasPlaying) this.media.play();
    this.figure.dataset.way = isGrowing ? "making" : "preview";
    this.say(null);
  }
}
