/**
 * The client against the real server, over a network that is cut again and again, each time from
 * another seed: what was acknowledged is kept once, and nobody sees anything twice or out of order.
 *
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Link, Realtime, TextMessage, type Transport, TransportError } from "@curlew/realtime";
import { memory } from "@curlew/realtime/transports/memory";
import { createServer } from "@curlew/server";
import { createMemoryStore } from "../../../server/store/memory.ts";
import { FakeClock } from "../../kit/clock.ts";
import { listeningLog } from "../../kit/log.ts";

const MESSAGES = 60;

/** A sequence of numbers from 0 up to 1 that the seed decides. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** Lets time pass in small steps, so that what is not in its hands (HMACs) comes along, until then. */
async function played<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const settle = () => void (settled = true);
  promise.then(settle, settle);
  for (let i = 0; i < 2_000 && !settled; i++) await clock.advance(50);
  return await promise;
}

async function run(seed: number): Promise<void> {
  const random = seeded(seed);
  // Whole ms, as real clocks have them, whatever the jitter.
  const fake = new FakeClock();
  const clock = { ...fake, now: () => Math.floor(fake.now()) };
  const secret = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const log = listeningLog();
  const server = createServer({
    apps: [{ id: "app", key: "key", masterKey: "master", login: "open" }],
    store: createMemoryStore({ clock, secret }),
    version: "0",
  }, { clock, random, secret, log });
  const peer = { address: "127.0.0.1", secure: false };
  const inner = memory({
    protocols: server.protocols,
    accept: (link) => server.accept(link, peer),
  });
  const links = new Set<Link>();
  let down = false;
  const transport: Transport = {
    ...inner,
    open: (dial, accept) =>
      down
        ? Promise.reject(new TransportError("unreachable", "The network is cut"))
        : inner.open(dial, (link) => {
          links.add(link);
          return accept(link);
        }),
  };
  const cut = () => {
    for (const link of links) link.close(4000);
    links.clear();
  };
  const device = () =>
    new Realtime(
      { appId: "app", appKey: "key", RTMServers: "ws://server", transports: [transport] },
      { clock, log, random },
    );
  const devices = [device(), device()] as const;
  const [tom, jerry] = await Promise.all([
    devices[0].createIMClient("tom"),
    devices[1].createIMClient("jerry"),
  ]);
  const conversation = await tom.createConversation({ members: ["jerry"] });
  assert.ok(await played(fake, jerry.getConversation(conversation.id)));
  const seen: string[] = [];
  jerry.on("message", (message) => seen.push((message as TextMessage).text!));
  const acknowledged: string[] = [];
  const sends: Promise<void>[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    const sent = conversation.send(new TextMessage(String(i)));
    sends.push(sent.then(({ text }) => void acknowledged.push(text!), () => {}));
    const fate = random();
    if (fate < 0.15) cut();
    if (fate < 0.05) {
      down = true;
      clock.after(random() * 8_000, () => down = false);
    }
    await fake.advance(random() * 300);
  }
  await played(fake, Promise.all(sends));
  await played(fake, new Promise<void>((resolve) => clock.after(60_000, resolve)));
  const there = (await played(fake, jerry.getConversation(conversation.id)))!;
  const history = await played(fake, there.queryMessages({ limit: 100 }));
  const kept = history.map((each) => (each as TextMessage).text!);
  assert.equal(new Set(kept).size, kept.length, "a message is kept twice");
  assert.deepEqual(acknowledged.filter((text) => !kept.includes(text)), [], "a message is lost");
  assert.equal(new Set(seen).size, seen.length, "a message is seen twice");
  assert.deepEqual(seen, kept.filter((text) => seen.includes(text)), "the order differs");
  assert.equal(there.unreadMessagesCount, kept.length);
  assert.deepEqual(log.lines.filter(({ level }) => level === "error"), []);

  const closed = Promise.all([...devices.map((each) => each.close()), server.close()]);
  await played(fake, closed);
  assert.equal(fake.waiting, 0, "timers are left");
}

describe("over links that are cut", () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`nothing is lost or doubled: seed ${seed}`, () => run(seed));
  }
});
