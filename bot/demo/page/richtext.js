// rich_text blocks as elements.

import { formatDate } from "/page/dates.js";
import { h, link } from "/page/dom.js";
import { withEmoji } from "/page/emoji.js";
import { mention } from "/page/mrkdwn.js";

export function richText(block, names) {
  return h("div", { class: "block rich-text" }, block.elements.map((part) => container(part, names)));
}

function container(part, names) {
  if (part.type === "rich_text_list") {
    const items = part.elements.map((item) => h("li", {}, leaves(item, names)));
    return h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${Math.min(part.indent ?? 0, 4)}` }, items);
  }
  const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" }[part.type] ?? "p";
  return h(tag, {}, leaves(part, names));
}

function leaves(part, names) {
  return part.elements.map((leaf) => styled(leaf, node(leaf, names)));
}

function node(leaf, names) {
  switch (leaf.type) {
    case "text": return lines(leaf.text);
    case "link": return link(leaf.url, leaf.text ?? leaf.url);
    case "user": return mention(`@${names.person(leaf.user_id) ?? leaf.user_id}`, names.isOwn(leaf.user_id));
    case "channel": return mention(`#${names.channel(leaf.channel_id) ?? leaf.channel_id}`);
    case "usergroup": return mention(`@${names.group(leaf.usergroup_id) ?? leaf.usergroup_id}`, names.isOwn(leaf.usergroup_id));
    case "broadcast": return mention(`@${leaf.range}`, true);
    case "emoji": return withEmoji(`:${leaf.name}:`);
    case "date": return h("time", {}, formatDate(leaf.timestamp, leaf.format, leaf.fallback ?? ""));
    default: return leaf.value ?? "";
  }
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

function styled(leaf, content) {
  const style = leaf.style ?? {};
  let shown = content;
  for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]]) {
    if (style[name]) shown = h(tag, {}, shown);
  }
  return shown;
}
