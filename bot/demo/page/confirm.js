// The dialog that asks before an element acts.

import { byId, h } from "/page/dom.js";
import { mrkdwn } from "/page/mrkdwn.js";

// Resolves to true when the person agrees; an element without `confirm` needs no question.
export function confirmed(confirm, names) {
  if (!confirm) return Promise.resolve(true);
  const dialog = byId("confirm");
  return new Promise((resolve) => {
    const finish = (answer) => () => {
      dialog.onclose = null;
      dialog.close();
      resolve(answer);
    };
    const text = confirm.text.type === "mrkdwn" ? mrkdwn(confirm.text.text, names) : h("p", {}, confirm.text.text);
    const style = confirm.style === "danger" ? "danger solid" : "primary";
    const deny = confirm.deny?.text ?? "Cancel";
    dialog.replaceChildren(
      h("h2", { id: "confirm-title" }, confirm.title.text),
      h("div", { class: "modal-body" }, text),
      h("div", { class: "modal-footer" },
        h("button", { type: "button", class: "button", onclick: finish(false) }, deny),
        h("button", { type: "button", class: `button ${style}`, onclick: finish(true) }, confirm.confirm.text)),
    );
    dialog.setAttribute("aria-labelledby", "confirm-title");
    dialog.onclose = finish(false);
    dialog.showModal();
  });
}
