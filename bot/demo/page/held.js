// While a button is held down, the page does not change: a click is lost if its button is replaced before the release.

const LONGEST_MS = 5000;

let held = null;

function hold(event) {
  if (held || !event.target.closest?.("button")) return;
  const press = {};
  press.over = new Promise((resolve) => { press.end = resolve; });
  held = press;
  setTimeout(release, LONGEST_MS, press);
}

// Called for the press that is held, or later for one that is over already. The click comes before what waits for it.
function release(press) {
  if (!press || press !== held) return;
  held = null;
  setTimeout(press.end);
}

const isSpace = (event) => event.key === " ";

addEventListener("pointerdown", hold, true);
addEventListener("pointerup", () => release(held), true);
addEventListener("pointercancel", () => release(held), true);
addEventListener("keydown", (event) => { if (isSpace(event)) hold(event); }, true);
addEventListener("keyup", (event) => { if (isSpace(event)) release(held); }, true);

// Resolves when no button is held down, or one has been for five seconds.
export const released = () => held?.over;
