// Slack's mrkdwn as elements: *bold* _italic_ ~strike~ `code` ```block``` > quotes, bullets, <tokens>.

import { formatDate } from "/page/dates.js";
import { h, link } from "/page/dom.js";
import { withEmoji } from "/page/emoji.js";

const BEFORE = "(?<=^|[\\s([{\"'*_~.,;:!?/—–-])";
const AFTER = "(?=$|[\\s)\\]}\"'*_~.,;:!?/—–-])";
const marked = (mark) => `${BEFORE}\\${mark}(?=\\S)([^\\n]*?\\S)\\${mark}${AFTER}`;
const INLINE = new RegExp(`<([^<>\\n]+)>|\`([^\`\\n]+)\`|${marked("*")}|${marked("_")}|${marked("~")}`);
const LIST_ITEM = /^\s*[•◦▪*-]\s+(.*)$/;
const QUOTE = /^(?:>|&gt;)\s?(.*)$/;

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

// Returns elements for a mrkdwn text; `names` resolves people, channels and groups.
export function mrkdwn(text, names) {
  return text.split(/```\n?([\s\S]*?)\n?```/).flatMap((part, index) => {
    if (index % 2 === 1) return h("pre", {}, unescape(part));
    return part.trim() ? paragraphs(part.replace(/^\n|\n$/g, ""), names) : [];
  });
}

function paragraphs(text, names) {
  const groups = [];
  for (const line of text.split("\n")) {
    const kind = QUOTE.test(line) ? "quote" : LIST_ITEM.test(line) ? "list" : "text";
    const last = groups.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else groups.push({ kind, lines: [line] });
  }
  return groups.map(({ kind, lines }) => {
    if (kind === "quote") return h("blockquote", {}, joined(lines.map((line) => QUOTE.exec(line)[1]), names));
    if (kind === "list") return h("ul", {}, lines.map((line) => h("li", {}, inline(LIST_ITEM.exec(line)[1], names))));
    return h("p", {}, joined(lines, names));
  });
}

function joined(lines, names) {
  return lines.flatMap((line, index) => (index ? [h("br"), ...inline(line, names)] : inline(line, names)));
}

export function inline(text, names) {
  const nodes = [];
  let rest = text;
  let found = INLINE.exec(rest);
  while (found) {
    const [whole, token, code, bold, italic, strike] = found;
    nodes.push(withEmoji(unescape(rest.slice(0, found.index))));
    if (token !== undefined) nodes.push(entity(token, names));
    else if (code !== undefined) nodes.push(h("code", {}, unescape(code)));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold, names)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic, names)));
    else nodes.push(h("s", {}, inline(strike, names)));
    rest = rest.slice(found.index + whole.length);
    found = INLINE.exec(rest);
  }
  nodes.push(withEmoji(unescape(rest)));
  return nodes.filter((node) => node !== "");
}

function entity(token, names) {
  const [target, ...labels] = token.split("|");
  const label = labels.length ? unescape(labels.join("|")) : null;
  if (target.startsWith("@")) {
    const id = target.slice(1);
    return mention(`@${names.person(id) ?? label ?? id}`, names.isOwn(id));
  }
  if (target.startsWith("#")) return mention(`#${names.channel(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (!target.startsWith("!")) return link(unescape(target), label ?? unescape(target));
  const [kind, ...details] = target.slice(1).split("^");
  if (kind === "date") return date(details, label ?? "");
  if (kind === "subteam") return mention(`@${names.group(details[0]) ?? label ?? details[0]}`, names.isOwn(details[0]));
  return mention(label ?? `@${kind}`, true);
}

function date([unixSeconds, pattern = "", target], fallback) {
  const shown = formatDate(unixSeconds, pattern, fallback);
  const time = h("time", { title: fallback }, shown);
  return target ? link(target, time) : time;
}

// `isOwn`: it notifies the acting person.
export function mention(text, isOwn = false) {
  return h("span", { class: `mention${isOwn ? " own" : ""}` }, text);
}
