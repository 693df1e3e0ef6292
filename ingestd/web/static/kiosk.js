// The kiosk's keys: digits for fingers, one touch for a phrase, number keys for a recording, the way out by itself.

const door = document.querySelector(".kiosk-door");
const page = document.querySelector(".kiosk");

function atTheDoor() {
  const [user, pin] = [door.querySelector("[name=user]"), door.querySelector("[name=pin]")];
  const pad = door.querySelector(".keypad");
  let field = user.value ? pin : user;
  pad.hidden = false;
  for (const one of [user, pin]) one.addEventListener("focus", () => { field = one; });
  user.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || pin.value) return;
    event.preventDefault();
    pin.focus();
  });
  pad.addEventListener("click", (event) => {
    const key = event.target.dataset?.key;
    if (!key) return;
    if (key === "next") {
      if (field === pin && pin.value) return pin.form.requestSubmit();
      return (field === user ? pin : user).focus();
    }
    field.value = key === "back" ? field.value.slice(0, -1) : field.value + key;
    field.focus();
  });
}

function atNotes() {
  const form = document.getElementById("note");
  if (!form) return;
  const text = form.querySelector("textarea");
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  form.querySelector(".phrases").addEventListener("click", (event) => {
    if (event.target.name !== "phrase") return;
    event.preventDefault();
    text.setRangeText(event.target.value, text.selectionStart, text.selectionEnd, "end");
    text.focus();
  });
  const go = (link) => {
    // What was typed is saved before another recording is opened: nothing is lost by a wrong touch.
    if (!text.value.trim()) return location.assign(link.href);
    form.querySelector("[name=next]").value = link.dataset.clip;
    form.requestSubmit(form.querySelector(".save"));
  };
  for (const link of document.querySelectorAll("[data-clip]")) {
    link.addEventListener("click", (event) => { event.preventDefault(); go(link); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) return form.requestSubmit(form.querySelector(".save"));
    const link = document.querySelectorAll("[data-clip]")[Number(event.key) - 1];
    const isFree = document.activeElement !== text || event.altKey;
    if (link && isFree && /^[1-9]$/.test(event.key)) { event.preventDefault(); go(link); }
    if (event.key === "Escape") text.blur();
  });
}

function watchIdleness() {
  const idle = Number(page.dataset.idle) * 1000, shown = page.querySelector("[data-leaving]");
  const stayed = idle / 4;
  let movedAt = performance.now(), toldAt = movedAt;
  const moved = () => {
    movedAt = performance.now();
    if (movedAt - toldAt < stayed) return;
    toldAt = movedAt;
    fetch("/kiosk/here").then((answer) => { if (!answer.ok) location.assign("/kiosk"); });
  };
  for (const kind of ["keydown", "pointerdown", "input"]) addEventListener(kind, moved);
  const clock = setInterval(() => {
    const left = Math.ceil((idle - (performance.now() - movedAt)) / 1000);
    shown.hidden = left > 20;
    shown.querySelector("b").textContent = String(Math.max(0, left));
    if (left > 0) return;
    clearInterval(clock);  // asked once: a second asking while the first is under way would meet an ended session
    document.getElementById("end").requestSubmit();
  }, 500);
}

if (door) atTheDoor();
if (page) { atNotes(); watchIdleness(); }
