/** Whether the clocks agree: signatures of logins are good for a while. @module */
import type { Answer } from "./ask.ts";
import { failed, type Finding, ok, skipped, type Subject } from "./finding.ts";

/** How far the clocks may be apart, in ms. */
const TOLERANCE = 300_000;

/** Compares the server's clock, as an answer shows it, with this machine's. */
export function checkClock({ headers }: Answer, { clock }: Subject): Finding {
  const told = Date.parse(headers.date ?? "");
  if (Number.isNaN(told)) return skipped("the answer has no Date");
  const apart = told - clock.now();
  const seconds = Math.round(Math.abs(apart) / 1_000);
  if (Math.abs(apart) <= TOLERANCE) {
    return ok(seconds <= 1 ? "the clocks agree" : `the clocks are ${seconds} s apart`);
  }
  return failed(
    `the server's clock is ${seconds} s ${apart > 0 ? "ahead of" : "behind"} this machine's`,
    "Set both by NTP (timedatectl set-ntp true): signed logins are refused when they are too old",
  );
}
