/**
 * The real server on a port of this machine, in this process: it can be stopped and started again
 * with all that it had stored.
 *
 * @module
 */
import { createServer } from "@curlew/server";
import {
  nodeClock,
  nodeEnvironment,
  type NodeOptions,
  serveNode,
} from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import type { Clock } from "@curlew/realtime/environment";
import type { Listening } from "./hostile.ts";
import { listeningLog } from "./log.ts";
import { testApp } from "./test_server.ts";

/** What starts servers, one after the other, that all have the same store. */
export function realServer(clock: Clock = nodeClock) {
  const log = listeningLog();
  const environment = { ...nodeEnvironment, clock, log };
  const store = createMemoryStore(environment);
  return {
    log,
    /** Starts one. */
    start: async (options: NodeOptions = {}): Promise<Omit<Listening, "count">> => {
      const server = createServer({ apps: [testApp], store, version: "1.2.3" }, environment);
      return await serveNode(server, { farewell: 0, closeTimeout: 200, clock, log, ...options });
    },
  };
}
