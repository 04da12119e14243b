// The modal that the bot opened for the acting person; the topmost of a stack is shown.

import { complaint, post } from "/page/api.js";
import { renderBlocks } from "/page/blocks.js";
import { byId, h } from "/page/dom.js";
import { isEmpty, readValues } from "/page/inputs.js";
import { warningAt } from "/page/press.js";

const REQUIRED = "Please complete this required field.";

export class Modal {
  #dialog = byId("modal");
  #view = null;
  #key = "";
  #user = "";
  #context = null;
  #errors = {};
  #problem = null;
  #waiting = false;

  constructor() {
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close();
    });
  }

  // Shows the top of `stack`, or hides the dialog.
  show(stack, user, contextOf) {
    const view = stack?.at(-1) ?? null;
    const changed = view?.id !== this.#view?.id || view?.hash !== this.#view?.hash;
    if (changed) {
      this.#problem = null;
      this.#waiting = false;
    }
    if (changed || JSON.stringify(view?.errors) !== JSON.stringify(this.#view?.errors)) this.#errors = view?.errors ?? {};
    const sameView = view?.id === this.#view?.id;
    this.#view = view;
    this.#user = user;
    this.#context = view && contextOf(view, this);
    this.#draw(sameView);
  }

  values() {
    return readValues(this.#dialog);
  }

  #draw(sameView) {
    const view = this.#view;
    if (!view) {
      this.#key = "";
      if (this.#dialog.open) this.#dialog.close();
      return;
    }
    const warning = warningAt(this.#context) ?? this.#problem;
    const key = JSON.stringify([view.id, view.hash, this.#errors, warning, this.#waiting]);
    if (key === this.#key) return;
    this.#key = key;
    const before = sameView ? this.values() : {};
    const focused = sameView ? this.#focusedAction() : null;
    this.#dialog.replaceChildren(this.#form(view, before, warning));
    this.#dialog.setAttribute("aria-labelledby", "modal-title");
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#focus(sameView, focused);
  }

  #form(view, before, warning) {
    const context = { ...this.#context, before, errors: this.#errors };
    const onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    return h("form", { onsubmit, novalidate: true },
      h("div", { class: "modal-head" },
        h("h2", { id: "modal-title" }, view.title.text),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => this.#close() }, "✕")),
      h("div", { class: "modal-body" },
        warning && h("p", { class: "warning", role: "alert" }, "⚠ ", warning),
        renderBlocks(view.blocks, context)),
      h("div", { class: "modal-footer" },
        h("button", { type: "button", class: "button", onclick: () => this.#close() }, view.close?.text ?? "Cancel"),
        view.submit && h("button", {
          type: "submit", class: "button primary", disabled: this.#waiting, "aria-busy": this.#waiting ? "true" : undefined,
        }, view.submit.text)));
  }

  #focusedAction() {
    return document.activeElement?.closest?.("[data-block]")?.dataset.block ?? null;
  }

  #focus(sameView, block) {
    const first = sameView && block ? `[data-block="${CSS.escape(block)}"] :is(input, select, textarea, button)`
      : ".modal-body :is(input, select, textarea)";
    const invalid = this.#dialog.querySelector(".invalid :is(input, select, textarea)");
    (invalid ?? this.#dialog.querySelector(first) ?? this.#dialog.querySelector("[type=submit]"))?.focus();
  }

  async #submit() {
    const values = this.values();
    this.#errors = missing(this.#view, values);
    if (Object.keys(this.#errors).length) return this.#draw(true);
    const view = this.#view;
    this.#waiting = true;
    this.#problem = null;
    this.#draw(true);
    const answer = await post("submit-view", { user: this.#user, view_id: view.id, values });
    if (this.#view?.id !== view.id) return undefined;
    this.#waiting = false;
    this.#problem = complaint(answer);
    return this.#draw(true);
  }

  async #close() {
    if (this.#view) await post("close-view", { user: this.#user, view_id: this.#view.id });
  }
}

// The required inputs that were left empty, as Slack's own client finds them before it sends.
function missing(view, values) {
  const errors = {};
  for (const block of view.blocks) {
    if (block.type !== "input" || block.optional) continue;
    const state = values[block.block_id]?.[block.element.action_id];
    if (!state || isEmpty(state)) errors[block.block_id] = REQUIRED;
  }
  return errors;
}
