/**
 * The transports of the repository, each with another side for the contract suite.
 *
 * @module
 */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import type { AnyTransport, Transport } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { webSocket } from "@curlew/realtime/transports/websocket";
import type { MakeRig } from "../contract/transport.ts";
import { serveWebSockets } from "../kit/websocket_server.ts";

/** A transport made of another one. */
export type Combine = (transport: Transport) => AnyTransport;

/** Within this process. */
export function memoryRig(combine: Combine): MakeRig {
  return ({ protocols, accept }) => {
    let links = 0;
    const transport = memory({
      protocols,
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
    });
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
      links: () => links,
      close: () => Promise.resolve(),
    });
  };
}

/** The address of a port of this machine on which nobody listens. */
export async function deafUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `ws://127.0.0.1:${port}/`;
}

/** Over loopback, with the platform's class or another one. */
export function webSocketRig(
  combine: Combine,
  WebSocket?: WebSocketConstructor,
): MakeRig {
  return async (otherSide) => {
    const server = await serveWebSockets(otherSide);
    const transport = combine(webSocket({ WebSocket }));
    return {
      transport,
      url: server.url,
      nowhere: { transport, url: await deafUrl() },
      links: () => server.sockets,
      close: server.close,
    };
  };
}
