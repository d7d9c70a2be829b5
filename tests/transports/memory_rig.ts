/**
 * Links in memory with another side for the contract suite. It needs no platform.
 *
 * @module
 */
import type { Accept, AnyTransport, Transport } from "@curlew/realtime/protocol";
import type { MakeRig } from "@curlew/realtime/testing";
import { memory } from "@curlew/realtime/transports/memory";

/** A transport made of another one. */
export type Combine = (transport: Transport) => AnyTransport;

/** Counts the links that were accepted and have not ended. */
export function counted(
  accept: Accept,
): { readonly accept: Accept; readonly links: () => number } {
  let links = 0;
  return {
    links: () => links,
    accept: (link) => {
      const { frame, closed } = accept(link);
      links++;
      return {
        frame,
        closed: (why) => {
          links--;
          closed(why);
        },
      };
    },
  };
}

/** Within this process. */
export function memoryRig(combine: Combine): MakeRig {
  return ({ protocols, accept }) => {
    const other = counted(accept);
    const transport = memory({ protocols, accept: other.accept });
    const nobody = memory({
      protocols,
      accept: () => {
        throw new Error("Nobody is there");
      },
    });
    return Promise.resolve({
      transport: combine(transport),
      url: "",
      nowhere: { transport: combine(nobody), url: "" },
      links: other.links,
      close: () => Promise.resolve(),
    });
  };
}
