/**
 * What a node has told already: events by their ids, and the newest states by what they are of.
 *
 * @module
 */
import type { NoticeEvent } from "../service/events.ts";
import { newsOnly } from "../service/receipts.ts";

/** What was told in one app. */
export class Known {
  readonly #all = new Map<string, { readonly version: number; readonly came: number }>();

  /** Whether an event comes for the first time; from now on it doesn't. */
  isFirst(id: string, now: number): boolean {
    if (this.#all.has(id)) return false;
    this.#note(id, 0, now);
    return true;
  }

  /** The version of what was told last; −1 where nothing is known of. */
  versionOf(what: string): number {
    return this.#all.get(what)?.version ?? -1;
  }

  /** What of an event is not outdated: all, nothing, or some. */
  newsOf(event: NoticeEvent, now: number): NoticeEvent | undefined {
    const { newest } = event;
    if (!newest) return event;
    const fresh = newest.map(({ of, version }) => this.versionOf(of) <= version);
    if (!fresh.includes(true)) return undefined;
    for (const [i, { of, version }] of newest.entries()) if (fresh[i]) this.#note(of, version, now);
    return fresh.includes(false) ? { ...event, command: newsOnly(event.command, fresh) } : event;
  }

  /** Forgets what came before a time. */
  forget(before: number): void {
    for (const [what, { came }] of this.#all) {
      if (came >= before) return;
      this.#all.delete(what);
    }
  }

  #note(what: string, version: number, came: number): void {
    this.#all.delete(what);
    this.#all.set(what, { version, came });
  }
}
