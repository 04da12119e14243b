// The control API of this simulator.

export async function call(method, path, body) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (body !== undefined) options.body = JSON.stringify(body);
  try {
    const response = await fetch(`/_control/${path}`, options);
    const answer = await response.json();
    return response.ok ? answer : { status: null, error: answer.error ?? `HTTP ${response.status}` };
  } catch {
    return { status: null, error: "the local Slack does not answer" };
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

// What a person is told when the bot did not acknowledge; null when it did.
export function complaint(answer) {
  if (answer.status === 200) return null;
  if (answer.error === "timeout") return "The app did not respond within 3 seconds.";
  if (answer.error === "unreachable") return "The app is not reachable.";
  if (answer.status) return `The app responded with status ${answer.status}.`;
  return `This did not work: ${answer.error}`;
}
