// People as coloured initials.

import { h } from "/page/dom.js";

export function avatar(person, size = "") {
  if (person?.is_bot) return h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" }, "✓");
  const name = person?.name ?? "?";
  const initials = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const node = h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, initials);
  node.style.backgroundColor = person?.color ?? "#64748b";
  return node;
}
