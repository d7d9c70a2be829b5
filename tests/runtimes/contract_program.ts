/**
 * The contract of transports, run where there is no test runner.
 *
 * @module
 */
import { transportContract } from "@curlew/realtime/testing";
import { memoryRig } from "../transports/memory_rig.ts";
import { type Outcome, runCases } from "./cases.ts";

/** Runs all cases over links in memory, and says what each ended with. */
export const runContract = (): Promise<Outcome[]> =>
  runCases(transportContract(memoryRig((transport) => transport)));
