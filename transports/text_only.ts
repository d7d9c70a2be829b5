/**
 * Text alone over a transport that could carry bytes: what `noBinary` uses, for networks and
 * runtimes that mangle them.
 *
 * @module
 */
import type { Transport } from "../src/protocol/transport.ts";

/** The same transport, over which only text codecs are spoken, and binary ones by their text twins. */
export function textOnly(transport: Transport<string>): Transport<string> {
  return {
    name: transport.name,
    carries: "text",
    open: (dial, accept) => transport.open(dial, accept),
  };
}
