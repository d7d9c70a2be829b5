/**
 * What was told, in memory.
 *
 * @module
 */
import { NOTICES_KEPT_FOR } from "./places.ts";
import type { KeptNotice, NewNotice } from "./store.ts";

interface Entry extends KeptNotice {
  readonly conversation: string;
  readonly to: NewNotice["to"];
}

/** What was told in one app. */
export class MemoryNotices {
  readonly #entries: Entry[] = [];

  /** Keeps notices, and forgets those that are too old. */
  keep(conversation: string, notices: readonly NewNotice[], now: number): readonly number[] {
    const first = this.#entries.findIndex(({ at }) => at > now - NOTICES_KEPT_FOR);
    this.#entries.splice(0, first < 0 ? this.#entries.length : first);
    return notices.map(({ to, command }) => {
      const at = Math.max(now, (this.#entries.at(-1)?.at ?? 0) + 1);
      this.#entries.push({ conversation, to, command: structuredClone(command), at });
      return at;
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
}
