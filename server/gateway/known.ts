/**
 * What a node has told already: events by their ids, and the newest states by what they are of. Ages
 * are counted in sweeps, since the clock may be set back; and what each sweep finds again, for the
 * clock was ahead when it was stored, is remembered for as long as that.
 *
 * @module
 */
import type { NoticeEvent } from "../service/events.ts";
import { newsOnly } from "../service/receipts.ts";

/** What was told in one app. */
export class Known {
  readonly #all = new Map<string, { readonly version: number; readonly came: number }>();

  /** Whether an event comes for the first time; from now on it doesn't. `sweeps` counts them. */
  isFirst(id: string, sweeps: number): boolean {
    const first = !this.#all.has(id);
    this.#note(id, 0, sweeps);
    return first;
  }

  /** Whether this version of something was told, or a newer one. */
  isTold(of: string, version: number, sweeps: number): boolean {
    const told = this.versionOf(of);
    if (told < version) return false;
    this.#note(of, told, sweeps);
    return true;
  }

  /** The version of what was told last; −1 where nothing is known of. */
  versionOf(what: string): number {
    return this.#all.get(what)?.version ?? -1;
  }

  /** What of an event is not outdated: all, nothing, or some. */
  newsOf(event: NoticeEvent, sweeps: number): NoticeEvent | undefined {
    const { newest } = event;
    if (!newest) return event;
    const fresh = newest.map(({ of, version }) => this.versionOf(of) <= version);
    if (!fresh.includes(true)) return undefined;
    for (const [i, { of, version }] of newest.entries()) {
      if (fresh[i]) this.#note(of, version, sweeps);
    }
    return fresh.includes(false) ? { ...event, command: newsOnly(event.command, fresh) } : event;
  }

  /** Forgets what did not come since that many sweeps. */
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
