// What drawing needs to know about the workspace: names, the acting person, the place of a control.

const SLACKBOT = { id: "USLACKBOT", name: "Slackbot", is_bot: true };

// `user` is the acting person.
export function lookups(state, user) {
  const people = new Map(state.people.map((person) => [person.id, person]));
  const channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  const groups = new Map(state.usergroups.map((group) => [group.id, group]));
  return {
    author: (id) => people.get(id) ?? { ...SLACKBOT, id, name: id === SLACKBOT.id ? SLACKBOT.name : id },
    names: {
      person: (id) => people.get(id)?.name,
      channel: (id) => channels.get(id)?.name,
      group: (id) => groups.get(id)?.handle,
      isOwn: (id) => id === user || Boolean(groups.get(id)?.users.includes(user)),
    },
    team: state.team.id,
    people: state.people,
    channels: state.channels,
  };
}

// The part of a state that another person may see, too.
export function visibleTo(state, user) {
  const channels = state.channels.filter((channel) => [null, user].includes(channel.im_user));
  const messages = channels.map(({ id }) => [id, state.messages[id].filter((message) => [null, user].includes(message.ephemeral_to))]);
  return { ...state, channels, messages: Object.fromEntries(messages) };
}

export function messageContext(base, message) {
  return {
    ...base,
    place: { channel: message.channel, ts: message.ts },
    placeId: `${message.channel}/${message.ts}`,
    entered: () => ({}),
  };
}

// `read` returns what was entered in the view so far.
export function viewContext(base, view, read) {
  return {
    ...base,
    place: { view_id: view?.id },
    placeId: `view/${view?.id}`,
    entered: () => ({ values: read() }),
  };
}
