/**
 * The contract of transports as tests of this repository, which also look for leaks.
 *
 * @module
 */
import { describe, it } from "node:test";
import { type MakeRig, transportContract as casesOf } from "@curlew/realtime/testing";
import { checkLeaks } from "../kit/leaks.ts";

export type { MakeRig, OtherSide, Rig } from "@curlew/realtime/testing";

/** Runs the contract over a transport. */
export function transportContract(name: string, make: MakeRig): void {
  describe(`the transport ${name}`, () => {
    for (const { name, run } of casesOf(make)) it(name, checkLeaks(run));
  });
}
