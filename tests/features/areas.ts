/**
 * The rows of README's table of features, in its order.
 *
 * @module
 */
import { beyond, running } from "./beyond.ts";
import type { Area } from "./feature.ts";
import { conversations, members, queries, sessions } from "./conversations.ts";
import { messages, plugins, sync } from "./messages.ts";

/** All areas, in the order of the table. */
export const areas: readonly Area[] = [
  sessions,
  conversations,
  members,
  queries,
  messages,
  sync,
  plugins,
  beyond,
  running,
];
