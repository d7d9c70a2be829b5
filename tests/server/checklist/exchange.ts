/**
 * What exchanges are: how one goes, and the promises to clients that it shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Recording } from "./recording.ts";
import type { Stage } from "./stage.ts";

/** Whose strictness it is: `Any` where no client could do without. */
export type Client = "Any" | "Swift" | "Java" | "C#" | "JavaScript";

/** A promise to a client, and what shows it in an exchange. */
export interface Promised {
  /** The client. */
  readonly to: Client;
  /** What it is promised, to be read after the client's name. */
  readonly that: string;
  /** Throws unless it is kept. */
  readonly kept: (recording: Recording) => void;
}

/** An exchange. */
export interface Exchange {
  /** What happens in it. */
  readonly title: string;
  /** Whether it is about who is there, which nodes do not tell each other. */
  readonly oneNode?: true;
  /** How it goes. */
  readonly play: (stage: Stage) => Promise<void>;
  /** What it shows. */
  readonly promises: readonly Promised[];
}

/** A promise of what each device hears, in order, and nothing else. */
export function hears(
  to: Client,
  that: string,
  expected: { readonly [device: string]: string },
): Promised {
  const namesIn = (text: string) => text.split(" ").filter((name) => name !== "");
  return {
    to,
    that,
    kept: (recording) => {
      const heard = Object.keys(expected).map((name) => [name, recording.names(name)]);
      const wanted = Object.entries(expected).map(([name, text]) => [name, namesIn(text)]);
      assert.deepEqual(Object.fromEntries(heard), Object.fromEntries(wanted));
    },
  };
}
