/**
 * Where the package of LeanCloud's SDK lies.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** The version that the tests import, and README's table compares with. */
export const officialVersion: string = config.imports["leancloud-realtime-5"].split("@")[1]!;

/** The folder of the package, in the repository. */
export const officialFolder =
  `node_modules/.deno/leancloud-realtime@${officialVersion}/node_modules/leancloud-realtime/`;
