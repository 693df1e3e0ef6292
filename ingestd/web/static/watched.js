// What of a film was really played, and for how long: told to the look that the daemon opened for it (design 9).

const TELL_MS = 15000;
const JOIN_MS = 400;
const LEAP = 1.5;

export class Watched {
  constructor(look) {
    this.look = look;
    this.ranges = [];
    this.watched = 0;
    this.last = null;
    this.told = performance.now();
    this.isNew = false;
    this.isOver = false;
  }

  // Called often while a film stands or plays: where it is, and how fast it runs.
  step(seconds, isPlaying, speed) {
    const now = performance.now(), at = seconds * 1000;
    if (isPlaying && this.last && document.visibilityState === "visible") {
      const passed = now - this.last.now, played = at - this.last.at;
      if (played > 0 && played < passed * speed * LEAP + JOIN_MS) {
        this.watched += passed;
        this.add(this.last.at, at);
      }
    }
    this.last = isPlaying ? { now, at } : null;
    if (this.isNew && now - this.told > TELL_MS) this.tell("seen");
  }

  add(from, to) {
    this.isNew = true;
    const all = [...this.ranges, [Math.round(from), Math.round(to)]].sort((a, b) => a[0] - b[0]);
    this.ranges = [];
    for (const [begin, end] of all) {
      const before = this.ranges.at(-1);
      if (before && begin <= before[1] + JOIN_MS) before[1] = Math.max(before[1], end);
      else this.ranges.push([begin, end]);
    }
  }

  tell(how) {
    const told = new FormData();
    told.append("ranges", JSON.stringify(this.ranges));
    told.append("watched_ms", String(Math.round(this.watched)));
    this.told = performance.now();
    this.isNew = false;
    navigator.sendBeacon(`/looks/${this.look}/${how}`, told);
  }

  close() {
    if (this.isOver) return;
    this.isOver = true;
    this.tell("close");
  }
}
