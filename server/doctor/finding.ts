/** What a check finds. @module */
import type { Clock } from "@curlew/realtime/environment";

/** What a check found: what holds, what does not and how to mend it, or why it was not tried. */
export type Finding =
  | { readonly state: "ok"; readonly says: string }
  | { readonly state: "failed"; readonly says: string; readonly remedy: string }
  | { readonly state: "skipped"; readonly says: string };

/** All is as it should be. */
export const ok = (says: string): Finding => ({ state: "ok", says });

/** Something is wrong, and this is how to mend it. */
export const failed = (says: string, remedy: string): Finding => ({
  state: "failed",
  says,
  remedy,
});

/** It could not be tried. */
export const skipped = (says: string): Finding => ({ state: "skipped", says });

/** The app that is asked for where none is named: the one for development. */
export const DEFAULT_APP = "curlew-dev";

/** What is examined, and with what. */
export interface Subject {
  /** The address that clients are given; its path ends with a slash. */
  readonly url: URL;
  /** The app whose clients they are. */
  readonly app: string;
  /** How long links are left idle, in ms. */
  readonly idle: number;
  /** Tells the time and calls back later. */
  readonly clock: Clock;
  /** Authorities to trust in the place of those that the platform does, as PEM. */
  readonly ca?: string | undefined;
}
