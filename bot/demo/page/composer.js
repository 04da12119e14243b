// Where a person writes: a message, or a slash command for the bot.

import { complaint, post } from "/page/api.js";
import { byId } from "/page/dom.js";

// `placeOf` says who writes where: {user, channel}, and in a thread {threadTs}, where Slack takes no commands.
export function setUpComposer(id, placeOf) {
  const form = byId(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { user, channel, threadTs } = placeOf();
    const written = form.elements.text.value.trim();
    if (!written || !channel) return;
    form.elements.text.value = "";
    const [, command, text] = threadTs ? [] : /^(\/[\w-]+)\s*([\s\S]*)$/.exec(written) ?? [];
    const answer = command ? await post("command", { user, channel: channel.id, command, text })
      : await post("messages", { user, channel: channel.id, text: escaped(written), thread_ts: threadTs });
    warn(form, answer);
  });
}

// `channel` is the open one, or null where nothing can be written.
export function showComposer(channel) {
  const form = byId("composer");
  form.hidden = !channel;
  if (!channel) return;
  const name = channel.im_user ? "the bot" : `#${channel.name}`;
  form.elements.text.disabled = channel.archived;
  form.elements.text.placeholder = channel.archived ? `${name} is archived` : `Message ${name}`;
}

// Of a bot that did not answer, Slackbot tells in the channel; here it is told what Slack would not even have taken.
function warn(form, answer) {
  const said = answer.status === null && !["timeout", "unreachable", "not_a_command"].includes(answer.error);
  form.querySelector(".error").textContent = said ? `⚠ ${complaint(answer)}` : "";
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
