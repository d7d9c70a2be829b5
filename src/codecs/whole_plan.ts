/**
 * The plan of a command, by all that is in the tables.
 *
 * @module
 */
import { enums, messages } from "../protocol/fields.ts";
import { type Plan, planOf } from "./plan.ts";

/** The plan of a command that says whatever the protocol can. */
export function wholePlan(): Plan {
  return planOf("GenericCommand", { enums, messages });
}
