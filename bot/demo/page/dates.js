// Times as a reader sees them: in the reader's time zone and words, by the clock of this Slack.

// How far this Slack's clock was moved on.
export const here = { aheadMs: 0 };
export const now = () => new Date(Date.now() + here.aheadMs);

const DAY_MS = 86_400_000;
const format = (options) => new Intl.DateTimeFormat(undefined, options);
const FORMATS = {
  date_num: format({ year: "numeric", month: "2-digit", day: "2-digit" }),
  date: format({ year: "numeric", month: "long", day: "numeric" }),
  date_short: format({ year: "numeric", month: "short", day: "numeric" }),
  date_long: format({ weekday: "long", year: "numeric", month: "long", day: "numeric" }),
  time: format({ hour: "numeric", minute: "2-digit" }),
  time_secs: format({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
};

const DATE_AND_TIME = format({ weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" });

export const dateAndTime = (date) => DATE_AND_TIME.format(date);
export const today = () => startOfDay(now());
export const dateOf = (ts) => new Date(Number.parseFloat(ts) * 1000);
export const timeOf = (ts) => FORMATS.time.format(dateOf(ts));
export const fullTimeOf = (ts) => `${FORMATS.date_long.format(dateOf(ts))}, ${FORMATS.time_secs.format(dateOf(ts))}`;

export function dayOf(ts) {
  return relativeDay(dateOf(ts), true) ?? FORMATS.date_long.format(dateOf(ts));
}

function relativeDay(date, capital) {
  const days = Math.round((startOfDay(date) - today()) / DAY_MS);
  const name = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  return name && capital ? name[0].toUpperCase() + name.slice(1) : name;
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function ago(date) {
  const seconds = Math.round((date - now()) / 1000);
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(seconds, "second");
}

// Fills the tokens of <!date^unix^format|fallback>.
export function formatDate(unixSeconds, pattern, fallback) {
  const date = new Date(Number(unixSeconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => {
    if (token === "ago") return ago(date);
    const name = token.replace(/_pretty$/, "");
    if (!FORMATS[name]) return whole;
    const pretty = token.endsWith("_pretty") ? relativeDay(date, false) : undefined;
    return pretty ?? FORMATS[name].format(date);
  });
}
