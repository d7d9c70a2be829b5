import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Batch, Closed, Frame, Link } from "@curlew/realtime/protocol";
import { readBatch, writeBatch } from "@curlew/realtime/protocol";
import { usualLimits } from "../../../server/gateway/limits.ts";
import { Channel } from "../../../server/gateway/long_poll_channel.ts";
import {
  type Caller,
  longPollChannels,
  type LongPollOptions,
} from "../../../server/gateway/long_poll.ts";
import { FakeClock, settle } from "../../kit/clock.ts";
import { listeningLog } from "../../kit/log.ts";
import { ask, LongPollClient, type Post } from "../../kit/long_poll_client.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";

const here: Caller = { address: "192.0.2.1" };

/** The other end of a channel. */
class Guest {
  readonly frames: Frame[] = [];
  readonly ends: Closed[] = [];
  known: (() => boolean) | undefined;
  onFrame: (frame: Frame) => void = () => {};
  constructor(readonly link: Link) {}
}

interface Rig {
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof listeningLog>;
  readonly guests: Guest[];
  readonly lp: ReturnType<typeof longPollChannels<Caller>>;
  readonly post: Post;
  readonly from: (caller: Caller) => Post;
  /** Opens a channel; both its ends. */
  readonly open: () => Promise<[client: LongPollClient, guest: Guest]>;
}

type Options = Partial<LongPollOptions<Caller>> & { readonly stranger?: boolean };

function rig(options: Options = {}): Rig {
  const clock = new FakeClock();
  const log = listeningLog();
  const guests: Guest[] = [];
  const lp = longPollChannels<Caller>({
    protocols: ["suite.one", "suite.two"],
    clock,
    log,
    secret: seededBytes(seeded(1)),
    accept: (link) => {
      const guest = new Guest(link);
      guests.push(guest);
      if (options.stranger) guest.known = () => false;
      return {
        frame: (frame) => {
          guest.frames.push(typeof frame === "string" ? frame : frame.slice());
          guest.onFrame(frame);
        },
        closed: (why) => void guest.ends.push(why),
        ...(guest.known && { known: () => guest.known!() }),
      };
    },
    ...options,
  });
  const from = (caller: Caller): Post => (path, init) => {
    const answer = lp.handle(new Request(`http://127.0.0.1/${path}`, init), caller);
    return answer ?? Promise.reject(new Error("Not answered"));
  };
  const post = from(here);
  return {
    clock,
    log,
    guests,
    lp,
    post,
    from,
    open: async () => [await LongPollClient.open(post, "suite.one"), guests.at(-1)!],
  };
}

/** A test that leaves neither a channel nor a timer behind, once all channels are closed. */
const promises = (
  promise: string,
  body: (rig: Rig) => Promise<void>,
  options: Options = {},
) =>
  it(promise, async () => {
    const made = rig(options);
    await body(made);
    made.lp.close();
    await settle();
    assert.equal(made.lp.size, 0, "A channel is left");
    assert.equal(made.clock.waiting, 0, "A timer is left");
    for (const { ends } of made.guests) assert.equal(ends.length, 1, "`closed` is called once");
  });

/** What a promise has become by now. */
async function now<T>(promise: Promise<T>): Promise<T | "waits"> {
  await settle();
  return await Promise.race([promise, Promise.resolve("waits" as const)]);
}

describe("the numbers of a channel", () => {
  promises("carry frames both ways, in order, text and bytes", async ({ open }) => {
    const [client, guest] = await open();
    const bytes = new Uint8Array([0, 255]);
    assert.deepEqual((await client.send(["a", "鹬"])).json, { ack: 2 });
    assert.deepEqual((await client.send([bytes, "", new Uint8Array()])).json, { ack: 5 });
    assert.deepEqual(guest.frames, ["a", "鹬", bytes, "", new Uint8Array()]);
    guest.link.send("b");
    const lent = bytes.slice();
    guest.link.send(lent);
    lent.fill(7);
    assert.deepEqual(await client.take(), { first: 1, ack: 5, frames: ["b", bytes] });
    guest.link.send("c");
    assert.deepEqual(await client.take(), { first: 3, ack: 5, frames: ["c"] });
  });

  promises("tell a repeated frame from a new one", async ({ open }) => {
    const [client, guest] = await open();
    await client.send(["1", "2"]);
    const again = { first: 1, ack: 0, frames: ["1", "2", "3"] };
    assert.deepEqual((await client.ask("send", writeBatch(again))).json, { ack: 3 });
    assert.deepEqual((await client.ask("send", writeBatch(again))).json, { ack: 3 });
    const old = { first: 1, ack: 0, frames: ["1"] };
    assert.deepEqual((await client.ask("send", writeBatch(old))).json, { ack: 3 });
    assert.deepEqual(guest.frames, ["1", "2", "3"]);
  });

  promises("end a channel where one is missing", async ({ open }) => {
    for (const [first, frames] of [[3, ["3"]], [3, []], [0, ["0"]]] as const) {
      const [client, guest] = await open();
      await client.send(["1"]);
      const poll = client.poll();
      const { status, json } = await client.ask("send", writeBatch({ first, ack: 0, frames }));
      assert.deepEqual([status, json.code], [409, 1002]);
      assert.equal(readBatch((await poll).body).close?.code, 1002);
      assert.deepEqual([guest.frames, guest.ends[0]?.code], [["1"], 1002]);
    }
  });

  promises("end a channel where what was never sent is acknowledged", async ({ open }) => {
    for (const what of ["send", "poll"] as const) {
      const [client, guest] = await open();
      guest.link.send("1");
      await client.take();
      guest.link.send("2"); // Accepted, and in no answer yet.
      const body = what === "poll" ? { ack: 2 } : { first: 1, ack: 2, frames: [] };
      const { status, json } = await client.ask(what, JSON.stringify(body));
      assert.deepEqual([status, json.code], [409, 1002]);
      await settle();
      assert.equal(guest.ends[0]?.code, 1002);
      const { frames, close } = readBatch((await client.poll()).body);
      assert.deepEqual([frames, close?.code], [["2"], 1002]);
    }
  });

  promises("repeat what is not acknowledged, whatever became of the answers", async ({ open }) => {
    const [client, guest] = await open();
    guest.link.send("1");
    guest.link.send("2");
    const sent = ["1", "2"];
    for (let lost = 0; lost < 3; lost++) {
      assert.deepEqual(readBatch((await client.poll()).body), { first: 1, ack: 0, frames: sent });
    }
    const partly = readBatch((await client.poll(0, 1)).body);
    assert.deepEqual(partly, { first: 2, ack: 0, frames: ["2"] });
    // A poll that was long on its way acknowledges less than is known: nothing comes of it.
    assert.deepEqual(readBatch((await client.poll(0, 0)).body), partly);
    assert.deepEqual((await client.ask("send", '{"first":1,"ack":2}')).json, { ack: 0 });
    assert.deepEqual(readBatch((await client.poll(0, 0)).body), { first: 3, ack: 0, frames: [] });
  });

  it("end a channel when there are no more of them", async () => {
    const last = 2 ** 32 - 1;
    let forgotten = false;
    const channel = new Channel("suite.one", {
      limits: usualLimits,
      clock: new FakeClock(),
      log: listeningLog(),
      turnEnd: () => {},
      forget: () => void (forgotten = true),
    }, last);
    channel.begin({ frame: () => {}, closed: () => {} });
    channel.send(new Uint8Array([1]));
    channel.send("one too many");
    const { body } = await channel.poll(0, 0, new AbortController().signal);
    const { first, frames, close } = readBatch(body);
    assert.deepEqual([first, frames, close?.code], [last, [new Uint8Array([1])], 1001]);
    channel.drop(1001, "");
    assert.ok(forgotten);
  });

  promises("survive a network that loses and repeats what it likes", async ({ open }) => {
    const random = seeded(4);
    const [client, guest] = await open();
    const heard: Frame[] = [];
    const sent = { here: 0, there: 0 };
    let acked = 0;
    const lost = () => random() < 0.3;
    for (let turn = 0; turn < 400 || acked < sent.here || heard.length < sent.there; turn++) {
      if (turn < 400) {
        sent.here += Math.floor(random() * 3);
        for (let more = Math.floor(random() * 3); more > 0; more--) {
          guest.link.send(`${++sent.there}`);
        }
      }
      const frames = Array.from({ length: sent.here - acked }, (_, at) => `${acked + at + 1}`);
      const body = writeBatch({ first: acked + 1, ack: heard.length, frames });
      for (let times = lost() ? 2 : 1; times > 0; times--) {
        if (lost()) continue;
        const { json } = await client.ask("send", body);
        if (!lost()) acked = Math.max(acked, Number(json.ack));
      }
      if (lost()) continue;
      const batch = readBatch((await client.poll(0, heard.length)).body);
      if (lost()) continue;
      assert.equal(batch.first, heard.length + 1);
      heard.push(...batch.frames);
    }
    assert.deepEqual(heard, Array.from({ length: sent.there }, (_, n) => `${n + 1}`));
    assert.deepEqual(guest.frames, Array.from({ length: sent.here }, (_, n) => `${n + 1}`));
  });
});

describe("a poll", () => {
  promises("is answered at the end of the turn that has something to say", async ({ open }) => {
    const [client, guest] = await open();
    const poll = client.take();
    assert.equal(await now(poll), "waits");
    guest.link.send("1");
    guest.link.send("2");
    queueMicrotask(() => guest.link.send("too late for this one"));
    assert.deepEqual((await poll).frames, ["1", "2"]);
    assert.deepEqual((await client.take()).frames, ["too late for this one"]);
  });

  promises("is held for 25 s, or for less if it says so", async ({ open, clock }) => {
    const [client] = await open();
    for (const [wait, held] of [[undefined, 25_000], [1e9, 25_000], [2_000, 2_000]] as const) {
      const poll = client.poll(wait);
      await clock.advance(held - 1);
      assert.equal(await now(poll), "waits");
      await clock.advance(1);
      const { status, body } = await poll;
      assert.deepEqual([status, body], [200, '{"first":1,"ack":0,"frames":[]}']);
    }
    assert.equal((await client.poll(0)).body, '{"first":1,"ack":0,"frames":[]}');
  });

  promises("ends the one before it, and takes over", async ({ open }) => {
    const [client, guest] = await open();
    const first = client.poll();
    await settle();
    const second = client.take();
    const { status, json } = await first;
    assert.deepEqual([status, json], [409, { code: 409, error: "Another poll took over" }]);
    assert.equal(await now(second), "waits");
    guest.link.send("1");
    assert.deepEqual((await second).frames, ["1"]);
  });

  promises("that is aborted leaves what there is to the next", async ({ open, clock, lp }) => {
    const [client, guest] = await open();
    const gone = new AbortController();
    const poll = client.poll(undefined, 0, { signal: gone.signal });
    await settle();
    const timers = clock.waiting;
    guest.link.send("1");
    gone.abort();
    assert.equal((await poll).status, 499);
    assert.equal(clock.waiting, timers, "The time that a poll waits became the time without one");
    assert.deepEqual((await client.take()).frames, ["1"]);
    const late = client.poll(undefined, 0, { signal: AbortSignal.abort() });
    assert.equal((await late).status, 200);
    await clock.advance(60_000);
    assert.equal(lp.size, 0);
  });

  promises("brings as much as fits, and the rest comes with the next", async ({ open }) => {
    const [client, guest] = await open();
    const large = "x".repeat(400);
    for (const frame of ["1", large, "3", "4"]) guest.link.send(frame);
    guest.link.close(4000, "full");
    assert.deepEqual(await client.take(), { first: 1, ack: 0, frames: ["1"] });
    assert.deepEqual(await client.take(), { first: 2, ack: 0, frames: [large] });
    const end = { code: 4000, reason: "full" };
    assert.deepEqual(await client.take(), { first: 3, ack: 0, frames: ["3", "4"], close: end });
  }, { limits: { batch: 1_000 } });
});

describe("the end of a channel", () => {
  promises("that the server makes is told after the frames, and again", async (rig) => {
    const { open, clock, lp } = rig;
    const [client, guest] = await open();
    const poll = client.poll();
    await settle();
    guest.link.send("last words");
    guest.link.close(4001, "gone");
    guest.link.send("too late");
    guest.link.close(4002);
    assert.deepEqual(guest.ends, [], "`closed` is no part of `close`");
    assert.equal(guest.link.pending, 0);
    const end = { code: 4001, reason: "gone" };
    const said = { first: 1, ack: 0, frames: ["last words"], close: end };
    assert.deepEqual(readBatch((await poll).body), said);
    assert.deepEqual(guest.ends, [end]);
    assert.deepEqual(readBatch((await client.poll()).body), said, "The answer may have been lost");
    assert.deepEqual((await client.send(["too", "late"])).json, { ack: 2 });
    assert.deepEqual(guest.frames, []);
    await clock.advance(9_999);
    assert.equal((await client.poll()).status, 200);
    await clock.advance(1);
    assert.equal((await client.poll()).status, 404);
    assert.equal(lp.size, 0);
  });

  promises("that the client makes ends its poll too", async ({ open, lp }) => {
    const [client, guest] = await open();
    const poll = client.poll();
    await settle();
    const end = { code: 4000, reason: "enough" };
    assert.deepEqual((await client.send(["last words"], end)).json, { ack: 1 });
    assert.deepEqual(readBatch((await poll).body).close, end);
    assert.deepEqual([guest.frames, guest.ends], [["last words"], [end]]);
    assert.equal(lp.size, 0);
    assert.equal((await client.poll()).status, 404);
    guest.link.send("too late");
    guest.link.close();
    const [other, there] = await open();
    const bytes = new Uint8Array([1]);
    await other.send([bytes], end);
    assert.deepEqual([there.frames, there.ends], [[bytes], [end]]);
  });

  promises("within a frame keeps the next frames back", async ({ open }) => {
    const [client, guest] = await open();
    guest.onFrame = () => {
      guest.link.close(4002);
      guest.link.close(4003);
    };
    assert.equal((await client.send(["1", "2"], { code: 1000, reason: "" })).status, 200);
    assert.equal((await client.take()).close?.code, 4002);
    assert.deepEqual([guest.frames, guest.ends.length], [["1"], 1]);
  });

  promises("comes 60 s after the last poll", async ({ open, clock, lp }) => {
    const [client, guest] = await open();
    await clock.advance(59_999);
    await client.poll(0);
    await clock.advance(59_999);
    await client.send(["a send alone keeps no channel"]);
    const poll = client.poll();
    await clock.advance(25_000);
    await poll;
    await clock.advance(59_999);
    assert.equal(lp.size, 1);
    await clock.advance(1);
    assert.deepEqual(guest.ends, [{ code: 1006, reason: "" }]);
    assert.equal((await client.poll()).status, 404);
  });

  promises("comes after 10 s where nobody logs in", async ({ open, clock }) => {
    const [client, guest] = await open();
    const [other, friend] = await open();
    friend.known = () => true;
    const poll = client.take();
    await clock.advance(9_999);
    assert.equal(guest.ends.length, 0);
    await clock.advance(1);
    assert.deepEqual((await poll).close, { code: 4108, reason: "LOGIN_TIMEOUT" });
    assert.equal(guest.ends[0]?.code, 4108);
    assert.equal(friend.ends.length, 0);
    await clock.advance(40_000);
    assert.equal((await other.poll(0)).status, 200);
  }, { stranger: true });

  promises("of all comes when the server closes", async ({ open, lp, post, guests }) => {
    const [client] = await open();
    await open();
    const poll = client.take();
    await settle();
    lp.stop();
    const refused = await ask(post, "lp", '{"protocols":["suite.one"]}');
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assert.equal(lp.size, 2);
    lp.close();
    assert.equal((await poll).close?.code, 1001);
    await settle();
    assert.deepEqual(guests.map(({ ends }) => ends[0]?.code), [1001, 1001]);
    assert.equal((await client.poll()).status, 404);
  });

  promises("may come from the guest: at once, or by a throw", async (rig) => {
    const { open, log } = rig;
    const [client, guest] = await open();
    guest.onFrame = () => {
      throw new Error("Oh no");
    };
    await client.send(["1", "2"]);
    assert.equal((await client.take()).close?.code, 1011);
    assert.deepEqual([guest.frames, log.lines[0]?.level], [["1"], "error"]);
  });

  promises("may be all that a client hears", async ({ post }) => {
    const client = await LongPollClient.open(post, "suite.one");
    assert.deepEqual((await client.take()).close, { code: 4110, reason: "INVALID_ORIGIN" });
  }, {
    accept: (link) => {
      link.close(4110, "INVALID_ORIGIN");
      return { frame: () => assert.fail(), closed: () => {} };
    },
  });

  promises("takes any code and any reason", async ({ open }) => {
    for (const [code, told] of [[undefined, 1000], [0, 1000], [70_000, 1000], [4999, 4999]]) {
      const [client, guest] = await open();
      guest.link.close(code, "because ".repeat(100));
      const { close } = await client.take();
      assert.deepEqual([close?.code, close?.reason.length], [told, 123]);
    }
  });
});

describe("the bounds of a channel", () => {
  promises("count what is not acknowledged", async ({ open }) => {
    const [client, guest] = await open();
    guest.link.send("x".repeat(100));
    guest.link.send(new Uint8Array(50));
    assert.equal(guest.link.pending, 150);
    await client.take();
    assert.equal(guest.link.pending, 150);
    await client.poll(0);
    assert.equal(guest.link.pending, 0);
  });

  for (const [who, most] of [["stranger", 65_536], ["friend", 1_048_576]] as const) {
    promises(`end that of a ${who} with 1013 beyond ${most} bytes`, async ({ open, log }) => {
      const [client, guest] = await open();
      const frame = "x".repeat(16_384);
      let sent = 0;
      for (; guest.link.pending <= most && sent < 100; sent++) guest.link.send(frame);
      assert.equal(guest.ends.length, 0);
      guest.link.send("one too many");
      await settle();
      assert.equal(guest.ends[0]?.code, 1013);
      const heard: Frame[] = [];
      let end: Batch["close"];
      do {
        const batch = await client.take();
        heard.push(...batch.frames);
        end = batch.close;
      } while (!end);
      assert.deepEqual(
        heard,
        Array.from({ length: sent }, () => frame),
        "Nothing is lost silently",
      );
      assert.equal(log.lines[0]?.level, "warn");
    }, { stranger: who === "stranger" });
  }

  promises("end it with 1009 for a frame that is too large", async ({ open }) => {
    const [client, guest] = await open();
    const fitting = ["x".repeat(65_536), new Uint8Array(65_536), "鹬".repeat(21_845)];
    await client.send(fitting);
    assert.equal(guest.frames.length, 3);
    for (const frame of ["x".repeat(65_537), new Uint8Array(65_537), "鹬".repeat(21_846)]) {
      const [client, guest] = await open();
      await client.send(["1", frame, "2"]);
      assert.equal((await client.take()).close?.code, 1009);
      assert.deepEqual(guest.frames, ["1"]);
    }
  });

  promises("hold for an address, and for a household of IPv6", async ({ from, log, clock, lp }) => {
    const open = async (address: string) => {
      const body = '{"protocols":["suite.one"]}';
      const { status, headers, json } = await ask(from({ address }), "lp", body);
      return [status, headers.get("retry-after"), json.code ?? 200];
    };
    const fine = [200, null, 200];
    assert.deepEqual(await open("192.0.2.1"), fine);
    assert.deepEqual(await open("192.0.2.1"), fine);
    assert.deepEqual(await open("192.0.2.1"), [429, "10", 429]);
    assert.deepEqual(await open("2001:db8:1:2:3::4"), fine);
    assert.deepEqual(await open("2001:db8:1:2::"), fine);
    assert.deepEqual(await open("2001:db8:1:2:ffff:1:2:3"), [429, "10", 429]);
    assert.deepEqual(await open("2001:db8::2:3"), fine);
    assert.deepEqual(await open("::1"), [503, "10", 503]);
    assert.deepEqual(log.lines.map(({ level }) => level), ["warn"], "Not once for each");
    await clock.advance(60_000);
    assert.equal(lp.size, 0);
    assert.deepEqual(await open("192.0.2.1"), fine);
  }, { limits: { channelsPerAddress: 2, channels: 5 } });

  promises("give back what could not be served", async ({ post, lp, log }) => {
    const { status, json } = await ask(post, "lp", '{"protocols":["suite.one"]}');
    assert.deepEqual([status, json.code, lp.size], [500, 500, 0]);
    assert.equal(log.lines[0]?.level, "error");
  }, {
    accept: () => {
      throw new Error("Oh no");
    },
  });
});

promises("nonsense is refused, whatever it is", async ({ open, post, log }) => {
  const random = seeded(7);
  for (let turn = 0; turn < 300; turn++) {
    const [client] = await open();
    const bytes = seededBytes(random)(Math.floor(random() * 40));
    // Often nearly a batch: the numbers, and the beginning of a part.
    if (turn % 2 === 0) bytes.fill(0, 0, 8).fill(turn % 4 ? 1 : 0, 3, 4).fill(0, 9, 12);
    for (const body of [bytes, String.fromCharCode(...bytes), `{"first":1,"ack":${turn}`]) {
      const answers = [client.ask("send", body), client.ask("poll", body), ask(post, "lp", body)];
      for (const { status } of await Promise.all(answers)) {
        assert.ok([200, 400, 409, 415].includes(status), `${status} for ${body}`);
      }
    }
  }
  assert.deepEqual(log.lines, []);
}, { limits: { channelsPerAddress: 1_000 } });

it("a node's name must fit into an address", () => {
  for (const node of ["", "a b", "a.b", "x".repeat(33)]) {
    assert.throws(() => rig({ node }), { name: "TypeError", message: /^node: / });
  }
});
