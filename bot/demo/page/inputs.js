// Menus, choices and text fields, and how to read what a person entered in them.

import { h } from "/page/dom.js";
import { nameOf } from "/page/people.js";

const readers = new WeakMap();
const TEXT_TYPES = {
  datepicker: "date", email_text_input: "email", number_input: "number", timepicker: "time", url_text_input: "url",
};

let nextName = 1;

// Returns a control for an element; `entered` is its state before a redraw; `onchange` runs at a choice.
export function control(element, context, entered, onchange) {
  const made = make(element, context, entered, onchange);
  made.node.dataset.action = element.action_id;
  readers.set(made.node, () => ({ type: element.type, ...made.read() }));
  return made.node;
}

// Returns {block id: {action id: state}} of every control below `root`, in Slack's shape.
export function readValues(root) {
  const values = {};
  for (const node of root.querySelectorAll("[data-action]")) {
    const block = node.closest("[data-block]")?.dataset.block;
    if (block && readers.has(node)) (values[block] ??= {})[node.dataset.action] = readers.get(node)();
  }
  return values;
}

export const isEmpty = (state) => Object.entries(state).every(
  ([name, value]) => name === "type" || value === null || value === "" || value?.length === 0);

// What an option says about itself, below the menu as long as it is chosen; null when no option says anything.
export function chosenDescription(element, node, id) {
  if (element.type !== "static_select" || !allOptions(element).some((option) => option.description)) return null;
  const place = h("p", { class: "hint", id, role: "status" });
  const show = () => {
    place.textContent = allOptions(element).find((option) => option.value === node.value)?.description?.text ?? "";
  };
  node.addEventListener("change", show);
  show();
  return place;
}

function make(element, context, entered, onchange) {
  switch (element.type) {
    case "plain_text_input": return textInput(element, entered);
    case "static_select": return optionSelect(element, entered, onchange);
    case "multi_static_select": return manySelect(allOptions(element).map(asChoice), element, entered, onchange,
      "selected_options", (values) => allOptions(element).filter((option) => values.includes(option.value)));
    case "multi_users_select": return manySelect(people(context), element, entered, onchange, "selected_users", (ids) => ids);
    case "users_select": return idSelect(people(context), element, entered, onchange, "selected_user", "initial_user");
    case "channels_select": return idSelect(channels(context), element, entered, onchange, "selected_channel", "initial_channel");
    case "conversations_select":
      return idSelect(channels(context), element, entered, onchange, "selected_conversation", "initial_conversation");
    case "radio_buttons": return choices("radio", element, entered, onchange);
    case "checkboxes": return choices("checkbox", element, entered, onchange);
    default: return shortInput(element, entered, onchange);
  }
}

const asChoice = (option) => ({ value: option.value, label: option.text.text });
const allOptions = (element) => (element.option_groups ?? [element]).flatMap((group) => group.options ?? []);
const people = (context) => context.people.filter((person) => !person.is_bot && !person.deleted)
  .map((person) => ({ value: person.id, label: nameOf(person, context.team) }));
const channels = (context) => context.channels.filter((channel) => !channel.im_user)
  .map((channel) => ({ value: channel.id, label: `#${channel.name}` }));

function textInput(element, entered) {
  const value = entered ? entered.value ?? "" : element.initial_value ?? "";
  const attributes = {
    placeholder: element.placeholder?.text, maxlength: element.max_length ?? 3000, minlength: element.min_length,
    autofocus: element.focus_on_load,
  };
  const node = element.multiline ? h("textarea", { rows: 4, ...attributes }) : h("input", { type: "text", ...attributes });
  node.value = value;
  return { node, read: () => ({ value: node.value || null }) };
}

function shortInput(element, entered, onchange) {
  const field = { datepicker: "selected_date", timepicker: "selected_time" }[element.type] ?? "value";
  const initial = element.initial_date ?? element.initial_time ?? element.initial_value;
  const node = h("input", {
    type: TEXT_TYPES[element.type] ?? "text", placeholder: element.placeholder?.text, onchange,
    step: element.is_decimal_allowed ? "any" : undefined, min: element.min_value, max: element.max_value,
  });
  node.value = (entered ? entered[field] : initial) ?? "";
  return { node, read: () => ({ [field]: node.value || null }) };
}

const optionNode = (choice) => h("option", { value: choice.value }, choice.label);

function selectOf(nodes, placeholder, selected, onchange) {
  const node = h("select", { onchange }, h("option", { value: "" }, placeholder ?? "Choose…"), nodes);
  node.value = selected ?? "";
  return node;
}

function optionSelect(element, entered, onchange) {
  const selected = entered ? entered.selected_option : element.initial_option;
  const nodesOf = (options) => options.map(asChoice).map(optionNode);
  const nodes = element.option_groups?.map((group) => h("optgroup", { label: group.label.text }, nodesOf(group.options)))
    ?? nodesOf(element.options);
  const node = selectOf(nodes, element.placeholder?.text, selected?.value, onchange);
  const chosen = () => allOptions(element).find((option) => option.value === node.value) ?? null;
  return { node, read: () => ({ selected_option: chosen() }) };
}

function idSelect(choicesOf, element, entered, onchange, field, initial) {
  const selected = entered ? entered[field] : element[initial];
  const node = selectOf(choicesOf.map(optionNode), element.placeholder?.text, selected, onchange);
  return { node, read: () => ({ [field]: node.value || null }) };
}

function manySelect(choicesOf, element, entered, onchange, field, resolve) {
  const initial = element.initial_options ?? element.initial_users ?? [];
  const chosen = (entered ? entered[field] : initial).map((each) => each.value ?? each);
  const node = h("select", { multiple: true, size: Math.min(6, choicesOf.length), onchange },
    choicesOf.map((choice) => h("option", { value: choice.value, selected: chosen.includes(choice.value) }, choice.label)));
  return { node, read: () => ({ [field]: resolve([...node.selectedOptions].map((option) => option.value)) }) };
}

function choices(kind, element, entered, onchange) {
  const name = `choice-${nextName++}`;
  const field = kind === "radio" ? "selected_option" : "selected_options";
  const before = entered ? entered[field] : element.initial_option ?? element.initial_options;
  const chosen = [before ?? []].flat().map((option) => option.value);
  const boxes = element.options.map((option) => h("input", {
    type: kind, name, value: option.value, checked: chosen.includes(option.value), onchange,
  }));
  const labels = element.options.map((option, index) => h("label", { class: "choice" }, boxes[index],
    h("span", {}, option.text.text, option.description && h("small", {}, option.description.text))));
  const selected = () => element.options.filter((_option, index) => boxes[index].checked);
  const read = () => ({ [field]: kind === "radio" ? selected()[0] ?? null : selected() });
  return { node: h("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group" }, labels), read };
}
