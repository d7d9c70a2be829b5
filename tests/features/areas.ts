/**
 * The rows of README's table of features, in its order.
 *
 * @module
 */
import { ofItsOwn } from "./beyond.ts";
import { aroundMessages } from "./conversations.ts";
import type { Area } from "./feature.ts";
import { ofMessages } from "./messages.ts";

/** All areas, in the order of the table. */
export const areas: readonly Area[] = [...aroundMessages, ...ofMessages, ...ofItsOwn];
