// What this tab remembers: who acts, and up to where each person has read each channel.

const USER = "acting-as";
const READ = "read";

export class Memory {
  user = sessionStorage.getItem(USER) ?? "";
  #read = JSON.parse(sessionStorage.getItem(READ) ?? "{}");

  actAs(user) {
    this.user = user;
    sessionStorage.setItem(USER, user);
  }

  markRead(channel, ts) {
    const key = `${this.user} ${channel}`;
    if (ts <= (this.#read[key] ?? "")) return;
    this.#read[key] = ts;
    sessionStorage.setItem(READ, JSON.stringify(this.#read));
  }

  unread(channel, messages) {
    const upTo = this.#read[`${this.user} ${channel}`] ?? "";
    return messages.filter((message) => message.ts > upTo && message.user !== this.user).length;
  }
}
