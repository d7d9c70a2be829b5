/**
 * A connection, a network and a scripted peer in one process, in time that a test moves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Codec, Command, Frame, Link, Receiver } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { Connection, type ConnectionOptions } from "../../../src/connection/connection.ts";
import type { StateName } from "../../../src/connection/state.ts";
import { findEnvironment } from "../../../src/environment/find.ts";
import { FakeClock, settle } from "../../kit/clock.ts";
import { listeningLog } from "../../kit/log.ts";
import { Network } from "../../kit/network.ts";
import { Switch } from "../../kit/switch.ts";

const codecs: readonly Codec[] = [protobuf, protobufText];

/** The other side: it answers each request with an `ack` or an `echo`, unless a test says otherwise. */
export class Peer {
  /** Everything that arrived, in order. */
  readonly received: Command[] = [];
  /** The links, in the order in which they were opened. */
  readonly links: Link[] = [];
  /** The codes with which links ended. */
  readonly ended: number[] = [];
  /** What it answers to a command; nothing where this says nothing. */
  answer: (command: Command) => Command | undefined = ({ cmd, i }) =>
    cmd === "echo" ? { cmd, i } : { cmd: "ack", i };
  readonly protocols = codecs.flatMap((codec) => [codec.subprotocol(3), codec.subprotocol(1)]);

  readonly accept = (link: Link): Receiver => {
    this.links.push(link);
    const codec = this.#codecOf(link);
    return {
      frame: (frame) => {
        const command = codec.decode(frame);
        this.received.push(command);
        const answer = this.answer(command);
        if (answer) link.send(codec.encode(answer));
      },
      closed: ({ code }) => void this.ended.push(code),
    };
  };

  #codecOf({ protocol }: Link): Codec {
    return codecs.find((each) => [1, 3].some((v) => each.subprotocol(v as 1 | 3) === protocol))!;
  }

  /** The newest link. */
  get link(): Link {
    return this.links.at(-1)!;
  }

  /** Sends a command on the newest link. */
  push(command: Command): void {
    this.link.send(this.#codecOf(this.link).encode(command));
  }

  /** Sends a frame as it is. */
  raw(frame: Frame): void {
    this.link.send(frame);
  }
}

/** What was emitted, in order. */
export type Told = readonly [event: string, ...args: unknown[]];

/** All that a test moves and looks at. */
export interface World {
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof listeningLog>;
  readonly network: Network;
  readonly peer: Peer;
  readonly online: Switch;
  readonly visible: Switch;
  /** What `random` gives: 0 makes each wait the shortest that jitter allows. */
  chance: () => number;
  /** Where to dial. */
  urls: () => Promise<readonly string[]>;
  /** How often what is known of the addresses was dropped. */
  forgotten: number;
  readonly connection: Connection;
  /** What the connection is doing. */
  readonly state: () => StateName;
  /** Every event but `push` and `ended`, in order. */
  readonly told: Told[];
  readonly pushed: Command[];
  readonly ends: unknown[];
  /** What a promise settles to once time has passed. */
  readonly after: <T>(ms: number, promise: Promise<T>) => Promise<T>;
  /** Opens the connection. */
  readonly open: () => Promise<void>;
}

/** The waits of the tests, which are those that users get. */
export const times = {
  heartbeat: { idle: 25_000, timeout: 10_000 },
  backoff: { first: 1_000, max: 30_000 },
  requestTimeout: 20_000,
};

/** A world that a test has to itself. */
export function createWorld(options: Partial<ConnectionOptions> = {}): World {
  const clock = new FakeClock();
  const log = listeningLog();
  const peer = new Peer();
  const network = new Network(memory({ protocols: peer.protocols, accept: peer.accept }));
  const online = new Switch();
  const visible = new Switch();
  const told: Told[] = [];
  const connection = new Connection(
    {
      ...times,
      endpoints: { list: () => world.urls(), forget: () => void world.forgotten++ },
      transports: [network.transport],
      codecs: [protobuf],
      version: 3,
      ...options,
    },
    findEnvironment({
      clock,
      log,
      network: online,
      visibility: visible,
      random: () => world.chance(),
    }),
  );
  const world: World = {
    clock,
    log,
    network,
    peer,
    online,
    visible,
    chance: () => 0,
    urls: () => Promise.resolve(["wss://one/"]),
    forgotten: 0,
    connection,
    state: () => connection.state.name,
    told,
    pushed: [],
    ends: [],
    after: async (ms, promise) => {
      promise.catch(() => {});
      await clock.advance(ms);
      return await promise;
    },
    open: () => world.after(0, connection.open()),
  };
  for (
    const event of ["disconnect", "reconnect", "retry", "schedule", "offline", "online"] as const
  ) {
    connection.on(event, (...args: unknown[]) => void told.push([event, ...args]));
  }
  connection.on("push", (command) => void world.pushed.push(command));
  connection.on("ended", (why) => void world.ends.push(why));
  return world;
}

/** Closes the connection, and sees that nothing of it is left. */
export async function endWorld(
  { clock, connection, network, online, visible }: World,
): Promise<void> {
  const closed = connection.close();
  await clock.advance(0);
  await closed;
  await settle();
  const left = {
    state: connection.state.name,
    timers: clock.waiting,
    links: network.links,
    watchers: online.watchers + visible.watchers,
  };
  assert.deepEqual(left, { state: "closed", timers: 0, links: 0, watchers: 0 });
}

/** Runs a test in a world of its own, and sees that nothing of it is left. */
export function inWorld(
  test: (world: World) => Promise<void>,
  options?: Partial<ConnectionOptions>,
): () => Promise<void> {
  return async () => {
    const world = createWorld(options);
    await test(world);
    await endWorld(world);
  };
}

/** What a promise rejects with. */
export function failure(promise: Promise<unknown>): Promise<Error & { code?: number }> {
  return promise.then(() => assert.fail("It did not fail"), (error) => error);
}
