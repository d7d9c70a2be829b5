/**
 * Measures what Curlew promises to reach, each figure beside its anchor in the same run.
 *
 *     deno task bench            # everything
 *     deno task bench codec      # or some of: codec, store, server, long-poll
 *
 * @module
 */
import { codecRows } from "./codec.ts";
import { longPollRows } from "./long_poll.ts";
import { print, type Row } from "./row.ts";
import { serverRows } from "./server.ts";
import { storeRows } from "./store.ts";

const suites: Record<string, () => Promise<Row[]> | Row[]> = {
  codec: codecRows,
  store: storeRows,
  server: serverRows,
  "long-poll": longPollRows,
};
const chosen = Deno.args.length > 0 ? Deno.args : Object.keys(suites);
const unknown = chosen.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(
    `No such suite: ${unknown.join(", ")} (there are ${Object.keys(suites).join(", ")})`,
  );
  Deno.exit(1);
}
let broken = 0;
for (const name of chosen) broken += print(await suites[name]!());
if (broken > 0) {
  console.error(`${broken} floors do not hold`);
  Deno.exit(1);
}
