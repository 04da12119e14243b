// The channels, the home tab and the direct messages, with what is unread.

import { byId, fill, h } from "/page/dom.js";

const MOST_SHOWN = 99;

// `places`: {id, href, label, mark, unread, current}
export function showSidebar(team, groups) {
  fill(byId("sidebar"), JSON.stringify([team, groups]), () => [
    h("p", { class: "team" }, team),
    groups.filter(({ places }) => places.length).map(({ title, places }) => h("div", { class: "group" },
      h("h2", {}, title),
      h("ul", {}, places.map((place) => h("li", {}, placeLink(place)))))),
  ]);
}

function placeLink(place) {
  const unread = place.unread > 0 && h("span", { class: "badge" },
    h("span", { "aria-hidden": "true" }, place.unread > MOST_SHOWN ? `${MOST_SHOWN}+` : place.unread),
    h("span", { class: "for-readers" }, ` ${place.unread} unread`));
  return h("a", {
    href: place.href, class: `place${place.unread ? " unread" : ""}${place.archived ? " archived" : ""}`,
    "data-channel": place.channel, "data-place": place.id, "aria-current": place.current ? "page" : undefined,
  },
  h("span", { class: "place-mark", "aria-hidden": "true" }, place.mark),
  h("span", { class: "place-name" }, place.label), unread);
}

// A redraw keeps the keyboard where it was.
export function keepingFocus(draw) {
  const place = document.activeElement?.dataset?.place;
  draw();
  if (place && document.activeElement === document.body) {
    byId("sidebar").querySelector(`[data-place="${CSS.escape(place)}"]`)?.focus({ preventScroll: true });
  }
}
