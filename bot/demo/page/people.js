// How people are told apart where one is chosen.

// The name, with what keeps this person from being a member of `team` like the others.
export function nameOf(person, team) {
  if (person.is_stranger || person.team_id !== team) return `${person.name} (other organisation)`;
  return person.is_restricted || person.is_ultra_restricted ? `${person.name} (guest)` : person.name;
}
