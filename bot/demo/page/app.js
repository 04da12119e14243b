// The page: reads the state whenever something changed and shows it.

import { get } from "/page/api.js";
import { avatar } from "/page/avatar.js";
import { setUpComposer, showComposer } from "/page/composer.js";
import { lookups, messageContext, viewContext, visibleTo } from "/page/context.js";
import { Conversation } from "/page/conversation.js";
import { byId, fill, h } from "/page/dom.js";
import { setUpDrawers } from "/page/drawers.js";
import { setUpFaults, showFaults } from "/page/faults.js";
import { released } from "/page/held.js";
import { announceHome, showHome } from "/page/home.js";
import { readValues } from "/page/inputs.js";
import { announceNew } from "/page/live.js";
import { Memory } from "/page/memory.js";
import { threadHref } from "/page/message.js";
import { Modal } from "/page/modal.js";
import { nameOf } from "/page/people.js";
import { setUpRalio } from "/page/ralio.js";
import { channelRows } from "/page/rows.js";
import { keepingFocus, showSidebar } from "/page/sidebar.js";
import { revealReply, setUpThread, showThread } from "/page/thread.js";
import { setUpTime, showTime } from "/page/time.js";

const HOME = "home";
const LIMIT = 100;
const REST_MS = 25;

const memory = new Memory();
const conversation = new Conversation(byId("scroll"), byId("messages"), byId("jump"));
const modal = new Modal();
const acting = document.querySelector("select[name=user]");
let state = null;
let limit = LIMIT;
let reading = false;
let stale = false;
let announced = "";

function place() {
  const [id, ts, pane] = location.hash.slice(1).split("/");
  const known = id === HOME || state.channels.some((channel) => channel.id === id);
  return { id: known ? id : state.channels.find((channel) => !channel.im_user).id, ts, isThread: known && pane === "thread" };
}

function openChannel() {
  return state.channels.find((channel) => channel.id === place().id) ?? null;
}

async function read() {
  if (reading) {
    stale = true;
    return;
  }
  reading = true;
  try {
    do {
      stale = false;
      await readOnce();
      await new Promise((resolve) => { setTimeout(resolve, REST_MS); });
    } while (stale);
  } finally {
    reading = false;
  }
}

async function readOnce() {
  const user = memory.user;
  const fresh = await get(`state?limit=${limit}&user=${encodeURIComponent(user || "-")}`);
  await released();
  if (!fresh.people || user !== memory.user) return;
  state = fresh;
  draw();
}

function draw() {
  showTime(state.clock);
  drawActing();
  const { id } = place();
  const channel = openChannel();
  const base = { ...lookups(state, memory.user), user: memory.user, redraw: draw };
  announce(id);
  drawPlace(id, channel, base);
  drawSidebar(id);
  modal.show(state.modals[memory.user], memory.user, (view) => viewContext(base, view, () => modal.values()));
  const newest = (state.messages[channel?.id] ?? []).findLast(isCard);
  showFaults(state.faults, channel && !channel.im_user ? channel : null, newest?.ts);
}

// A reply names its session, too.
function isCard(message) {
  return !message.thread_ts && Boolean(message.metadata?.event_payload?.session_id);
}

function drawActing() {
  const people = state.people.filter((person) => !person.is_bot);
  if (!people.some((person) => person.id === memory.user)) {
    memory.actAs(people[0].id);
    read();
  }
  const options = people.map((person) => ({ id: person.id, name: nameOf(person, state.team.id) }));
  fill(acting, JSON.stringify(options), () => options.map(({ id, name }) => h("option", { value: id }, name)));
  acting.value = memory.user;
  const person = people.find(({ id }) => id === memory.user);
  fill(byId("acting-avatar"), JSON.stringify(person), () => avatar(person, "small"));
}

// Draws at once, before the state is read again: nothing can be pressed in the former person's name.
function actAs(user) {
  memory.actAs(user);
  state = visibleTo(state, user);
  draw();
  read();
}

function announce(id) {
  const opened = `${memory.user} ${id}`;
  if (opened === announced) return;
  announced = opened;
  if (id === HOME) announceHome(memory.user, draw);
}

function drawPlace(id, channel, base) {
  const messages = (channel && state.messages[channel.id]) ?? [];
  byId("messages").hidden = id === HOME;
  byId("home").hidden = id !== HOME;
  byId("earlier").hidden = messages.length < limit;
  drawHeader(id, channel);
  showComposer(channel);
  drawEmpty(channel, messages);
  if (id === HOME) {
    const view = state.homes[memory.user];
    showHome(view, viewContext(base, view, () => readValues(byId("home"))));
    conversation.leave();
    showThread(null);
    return;
  }
  const contextOf = (message) => messageContext(base, message);
  const { ts, isThread } = place();
  conversation.show(id, messages, channelRows(messages, contextOf));
  showThread(channel, isThread ? ts : null, messages, contextOf, base.names);
  announceNew(`${memory.user} ${id}`, messages, memory.user, base.author);
  if (document.visibilityState === "visible" && messages.length) memory.markRead(id, messages.at(-1).ts);
}

function drawHeader(id, channel) {
  const members = channel?.members.length;
  fill(byId("place-header"), JSON.stringify([id, channel?.archived, channel?.bot_is_member, members, state.app.name]), () => {
    if (!channel) return [h("h1", {}, state.app.name), h("span", { class: "muted" }, "Home")];
    return [
      h("h1", {}, channel.im_user ? state.app.name : `# ${channel.name}`),
      !channel.im_user && h("span", { class: "muted" }, `${members} members`),
      channel.archived && h("span", { class: "tag" }, "archived"),
      !channel.bot_is_member && h("span", { class: "tag" }, "the bot is not in here"),
    ];
  });
}

function drawEmpty(channel, messages) {
  const empty = byId("empty");
  empty.hidden = !channel || messages.length > 0;
  fill(empty, channel?.id ?? "", () => [
    h("p", { class: "empty-title" }, "No messages yet"),
    h("p", {}, channel?.im_user ? "The bot has not written to this person."
      : "Send an event from the panel “Ralio” (⚙ shows it): the bot posts a card for each review."),
  ]);
}

function drawSidebar(current) {
  const entry = (channel, label, mark) => ({
    id: channel.id, channel: channel.id, href: `#${channel.id}`, label, mark, archived: channel.archived,
    unread: memory.unread(channel.id, state.messages[channel.id] ?? []), current: channel.id === current,
  });
  const channels = state.channels.filter((channel) => !channel.im_user);
  const direct = state.channels.filter((channel) => channel.im_user && state.messages[channel.id]?.length);
  keepingFocus(() => showSidebar(state.team.name, [
    { title: "Channels", places: channels.map((channel) => entry(channel, channel.name, "#")) },
    { title: "Direct messages", places: direct.map((channel) => entry(channel, state.app.name, "●")) },
    { title: "Apps", places: [{ id: HOME, href: `#${HOME}`, label: `${state.app.name}: Home`, mark: "⌂", current: current === HOME }] },
  ]));
}

// Shows the message that the address names, also one of long ago.
async function revealPlace() {
  const { id, ts, isThread } = place();
  if (!ts || isThread) return;
  const reply = state.messages[id]?.find((message) => message.ts === ts && message.thread_ts);
  if (reply) {
    location.replace(threadHref(id, reply.thread_ts));
    draw();
    revealReply(ts);
    return;
  }
  while (!conversation.reveal(ts) && place().ts === ts && state.messages[id]?.length >= limit) {
    limit *= 2;
    await readOnce();
  }
}

function listen() {
  const stream = new EventSource("/_control/stream");
  stream.addEventListener("changed", read);
  stream.onopen = () => { byId("connection").textContent = ""; };
  stream.onerror = () => { byId("connection").textContent = "Connection lost, trying again…"; };
}

acting.addEventListener("change", () => actAs(acting.value));
byId("earlier").addEventListener("click", () => {
  limit += LIMIT;
  read();
});
window.addEventListener("hashchange", () => {
  if (!state) return;
  draw();
  revealPlace();
});
document.addEventListener("visibilitychange", () => state && draw());
setUpDrawers();
setUpRalio(() => openChannel()?.id ?? null);
setUpTime();
setUpFaults();
setUpComposer("composer", () => ({ user: memory.user, channel: openChannel() }));
setUpThread(() => memory.user);
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
listen();
await read();
if (state) revealPlace();
