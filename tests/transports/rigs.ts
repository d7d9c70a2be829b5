/**
 * The transports of the repository, each with another side for the contract suite.
 *
 * @module
 */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { nodeClock, nodeEnvironment } from "@curlew/server/runtimes/node";
import { longPollChannels } from "../../server/gateway/long_poll.ts";
import type { MakeRig } from "../contract/transport.ts";
import { serveHttp } from "../kit/http_server.ts";
import { listeningLog } from "../kit/log.ts";
import { serveWebSockets } from "../kit/websocket_server.ts";
import { type Combine, counted } from "./memory_rig.ts";

export { type Combine, memoryRig } from "./memory_rig.ts";

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

/** Over loopback, with the channels of the server. */
export function longPollRig(combine: Combine): MakeRig {
  return async ({ protocols, accept }) => {
    const other = counted(accept);
    const channels = longPollChannels({
      protocols,
      accept: other.accept,
      clock: nodeClock,
      secret: nodeEnvironment.secret,
      log: listeningLog(),
    });
    const http = await serveHttp((request) =>
      channels.handle(request, { address: "127.0.0.1" }) ?? new Response(null, { status: 404 })
    );
    const transport = combine(longPoll());
    return {
      transport,
      url: http.url.replace("http", "ws"),
      nowhere: { transport, url: await deafUrl() },
      links: other.links,
      close: async () => {
        channels.close();
        await http.close();
      },
    };
  };
}
