// On narrow screens the sidebar and the controls slide in; on wide ones the controls can be folded away.

import { byId } from "/page/dom.js";

const NARROW = window.matchMedia("(max-width: 760px)");
const MEDIUM = window.matchMedia("(max-width: 1120px)");

export function setUpDrawers() {
  const shade = byId("shade");
  const sidebar = drawer("sidebar", "open-sidebar", shade);
  const panel = drawer("panel", "open-panel", shade);
  const fit = () => {
    sidebar.set(false);
    panel.set(!MEDIUM.matches);
  };
  const closeAll = () => {
    if (NARROW.matches) sidebar.set(false);
    if (MEDIUM.matches) panel.set(false);
  };
  shade.addEventListener("click", closeAll);
  byId("close-panel").addEventListener("click", closeAll);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeAll(); });
  window.addEventListener("hashchange", () => sidebar.set(false));
  MEDIUM.addEventListener("change", fit);
  NARROW.addEventListener("change", fit);
  fit();
}

function drawer(id, buttonId, shade) {
  const button = byId(buttonId);
  const set = (open) => {
    document.body.classList.toggle(`${id}-open`, open);
    button.setAttribute("aria-expanded", String(open));
    const floating = MEDIUM.matches && document.body.classList.contains("panel-open");
    shade.hidden = !floating && !document.body.classList.contains("sidebar-open");
  };
  button.addEventListener("click", () => set(!document.body.classList.contains(`${id}-open`)));
  return { set };
}
