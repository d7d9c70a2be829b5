/**
 * Curlew's client and LeanCloud's own, unmodified, as two of the same kind, against the server as
 * its own process.
 *
 * @module
 */
import { after, before } from "node:test";
import * as curlew from "@curlew/realtime";
import * as official from "leancloud-realtime-5";
import { ServerProcess } from "../kit/server_process.ts";

/** What both have: the official declarations, which Curlew's classes meet. */
export type Sdk = typeof official & {
  readonly name: string;
  /** Which the official declarations keep to themselves. */
  readonly ConversationQuery: typeof official.ConversationQuery;
};

// The official declarations are looser than Curlew's (`any`, `Object`), so a cast is between them.
const ours = { ...curlew, name: "Curlew" } as unknown as Sdk;
const theirs = { ...official, name: "LeanCloud" } as Sdk;

/** Who does something, and who is on the other side. */
export interface Side {
  readonly title: string;
  /** An app of its own: 5.0.0-rc.8 allows one `Realtime` for an app in a process. */
  readonly appId: string;
  readonly actor: Sdk;
  readonly other: Sdk;
}

/** Each of the two as the one that does something. */
export const sides: readonly Side[] = [
  { title: "Curlew acts and LeanCloud hears of it", appId: "ours", actor: ours, other: theirs },
  { title: "LeanCloud acts and Curlew hears of it", appId: "theirs", actor: theirs, other: ours },
];

/** What those of a group of tests have. */
export interface Meeting {
  /** What a client is made from, one for each of the two in an app. */
  readonly realtime: (sdk: Sdk, appId: string) => official.Realtime;
  /** Logs in; who still is when the tests are over is logged out. */
  readonly logIn: (
    sdk: Sdk,
    appId: string,
    id: string,
    options?: Parameters<official.Realtime["createIMClient"]>[1],
  ) => Promise<official.IMClient>;
  /** Logs out. */
  readonly leave: (client: official.IMClient) => Promise<void>;
}

/**
 * Starts a server for a group of tests, with the apps of both sides, as settings of a file of apps
 * have them, and with what else each `Realtime` is given.
 */
export function meeting(settings: object = {}, given: (sdk: Sdk) => object = () => ({})): Meeting {
  let server: ServerProcess;
  const realtimes = new Map<string, official.Realtime>();
  const clients = new Set<official.IMClient>();

  before(async () => {
    const apps = sides.map(({ appId: id }) => ({
      id,
      key: "key",
      masterKey: "master",
      ...settings,
    }));
    server = await ServerProcess.ofApps(apps);
  });
  after(async () => {
    for (const client of clients) await leave(client);
    await server?.stop();
  });

  const leave = async (client: official.IMClient) => {
    clients.delete(client);
    await client.close();
  };
  const realtime = (sdk: Sdk, appId: string) => {
    const key = `${sdk.name} ${appId}`;
    const known = realtimes.get(key) ??
      new sdk.Realtime({ appId, appKey: "key", server: server.url, ...given(sdk) });
    realtimes.set(key, known);
    return known;
  };
  return {
    realtime,
    leave,
    logIn: async (sdk, appId, id, options) => {
      const client = await realtime(sdk, appId).createIMClient(id, options);
      clients.add(client);
      return client;
    },
  };
}
