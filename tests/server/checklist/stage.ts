/**
 * Where exchanges are played: a server in this process, in fake time, and devices whose words are
 * recorded.
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Codec, Command, ProtocolVersion } from "@curlew/realtime/protocol";
import type { Bus } from "@curlew/server/bus";
import { localBus } from "@curlew/server/bus/local";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import type { ServiceEvent } from "../../../server/service/events.ts";
import { FakeClock, settle } from "../../kit/clock.ts";
import { listeningLog } from "../../kit/log.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testApp, testServer, type TestServerOptions } from "../../kit/test_server.ts";
import { localPeer } from "../../kit/wire_client.ts";
import { type Device, type Heard, isDevice, Recording, recording } from "./recording.ts";

/** A payload of `conv`. */
export type Conv = NonNullable<Command["convMessage"]>;
type Session = NonNullable<Command["sessionMessage"]>;

/** How a device connects and logs in. */
export interface Arrival {
  /** The device's name; the client's by default. */
  readonly as?: string;
  /** The app; `app` by default. */
  readonly appId?: string;
  /** What it speaks; protobuf by default. */
  readonly codec?: Codec;
  /** The version; 3 by default. */
  readonly version?: ProtocolVersion;
  /** Is called with what it hears, at once. */
  readonly hears?: (command: Command) => void;
  /** What it opens its session with, beside the usual. */
  readonly session?: Session;
}

const apps = [
  testApp,
  { ...testApp, id: "roles", roles: true },
  { ...testApp, id: "signed", login: "signed" },
  { ...testApp, id: "closed", conversationQueries: "members" },
  { ...testApp, id: "sealed", conversations: "signed", blacklist: "signed" },
] as const;

/** What a server stands on. */
export interface Ground {
  /** Its name. */
  readonly name: string;
  /** How many nodes there are: devices connect to one after the other. */
  readonly nodes: number;
  /** What the server is made with. */
  readonly lay: (clock: FakeClock) => Promise<Pick<TestServerOptions, "store" | "bus">>;
}

/** A bus that says everything late, and twice, each time as a copy. */
function lateAndTwice(): Bus<ServiceEvent> {
  const { publish, ...bus } = localBus<ServiceEvent>(listeningLog());
  let last = Promise.resolve();
  return {
    ...bus,
    publish: (topic, event) => {
      const copies = [structuredClone(event), structuredClone(event)];
      last = last.then(async () => {
        for (let turn = 0; turn < LATE; turn++) await Promise.resolve();
        for (const copy of copies) publish(topic, copy);
      });
    },
  };
}

/** How late, in turns of promises. */
const LATE = 9;

/** What exchanges are played on: all that clients hear must be the same on each. */
export const grounds: readonly Ground[] = [
  { name: "a store in memory", nodes: 1, lay: () => Promise.resolve({}) },
  {
    name: "a SQLite store, and a bus that says everything late and twice",
    nodes: 1,
    lay: async (clock) => {
      const secret = seededBytes(seeded(2));
      const store = await openSqliteStore({ path: ":memory:", clock, secret });
      return { store, bus: lateAndTwice() };
    },
  },
  {
    name: "two nodes, and a bus that says everything late and twice",
    nodes: 2,
    lay: () => Promise.resolve({ bus: lateAndTwice() }),
  },
];

/** A stage on which nobody is yet. */
export async function stage(title: string, { lay, nodes }: Ground) {
  const clock = new FakeClock();
  const laid = await lay(clock);
  const first = testServer({ apps, clock, ...laid });
  const { server, store } = first;
  const others = Array.from(
    { length: nodes - 1 },
    (_, index) => testServer({ apps, clock, ...laid, store, seed: index + 2 }),
  );
  let arrived = 0;
  const connect: typeof first.connect = (options) =>
    [first, ...others][arrived++ % nodes]!.connect(options);
  const recorded = new Recording(title);
  let serial = 0;

  const arrive = async (
    name: string,
    { codec = protobuf, version = 3, hears }: Arrival = {},
    before?: Device,
  ) => {
    const noted = recording(codec, (said, command) => {
      recorded.note({ device: name, said, command });
      if (!said) hears?.(command);
    });
    const client = await connect({ codec: noted, version });
    const device: Device = {
      name,
      version,
      client,
      clients: new Set(before?.clients),
      ...(before && { before }),
    };
    recorded.devices.set(name, device);
    return device;
  };
  /** Time passes with each request, as it does. */
  const request = async ({ client }: Device, command: Command) => {
    await clock.advance(7);
    const reply = await client.request({ ...command, i: command.i ?? ++serial });
    await settle();
    return reply;
  };
  const open = async (device: Device, peerId: string, { appId = "app", session }: Arrival = {}) => {
    device.clients.add(peerId);
    return await request(device, {
      cmd: "session",
      op: "open",
      appId,
      peerId,
      sessionMessage: {
        ua: "js/5.0.0-rc.8",
        r: false,
        lastPatchTime: clock.now(),
        configBitmap: 187,
        ...(session?.r ? {} : { deviceId: device.name }),
        ...session,
      },
    });
  };
  const conv = async (device: Device, op: Command["op"], convMessage: Conv, peerId?: string) =>
    (await request(device, { cmd: "conv", op, peerId, convMessage })).convMessage ?? {};
  const find = (device: Device, where: unknown, more: Conv = {}) =>
    conv(device, "query", { where: { data: JSON.stringify(where) }, flag: 2, ...more });

  const ask = async (
    client: string,
    path: string,
    st?: string,
    { appId = "app", headers = { "X-LC-Key": testApp.key }, method = "GET" }: {
      readonly appId?: string;
      readonly headers?: Record<string, string>;
      readonly method?: string;
    } = {},
  ) => {
    const url = new URL(path, "http://localhost/");
    const request = new Request(url, {
      method,
      headers: { ...headers, "X-LC-Id": appId, ...(st && { "X-LC-IM-Session-Token": st }) },
    });
    const response = await server.fetch(request, localPeer);
    const { status } = response;
    const text = await response.text();
    const body = text === "" ? undefined : JSON.parse(text);
    const answered = Object.fromEntries(response.headers);
    recorded.answers.push({ client, url: `${method} ${path}`, status, headers: answered, body });
    return body;
  };
  /** A link ends as it does in a tunnel. */
  const lose = async ({ client }: Device) => {
    client.close();
    await client.ended();
    await clock.advance(1_000); // other nodes, were there any, are asked whether they have it
  };

  return {
    clock,
    store,
    server,
    recorded,
    /** Opens a link. */
    arrive,
    /** Asks on a device's link. */
    request,
    /** Opens a session on a device's link. */
    open,
    /** Opens a link and logs in. */
    login: async (peerId: string, arrival: Arrival = {}): Promise<Device> => {
      const device = await arrive(arrival.as ?? peerId, arrival);
      await open(device, peerId, arrival);
      return device;
    },
    conv,
    find,
    /** Starts a conversation, of which these devices then learn all. */
    start: async (device: Device, convMessage: Conv, others: readonly Device[] = []) => {
      const { cid = "" } = await conv(device, "start", convMessage);
      for (const other of [device, ...others]) await find(other, { objectId: cid });
      return cid;
    },
    /** Sends a message. */
    say: async (device: Device, directMessage: NonNullable<Command["directMessage"]>) =>
      (await request(device, { cmd: "direct", directMessage })).ackMessage ?? {},
    /** Says something that has no reply. */
    tell: async ({ client }: Device, command: Command) => {
      await clock.advance(7);
      client.send(command);
      await settle();
    },
    /** Blocks, unblocks, or asks who is blocked. */
    list: async (
      device: Device,
      op: Command["op"],
      blacklistMessage: NonNullable<Command["blacklistMessage"]>,
    ) => (await request(device, { cmd: "blacklist", op, blacklistMessage })).blacklistMessage ?? {},
    lose,
    /** A client comes back whose link was lost: as JavaScript does, it says up to when it knows what. */
    comeBack: async (before: Device): Promise<Device> => {
      const [peerId = ""] = before.clients;
      const heard = recorded.heard(true).filter(({ device }) => isDevice(before, device));
      const last = <T>(read: (heard: Heard) => T | undefined): T | undefined =>
        heard.map(read).findLast((value) => value !== undefined);
      const opened = last(({ name, command, request }) =>
        name === "session/opened" ? { command, request } : undefined
      )!;
      const st = last(({ command }) => command.sessionMessage?.st);
      const { appId = "app" } = opened.request!;
      const knownPatch = last(({ name, command }) =>
        name === "session/opened"
          ? command.serverTs
          : command.op === "modify"
          ? command.patchMessage!.patches!.at(-1)!.patchTimestamp
          : undefined
      );
      const since =
        last(({ command: { serverTs, notificationType } }) =>
          notificationType === 1 ? serverTs : undefined
        ) ?? opened.command.serverTs;
      const { version } = before;
      const device = await arrive(`${before.name}'`, { version }, before);
      await open(device, peerId, {
        appId,
        session: {
          r: true,
          st,
          lastPatchTime: knownPatch,
          lastUnreadNotifTime: last(({ command }) => command.unreadMessage?.notifTime),
        },
      });
      const path = `1.1/rtm/notifications?client_id=${peerId}&start_ts=${since}`;
      const { notifications } = await ask(
        peerId,
        `${path}&notification_type=permanent`,
        st,
        { appId },
      );
      for (const { cmd, op, serverTs, notificationType, ...payload } of notifications) {
        const message = cmd === "rcp" ? { rcpMessage: payload } : { convMessage: payload };
        const command = { cmd, op, serverTs, notificationType, peerId, service: 2, ...message };
        recorded.note({ device: device.name, said: false, command });
      }
      return device;
    },
    /** A signature by the app's own server. */
    sign: (
      text: string,
      n: string,
      { action = "", t = clock.now() }: { readonly action?: string; readonly t?: number } = {},
    ) => {
      const whole = `${text}:${t}:${n}${action && `:${action}`}`;
      return { s: createHmac("sha1", testApp.masterKey).update(whole).digest("hex"), t, n };
    },
    /** Asks over HTTP, as a client's SDK does with its session's token, or without one. */
    ask,
    /** What Swift and C# show instead of the app's key. */
    signedKey: (key: string = testApp.key) => {
      const timestamp = clock.now();
      const digest = createHash("md5").update(`${timestamp}${key}`).digest("hex");
      return { "X-LC-Sign": `${digest},${timestamp}` };
    },
    /** All is over. */
    end: async () => {
      await Promise.all([first, ...others].map(({ server }) => server.close()));
      await store.close();
    },
    begin: () => recorded.begin(),
  };
}

/** Where an exchange is played. */
export type Stage = Awaited<ReturnType<typeof stage>>;
