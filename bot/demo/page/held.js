// A click counts where pressing and releasing meet the same button: nothing may be drawn anew in between.

const LONGEST_MS = 5000;

let held = null;

function hold(event) {
  if (held || !event.target.closest?.("button")) return;
  const press = {};
  press.over = new Promise((resolve) => { press.end = resolve; });
  held = press;
  setTimeout(() => release(press), LONGEST_MS);
}

// The click itself comes right after the release, so it goes first.
function release(press) {
  if (held === press) held = null;
  setTimeout(press.end);
}

function letGo() {
  if (held) release(held);
}

const isSpace = (event) => event.key === " ";

addEventListener("pointerdown", hold, true);
addEventListener("pointerup", letGo, true);
addEventListener("pointercancel", letGo, true);
addEventListener("keydown", (event) => { if (isSpace(event)) hold(event); }, true);
addEventListener("keyup", (event) => { if (isSpace(event)) letGo(); }, true);

// Resolves when no button is held down, or one has been for five seconds.
export const released = () => held?.over;
