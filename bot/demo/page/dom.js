// Builds elements. Data only ever becomes text or an attribute, never markup.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

// Replaces the children only when `key` is new, so that focus, selection and scrolling survive a refresh.
export function fill(node, key, build) {
  if (node.filledWith === key) return false;
  node.filledWith = key;
  node.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
  return true;
}

export function safeUrl(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

// Where a link to a message of this Slack leads on this page, by whatever name of this machine it was made; else null.
export function placeOf(text) {
  const href = safeUrl(text);
  const url = href && new URL(href);
  const [, channel, seconds, rest] = (url?.port === location.port && /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(url.pathname)) || [];
  return channel ? `#${channel}/${seconds}.${rest}` : null;
}

export function link(text, label) {
  const place = placeOf(text);
  if (place) return h("a", { href: place }, label);
  const href = safeUrl(text);
  return href ? h("a", { href, target: "_blank", rel: "noreferrer noopener" }, label) : h("span", {}, label);
}
