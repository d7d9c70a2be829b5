/**
 * Long-poll beside WebSocket: both carry the same frames between the same server and the client's
 * own transports, in turns.
 *
 * @module
 */
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Command, Frame, Link, Transport } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { type Listening, start } from "./process.ts";
import { median, paired, rate, type Row } from "./row.ts";
import { names, perSecond, sleep } from "./server.ts";

const ROUNDS = 5;
const PAIRS = 20;
const LISTENERS = 200;
/** Between two messages at low load, in ms. */
const PAUSE = 10;
/** How many messages a round of latency has. */
const MESSAGES = 150;

/** A client that is logged in: it counts frames instead of decoding them, once it is set up. */
interface Client {
  readonly id: string;
  readonly send: (command: Command) => void;
  readonly request: (command: Command) => Promise<Command>;
  onFrame: (frame: Frame) => void;
  readonly close: () => void;
}

async function enter(transport: Transport<Frame>, port: number, id: string): Promise<Client> {
  let link: Link | undefined;
  const client: Client = {
    id,
    onFrame: () => {},
    send: (command) => link?.send(protobuf.encode({ ...command, peerId: id })),
    request: (command) =>
      new Promise((resolve) => {
        client.onFrame = (frame) => {
          const reply = protobuf.decode(frame);
          if (reply.i === 1) resolve(reply);
        };
        client.send({ ...command, i: 1 });
      }),
    close: () => link?.close(),
  };
  await transport.open({
    url: `ws://127.0.0.1:${port}/`,
    protocols: [protobuf.subprotocol(3)],
    cancelled: new AbortController().signal,
    probe: () => "",
  }, (opened) => {
    link = opened;
    return { frame: (frame) => client.onFrame(frame), closed: () => {} };
  });
  await client.request({
    cmd: "session",
    op: "open",
    appId: "curlew-dev",
    sessionMessage: { ua: "bench", configBitmap: 187 },
  });
  return client;
}

async function converse(client: Client, others: readonly Client[]): Promise<string> {
  const m = [client, ...others].map(({ id }) => id);
  const convMessage = { m, attr: { data: "{}" } };
  const { convMessage: started } = await client.request({ cmd: "conv", op: "start", convMessage });
  await sleep(100); // The others hear of it.
  return started?.cid ?? "";
}

/** A message that is passed on and not stored: the disk is not what is measured here. */
const message = (cid: string): Command => ({
  cmd: "direct",
  directMessage: { cid, transient: true, msg: `{"_lctype":-1,"_lctext":"${"x".repeat(176)}"}` },
});

/** Two who talk. */
interface Pair {
  readonly source: Client;
  readonly sink: Client;
  readonly message: Command;
}

async function pairUp(
  transport: Transport<Frame>,
  port: number,
  prefix: string,
  count: number,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const name of names(prefix, count)) {
    const source = await enter(transport, port, `${name}-a`);
    const sink = await enter(transport, port, `${name}-b`);
    pairs.push({ source, sink, message: message(await converse(source, [sink])) });
  }
  return pairs;
}

/** How long each of some messages takes that are sent one after the other, in ms. */
async function times({ source, sink, message }: Pair): Promise<number[]> {
  const took: number[] = [];
  for (let sent = 0; sent < MESSAGES; sent++) {
    const from = performance.now();
    await new Promise<void>((heard) => {
      sink.onFrame = () => heard();
      source.send(message);
    });
    took.push(performance.now() - from);
    await sleep(PAUSE);
  }
  return took.toSorted((a, b) => a - b);
}

async function latency(slow: Pair, fast: Pair): Promise<Row[]> {
  const rounds: { readonly slow: number[]; readonly fast: number[] }[] = [];
  await times(fast);
  await times(slow);
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ fast: await times(fast), slow: await times(slow) });
  }
  return [["p50", 0.5], ["p99", 0.99]].map(([name, part]) => {
    const at = (took: readonly number[]) => took[Math.floor(took.length * Number(part))] ?? NaN;
    const both = rounds.map(({ slow, fast }) => [at(slow), at(fast)] as const);
    const [ours, theirs] = [0, 1].map((side) => median(both.map((pair) => pair[side] ?? NaN)));
    return {
      what: `long-poll's send → receipt beyond WebSocket's, ${name}`,
      ratio: median(both.map(([slow, fast]) => slow - fast)),
      unit: "ms",
      detail: `${ours?.toFixed(2)} ms, there ${theirs?.toFixed(2)} ms; ${MESSAGES} messages, ` +
        `one at a time, ${ROUNDS} rounds`,
    };
  });
}

/** Keeps `depth` messages on their way between each two. */
function keepGoing(pairs: readonly Pair[], depth: number) {
  return (count: (n: number) => void) => {
    let going = true;
    for (const { source, sink, message } of pairs) {
      sink.onFrame = () => {
        count(1);
        if (going) source.send(message);
      };
      for (let sent = 0; sent < depth; sent++) source.send(message);
    }
    return () => going = false;
  };
}

/** Sends to all, waits until every one has it, and again. */
function fanOut(source: Client, sinks: readonly Client[], message: Command) {
  return (count: (n: number) => void) => {
    let going = true;
    let left = 0;
    const next = () => {
      left = sinks.length;
      source.send(message);
    };
    for (const sink of sinks) {
      sink.onFrame = () => {
        count(1);
        if (--left === 0 && going) next();
      };
    }
    next();
    return () => going = false;
  };
}

async function figures({ port }: Listening): Promise<Row[]> {
  const slow = await pairUp(longPoll(), port, "slow", PAIRS);
  const fast = await pairUp(webSocket(), port, "fast", PAIRS);
  const rows = await latency(slow[0]!, fast[0]!);
  for (const depth of [1, 16]) {
    const figure = await paired(
      ROUNDS,
      () => perSecond(keepGoing(slow, depth)),
      () => perSecond(keepGoing(fast, depth)),
    );
    rows.push({
      what: `messages over long-poll, ${PAIRS} pairs, depth ${depth}, of those over WebSocket`,
      ratio: figure.ratio,
      detail: `${rate(figure.ours)} of ${rate(figure.anchor)}`,
    });
  }
  for (const { source, sink } of [...slow, ...fast]) [source, sink].forEach(({ close }) => close());

  const many = async (transport: Transport<Frame>, prefix: string) => {
    const source = await enter(webSocket(), port, prefix);
    const sinks: Client[] = [];
    for (const name of names(prefix, LISTENERS)) sinks.push(await enter(transport, port, name));
    return { source, sinks, message: message(await converse(source, sinks)) };
  };
  const polled = await many(longPoll(), "polled");
  const pushed = await many(webSocket(), "pushed");
  const figure = await paired(
    ROUNDS,
    () => perSecond(fanOut(polled.source, polled.sinks, polled.message)),
    () => perSecond(fanOut(pushed.source, pushed.sinks, pushed.message)),
  );
  rows.push({
    what: `fan-out 1 → ${LISTENERS} over long-poll, of that over WebSocket`,
    ratio: figure.ratio,
    detail: `${rate(figure.ours)} of ${rate(figure.anchor)} deliveries`,
  });
  for (const { source, sinks } of [polled, pushed]) [source, ...sinks].forEach((c) => c.close());
  await sleep(500); // They say goodbye.
  return rows;
}

/** Every figure of long-poll. */
export async function longPollRows(): Promise<Row[]> {
  const server = await start("../server/main.ts", "--port", "0", "--db", ":memory:");
  try {
    return await figures(server);
  } finally {
    await server.stop();
  }
}
