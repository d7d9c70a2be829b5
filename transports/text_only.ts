/**
 * Text alone over a transport that could carry bytes: what `noBinary` uses, for networks and
 * runtimes that mangle them.
 *
 * @module
 */
import type { Frame, Transport } from "../src/protocol/transport.ts";

/** The same transport, over which only a text codec may be spoken. */
export function textOnly(transport: Transport<Frame>): Transport<string> {
  return {
    name: transport.name,
    carries: "text",
    open: (dial, accept) => transport.open(dial, accept),
  };
}
