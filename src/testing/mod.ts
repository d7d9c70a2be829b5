/**
 * What every transport promises, as cases to run over one of your own, in any runner or in none.
 *
 * ```ts
 * import { transportContract } from "@curlew/realtime/testing";
 * for (const { name, run } of transportContract(makeRig)) it(name, run);
 * ```
 *
 * @module
 */
export { ContractError } from "./expect.ts";
export {
  type ContractCase,
  type ContractOptions,
  transportContract,
} from "./transport_contract.ts";
export type { MakeRig, OtherSide, Rig } from "./rig.ts";
