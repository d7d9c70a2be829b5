/** What programs need not state. @module */

/** Attributes that a program does not state: they may be anything. */
// deno-lint-ignore no-explicit-any -- as LeanCloud's declarations have it, for the programs written for them
export type Unstated = any;
