// The menu behind "⋯": a button that opens a short list of buttons.

import { h } from "/page/dom.js";
import { bind, drawn, press, pressKey } from "/page/press.js";

let nextId = 1;

export function overflow(context, block, element) {
  const id = `menu-${nextId++}`;
  const items = element.options.map((option) => h("button", {
    type: "button",
    class: "menu-item",
    onclick: () => {
      close(true);
      press(context, block, element, drawn(block, element, { selected_option: option }));
    },
  }, option.text.text, option.description && h("small", {}, option.description.text)));
  const list = h("div", { class: "menu-list", id, role: "group", "aria-label": "More actions", hidden: true }, items);
  const toggle = h("button", {
    type: "button", class: "button menu-toggle", "aria-label": "More actions", "aria-expanded": "false",
    "aria-controls": id, onclick: () => (list.hidden ? open() : close(true)),
  }, "⋯");
  const menu = h("div", { class: "menu" }, bind(toggle, pressKey(context, block, element)), list);

  function outside(event) {
    if (!menu.contains(event.target)) close(false);
  }

  function open() {
    list.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
    const place = toggle.getBoundingClientRect();
    const above = place.bottom + list.offsetHeight + 8 > window.innerHeight;
    list.style.top = `${above ? place.top - list.offsetHeight - 4 : place.bottom + 4}px`;
    list.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - list.offsetWidth - 8))}px`;
    items[0]?.focus({ preventScroll: true });
    document.addEventListener("pointerdown", outside);
    document.addEventListener("scroll", onScroll, { capture: true, once: true });
  }

  function onScroll() {
    close(false);
  }

  function close(refocus) {
    list.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    document.removeEventListener("scroll", onScroll, { capture: true });
    if (refocus) toggle.focus({ preventScroll: true });
  }

  list.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget)) close(false); });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close(true);
    else if (event.key === "Home") items[0].focus();
    else if (event.key === "End") items.at(-1).focus();
    else if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return menu;
}
