// The modal that the bot opened for the acting person; the topmost of a stack is shown.

import { complaint, post } from "/page/api.js";
import { renderBlocks } from "/page/blocks.js";
import { byId, h } from "/page/dom.js";
import { isEmpty, readValues } from "/page/inputs.js";
import { warningAt } from "/page/press.js";

const FIELD = ":is(input, select, textarea)";
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
  #submitted = false;

  constructor() {
    this.#dialog.addEventListener("input", () => { this.#submitted = false; });
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
    const answered = changed && sameView && this.#submitted;
    if (changed) this.#submitted = false;
    this.#view = view;
    this.#user = user;
    this.#context = view && contextOf(view, this);
    this.#draw(sameView, answered);
  }

  values() {
    return readValues(this.#dialog);
  }

  // `answered`: the bot has changed the view because it was submitted, and says why at its top.
  #draw(sameView, answered = false) {
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
    const focused = sameView ? this.#focused() : null;
    this.#dialog.replaceChildren(this.#form(view, before, warning));
    this.#dialog.setAttribute("aria-labelledby", "modal-title");
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#focus(focused, answered);
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
        h("button", { type: "button", "data-button": "x", class: "icon-button", "aria-label": "Close", onclick: () => this.#close() }, "✕")),
      h("div", { class: "modal-body", tabindex: "-1" },
        warning && h("p", { class: "warning", role: "alert" }, "⚠ ", warning),
        renderBlocks(view.blocks, context)),
      h("div", { class: "modal-footer" },
        h("button", { type: "button", "data-button": "close", class: "button", onclick: () => this.#close() },
          view.close?.text ?? "Cancel"),
        view.submit && h("button", {
          type: "submit", "data-button": "submit", class: "button primary", disabled: this.#waiting, "aria-busy": this.#waiting ? "true" : undefined,
        }, view.submit.text)));
  }

  #focused() {
    const node = document.activeElement;
    const button = node?.dataset?.button;
    if (button !== undefined) return { place: `[data-button="${button}"]:enabled` };
    const block = node?.closest?.("[data-block]")?.dataset.block;
    if (block === undefined) return null;
    return { place: `[data-block="${CSS.escape(block)}"] ${FIELD}`, from: node.selectionStart, to: node.selectionEnd };
  }

  #focus(focused, answered) {
    const at = (place) => this.#dialog.querySelector(place);
    const invalid = at(`.invalid ${FIELD}`);
    if (answered && !invalid) {
      at(".modal-body").focus();
      return;
    }
    const same = focused && at(focused.place);
    const node = invalid ?? same ?? at(`.modal-body ${FIELD}`) ?? at("[type=submit], .modal-footer button");
    node?.focus();
    if (node === same && typeof focused?.from === "number") node.setSelectionRange(focused.from, focused.to);
  }

  async #submit() {
    const values = this.values();
    this.#errors = missing(this.#view, values);
    if (Object.keys(this.#errors).length) return this.#draw(true);
    const view = this.#view;
    this.#waiting = true;
    this.#submitted = true;
    this.#problem = null;
    this.#draw(true);
    const answer = await post("submit-view", { user: this.#user, view_id: view.id, values });
    if (this.#view?.id !== view.id) return undefined;
    this.#waiting = false;
    this.#problem = complaint(answer);
    // The same errors as before are no news in the state, but they are here.
    if (answer.body?.response_action === "errors") this.#errors = answer.body.errors;
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
