/**
 * What was told, in memory.
 *
 * @module
 */
import { audiencesOf } from "./audience.ts";
import { NOTICES_KEPT_FOR } from "./places.ts";
import type { Audience, KeptNotice, NewNotice, Told, ToldLately } from "./store.ts";

interface Entry extends Told {
  readonly conversation: string;
}

/** Whether something was told to an audience: to all members, or to a client by itself. */
function isFor({ to, conversation }: Entry, audience: Audience): boolean {
  if (audience.client !== undefined) return to !== "members" && to.includes(audience.client);
  return to === "members" && conversation === audience.conversation;
}

/** What was told in one app. */
export class MemoryNotices {
  readonly #entries: Entry[] = [];
  #last = 0;

  /** When the last one was told, also where it is forgotten. */
  get last(): number {
    return this.#last;
  }

  /** Keeps notices, and forgets those that are too old. */
  keep(conversation: string, notices: readonly NewNotice[], now: number): readonly Told[] {
    const first = this.#entries.findIndex(({ at }) => at > now - NOTICES_KEPT_FOR);
    this.#entries.splice(0, first < 0 ? this.#entries.length : first);
    return notices.map(({ to, command }) => {
      const at = this.#last = Math.max(now, this.#last + 1);
      const after = audiencesOf(conversation, to).map((audience) =>
        this.#entries.findLast((entry) => isFor(entry, audience))?.at ?? 0
      );
      const told = { at, to, after, command: structuredClone(command) };
      this.#entries.push({ conversation, ...told });
      return told;
    });
  }

  /** Those for a client, who is in the conversations for which `isMember` holds. */
  for(
    client: string,
    isMember: (conversation: string) => boolean,
    since: number,
    limit: number,
  ): readonly KeptNotice[] {
    return this.#entries.filter(({ at, to, conversation }) =>
      at > since && (to === "members" ? isMember(conversation) : to.includes(client))
    ).slice(0, limit).map(({ at, command }) => ({ at, command }));
  }

  /** Those that an audience was told after a time. */
  after(audience: Audience, after: number, limit: number): readonly KeptNotice[] {
    return this.#entries.filter((entry) => entry.at > after && isFor(entry, audience))
      .slice(0, limit).map(({ at, command }) => ({ at, command }));
  }

  /** Who was told something at or after a time, and when the last thing. */
  since(timestamp: number): readonly (Audience & Pick<ToldLately, "at">)[] {
    const lately = new Map<string, Audience & Pick<ToldLately, "at">>();
    for (const { at, to, conversation } of this.#entries) {
      if (at < timestamp) continue;
      if (to === "members") lately.set(`in ${conversation}`, { conversation, at });
      else for (const client of to) lately.set(`to ${client}`, { client, at });
    }
    return [...lately.values()];
  }
}
