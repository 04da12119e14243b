// The panel that moves the time on, to see what happens later.

import { complaint, post } from "/page/api.js";
import { dateAndTime, here, now } from "/page/dates.js";
import { byId, h } from "/page/dom.js";

const HOUR_S = 3600;
const STEPS = [["+1 hour", HOUR_S], ["+4 hours", 4 * HOUR_S], ["+1 day", 24 * HOUR_S]];
const TICK_MS = 1000;

export function setUpTime() {
  const problem = h("p", { class: "error", role: "alert" });
  const advance = async (seconds) => {
    const answer = await post("clock", { advance_s: seconds });
    problem.textContent = answer.error ? `⚠ ${complaint(answer)}` : "";
  };
  byId("time").append(
    h("h2", { id: "time-title" }, "Time"),
    h("p", { class: "muted" }, "Bot and Slack share a clock you can fast-forward: reminders, releases, digests."),
    h("p", { class: "clock" }, h("time", { id: "clock" }), h("span", { class: "muted", id: "ahead", role: "status" })),
    h("div", { class: "control-row" }, STEPS.map(([label, seconds]) => h("button", {
      type: "button", class: "control", onclick: () => advance(seconds),
    }, label))),
    problem);
  setInterval(tick, TICK_MS);
}

// `clock`: as the state holds it.
export function showTime(clock) {
  here.aheadMs = clock.ahead_s * 1000;
  const hours = Math.floor(clock.ahead_s / HOUR_S);
  const parts = [[Math.floor(hours / 24), "day"], [hours % 24, "hour"]].filter(([count]) => count);
  const ahead = parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
  write(byId("ahead"), ahead && `${ahead} ahead`);
  tick();
}

function tick() {
  write(byId("clock"), dateAndTime(now()));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
