// The short names that bots use most; an unknown one stays as it was written.

const EMOJI = {
  alarm_clock: "⏰", arrow_right: "➡️", arrow_up: "⬆️", back: "🔙", bell: "🔔", bulb: "💡", busts_in_silhouette: "👥",
  bust_in_silhouette: "👤", calendar: "📅", clipboard: "📋", clock1: "🕐", closed_lock_with_key: "🔐",
  construction: "🚧", eyes: "👀", exclamation: "❗", fire: "🔥", hand: "✋", raised_hand: "✋",
  heavy_check_mark: "✔️", hourglass: "⌛", hourglass_flowing_sand: "⏳", inbox_tray: "📥", incoming_envelope: "📨",
  information_source: "ℹ️", key: "🔑", large_blue_circle: "🔵", large_green_circle: "🟢", large_orange_circle: "🟠",
  large_red_circle: "🔴", large_yellow_circle: "🟡", link: "🔗", lock: "🔒", mag: "🔍", mailbox: "📫", memo: "📝",
  no_entry: "⛔", no_entry_sign: "🚫", office: "🏢", page_facing_up: "📄", pencil: "📝", pencil2: "✏️",
  pushpin: "📌", question: "❓", red_circle: "🔴", repeat: "🔁", rotating_light: "🚨", scales: "⚖️", shield: "🛡️",
  sos: "🆘", speech_balloon: "💬", stopwatch: "⏱️", tada: "🎉", thumbsup: "👍", ticket: "🎫", timer_clock: "⏲️",
  unlock: "🔓", warning: "⚠️", wave: "👋", white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡",
};

export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}
