// Blocks as elements.

import { h, placeOf } from "/page/dom.js";
import { withEmoji } from "/page/emoji.js";
import { chosenDescription, control } from "/page/inputs.js";
import { overflow } from "/page/menu.js";
import { mrkdwn } from "/page/mrkdwn.js";
import { bind, drawn, press, pressKey } from "/page/press.js";
import { richText } from "/page/richtext.js";

// `context`: names, team, people, channels, user, place, placeId, entered(), before (states before a redraw), redraw().
export function renderBlocks(blocks, context) {
  return blocks.map((block) => {
    const node = (RENDERERS[block.type] ?? unknown)(block, context);
    node.dataset.block = block.block_id ?? "";
    return node;
  });
}

const RENDERERS = { actions, alert: alertBlock, context: contextBlock, divider, header, image, input, rich_text: rich, section };

export function text(object, names) {
  if (object.type === "mrkdwn") return mrkdwn(object.text, names);
  return h("p", { class: "plain" }, object.emoji === false ? object.text : withEmoji(object.text));
}

function section(block, context) {
  const fields = block.fields?.map((field) => h("div", { class: "field" }, text(field, context.names)));
  const words = h("div", { class: "words" },
    block.text && text(block.text, context.names),
    fields && h("div", { class: "fields" }, fields));
  return h("div", { class: "block section" }, words,
    block.accessory && h("div", { class: "accessory" }, renderElement(block.accessory, block, context)));
}

function actions(block, context) {
  return h("div", { class: "block actions" }, block.elements.map((element) => renderElement(element, block, context)));
}

function contextBlock(block, context) {
  return h("div", { class: "block context" }, block.elements.map((element) => (
    element.type === "image" ? picture(element) : h("div", {}, text(element, context.names)))));
}

function alertBlock(block, context) {
  return h("div", { class: `block alert ${block.level ?? "default"}`, role: "note" }, text(block.text, context.names));
}

function header(block) {
  return h("h3", { class: "block header" }, withEmoji(block.text.text));
}

function divider() {
  return h("hr", { class: "block divider" });
}

function image(block) {
  return h("figure", { class: "block" }, block.title && h("figcaption", {}, block.title.text), picture(block));
}

// The page loads nothing from elsewhere, so a picture is shown by its description.
function picture(element) {
  return h("span", { class: "picture", role: "img", "aria-label": element.alt_text }, `Picture: ${element.alt_text}`);
}

function rich(block, context) {
  return richText(block, context.names);
}

function unknown(block) {
  return h("p", { class: "block muted" }, `(a block of type ${block.type})`);
}

function input(block, context) {
  const onchange = block.dispatch_action ? () => choose(block.element, block, context, node) : undefined;
  const before = context.before?.[block.block_id]?.[block.element.action_id];
  const node = control(block.element, context, before, onchange);
  const id = `input-${block.block_id}`;
  const grouped = ["radio_buttons", "checkboxes"].includes(block.element.type);
  if (!grouped) node.id = id;
  const error = context.errors?.[block.block_id];
  const optional = block.optional && h("span", { class: "muted" }, " (optional)");
  const label = grouped ? h("span", { class: "label", id }, block.label.text, optional)
    : h("label", { class: "label", for: id }, block.label.text, optional);
  if (grouped) node.setAttribute("aria-labelledby", id);
  node.setAttribute("aria-describedby", `${id}-error ${id}-choice ${id}-hint`);
  if (error) node.setAttribute("aria-invalid", "true");
  if (!block.optional) node.setAttribute("aria-required", "true");
  return h("div", { class: `block input${error ? " invalid" : ""}` }, label, node,
    h("p", { class: "error", id: `${id}-error`, role: "alert" }, error ?? ""),
    chosenDescription(block.element, node, `${id}-choice`),
    block.hint && h("p", { class: "hint", id: `${id}-hint` }, block.hint.text));
}

function renderElement(element, block, context) {
  if (element.type === "image") return picture(element);
  if (element.type === "button") return button(element, block, context);
  if (element.type === "overflow") return overflow(context, block, element);
  const before = context.before?.[block.block_id]?.[element.action_id];
  const node = control(element, context, before, () => choose(element, block, context, node));
  if (element.placeholder) node.setAttribute("aria-label", element.placeholder.text);
  return bind(node, pressKey(context, block, element));
}

function button(element, block, context) {
  const onclick = () => {
    if (element.url) follow(element.url);
    press(context, block, element, drawn(block, element));
  };
  const node = h("button", {
    type: "button", class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label, onclick,
  }, withEmoji(element.text.text));
  return bind(node, pressKey(context, block, element));
}

function follow(url) {
  const place = placeOf(url);
  if (place) location.hash = place;
  else window.open(url, "_blank", "noopener,noreferrer");
}

function choose(element, block, context, node) {
  const chosen = [...node.querySelectorAll?.("input:checked") ?? []].map((box) => box.value);
  const value = node.multiple ? [...node.selectedOptions].map((option) => option.value)
    : element.type === "checkboxes" ? chosen : element.type === "radio_buttons" ? chosen[0] : node.value;
  if (value !== "") press(context, block, element, { value });
}
