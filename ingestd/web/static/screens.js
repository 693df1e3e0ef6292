// One clip on the screen: its film, the preview that is waited for, and plain words where something is wrong.

import { Watched } from "./watched.js";

const ASK_MS = 700;
const ENOUGH_MS = 4000;
const NOT_SUPPORTED = 4;
const HAS_PICTURE = 2;
const FORBIDDEN = "403";

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

  // Corrected time of the wanted place.
  get moment() {
    return this.begin === null ? null : this.begin + this.seconds * 1000;
  }

  seek(seconds) {
    this.media.currentTime = Math.min(Math.max(0, seconds), this.media.duration || this.length / 1000);
  }

  say(text, { isBad = false, isAll = false } = {}) {
    this.veil.hidden = text === null;
    this.veil.textContent = text ?? "";
    this.veil.classList.toggle("bad", isBad);
    this.veil.classList.toggle("is-all", isAll);
  }

  async about() {
    const answer = await fetch(`/media/about/${this.acquisition}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  // A film that broke off: a damaged block, a label that closed it, or a browser that does not take it after all.
  async broken() {
    if (this.isGrowing) return; // it is asked for again once more of it is there
    const code = this.media.error?.code, at = this.seconds;
    let isClosed = false;
    const about = await this.about().catch((error) => {
      isClosed = error.message === FORBIDDEN;
      return null;
    });
    if (code === NOT_SUPPORTED && this.figure.dataset.way === "direct" && at === 0) {
      if (about && !about.damaged && this.media.readyState === 0 && !this.wasServed) {
        this.wasServed = true;
        const head = await fetch(this.figure.dataset.url, { method: "HEAD" }).catch(() => null);
        if (head?.ok) {
          this.say(this.words.unreadable);
          this.figure.dataset.url = this.figure.dataset.url.replace("/media/clip/", "/media/preview/");
          this.figure.dataset.way = "making";
          this.wait();
          return;
        }
      }
    }
    this.figure.classList.add("is-broken");
    this.say(isClosed ? this.words.closed : this.words.damaged, { isBad: true });
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
