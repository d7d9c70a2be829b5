/**
 * The server's figures: messages a second, fan-out, durable acks, latency, memory, and a storm of
 * reconnects; each against an anchor in the same run. Servers run on the first core, the load on
 * the second.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { converse, each, login, message } from "./client.ts";
import { type Listening, start } from "./process.ts";
import { median, paired, rate, type Row } from "./row.ts";
import { clientFrame, repeat, Socket } from "./socket.ts";

const MAIN = "../server/main.ts";
const SECOND = 1000;
const ROUNDS = 5;

/** Waits. */
export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** `prefix-0`, `prefix-1` … */
export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

/** How many a second while `begin` keeps something going, after a short warm-up. */
export async function perSecond(
  begin: (count: (n: number) => void) => () => void,
): Promise<number> {
  let total = 0;
  const end = begin((n) => total += n);
  await sleep(SECOND / 4);
  const before = total;
  const from = performance.now();
  await sleep(SECOND);
  const figure = (total - before) / (performance.now() - from) * 1000;
  end();
  await sleep(SECOND / 10);
  return figure;
}

/** Keeps `depth` messages on their way from each source to its sink. */
function keepGoing(
  lines: readonly { source: Socket; sink: Socket; frame: Uint8Array }[],
  depth: number,
): (count: (n: number) => void) => () => void {
  return (count) => {
    let going = true;
    for (const { source, sink, frame } of lines) {
      const block = repeat(frame, depth);
      sink.onMessages = (n) => {
        count(n);
        if (!going) return;
        for (let left = n; left > 0; left -= depth) {
          source.write(block.subarray(0, Math.min(left, depth) * frame.length));
        }
      };
      source.write(block);
    }
    return () => going = false;
  };
}

async function direct(server: Listening): Promise<Row[]> {
  const anchor = await start("./anchors/deno_websocket.ts", "echo");
  const echoes = await each(names("e", 50), () => Socket.connect(anchor.port));
  const payload = clientFrame(new Uint8Array(200).fill(120));
  const pairs = await each(names("pair", 50), async (name) => {
    const source = await login(server.port, `${name}-a`);
    const sink = await login(server.port, `${name}-b`);
    const conversation = await converse(source, [sink.id]);
    await sleep(50);
    return {
      source: source.socket,
      sink: sink.socket,
      frame: message(source, conversation, true),
    };
  });
  const rows: Row[] = [];
  for (const depth of [16, 1]) {
    const echo = echoes.map((socket) => ({ source: socket, sink: socket, frame: payload }));
    const figure = await paired(
      ROUNDS,
      () => perSecond(keepGoing(pairs, depth)),
      () => perSecond(keepGoing(echo, depth)),
    );
    rows.push({
      what: `1:1 transient messages, depth ${depth}, of a bare Deno WebSocket echo`,
      ratio: figure.ratio,
      floor: 0.35,
      target: 0.8,
      detail: `${rate(figure.ours)} of ${rate(figure.anchor)}`,
    });
  }
  for (const { source, sink } of pairs) [source, sink].forEach((socket) => socket.close());
  echoes.forEach((socket) => socket.close());
  await anchor.stop();
  return rows;
}

/** Sends `depth` messages to all, waits until every one is there, and again. */
function fanOut(source: Socket, sinks: readonly Socket[], frame: Uint8Array, depth: number) {
  return (count: (n: number) => void) => {
    let going = true;
    let left = 0;
    const block = repeat(frame, depth);
    const next = () => {
      left = depth * sinks.length;
      source.write(block);
    };
    for (const sink of sinks) {
      sink.onMessages = (n) => {
        count(n);
        left -= n;
        if (left === 0 && going) next();
      };
    }
    next();
    return () => going = false;
  };
}

async function fan(server: Listening): Promise<Row[]> {
  const anchor = await start("./anchors/deno_websocket.ts", "fanout");
  const bareSource = await Socket.connect(anchor.port);
  const bareSinks = await each(names("f", 1000), () => Socket.connect(anchor.port));
  const payload = clientFrame(new Uint8Array(200).fill(120));
  // A conversation has 500 members at most, so 500 people with two devices each are the thousand.
  const people = names("fan", 499);
  const source = await login(server.port, "fan-source");
  const sinks = await each([...people, ...people], (id) => login(server.port, id));
  const second = await login(server.port, "fan-source");
  const third = await login(server.port, "fan-source");
  const conversation = await converse(source, people);
  await sleep(500);
  const frame = message(source, conversation, true);
  const all = [...sinks, second, third].map(({ socket }) => socket);
  const rows: Row[] = [];
  for (const depth of [1, 4]) {
    const figure = await paired(
      ROUNDS,
      () => perSecond(fanOut(source.socket, all, frame, depth)),
      () => perSecond(fanOut(bareSource, bareSinks, payload, depth)),
    );
    rows.push({
      what: `fan-out 1 → 1,000 deliveries, depth ${depth}, of a bare Deno loop of send`,
      ratio: figure.ratio,
      floor: 0.8,
      target: depth === 4 ? 2 : 0.8,
      detail: `${rate(figure.ours)} of ${rate(figure.anchor)}`,
    });
  }
  [source.socket, bareSource, ...all, ...bareSinks].forEach((socket) => socket.close());
  await anchor.stop();
  return rows;
}

function rawSqlite(path: string, group: number): () => Promise<number> {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, body BLOB) STRICT");
  const insert = database.prepare("INSERT INTO messages (body) VALUES (?)");
  const body = new Uint8Array(350);
  return async () => {
    await sleep(0);
    const from = performance.now();
    let rows = 0;
    while (performance.now() - from < SECOND) {
      database.exec("BEGIN");
      for (let i = 0; i < group; i++) insert.run(body);
      database.exec("COMMIT");
      rows += group;
    }
    return rows / (performance.now() - from) * 1000;
  };
}

async function durable(server: Listening, folder: string): Promise<{ rows: Row[]; peak: number }> {
  const bare = await start("./anchors/bare_durable.ts", `${folder}/bare.db`);
  const bareSockets = await each(names("b", 100), () => Socket.connect(bare.port));
  const payload = clientFrame(new Uint8Array(350).fill(120));
  const clients = await each(names("durable", 100), async (id) => {
    const session = await login(server.port, id);
    const conversation = await converse(session, [`${id}-peer`]);
    await sleep(20);
    return { session, frame: message(session, conversation, false) };
  });
  const lines = clients.map(({ session: { socket }, frame }) => ({
    source: socket,
    sink: socket,
    frame,
  }));
  const bareLines = bareSockets.map((socket) => ({ source: socket, sink: socket, frame: payload }));
  const hundred = await paired(
    ROUNDS,
    () => perSecond(keepGoing(lines, 1)),
    rawSqlite(`${folder}/raw.db`, 100),
  );
  const beside = await paired(
    ROUNDS,
    () => perSecond(keepGoing(lines, 1)),
    () => perSecond(keepGoing(bareLines, 1)),
  );
  const one = await paired(
    ROUNDS,
    () => perSecond(keepGoing(lines.slice(0, 1), 1)),
    rawSqlite(`${folder}/raw1.db`, 1),
  );
  const many = await paired(
    ROUNDS,
    () => perSecond(keepGoing(lines, 16)),
    () => perSecond(keepGoing(bareLines, 16)),
  );
  [...lines, ...bareLines].forEach(({ source }) => source.close());
  await bare.stop();
  const detail = ({ ours, anchor }: { ours: number; anchor: number }) =>
    `${rate(ours)} of ${rate(anchor)}`;
  return {
    peak: hundred.ours,
    rows: [
      {
        what: "durable acks, 100 clients × 1 in flight, of raw node:sqlite at 100 rows a commit",
        ratio: hundred.ratio,
        floor: 0.25,
        target: 0.45,
        detail: detail(hundred),
      },
      {
        what: "durable acks, 100 clients × 1 in flight, of a bare ack-after-commit server",
        ratio: beside.ratio,
        detail: detail(beside),
      },
      {
        what: "durable acks, one client, one in flight, of raw single commits",
        ratio: one.ratio,
        floor: 0.3,
        target: 0.5,
        detail: detail(one),
      },
      {
        what: "durable acks, 1,600 in flight, of a bare ack-after-commit server",
        ratio: many.ratio,
        floor: 0.2,
        target: 0.4,
        detail: detail(many),
      },
    ],
  };
}

/** Sends at a steady rate; how long it took until half of the messages had arrived, and 99 of 100. */
async function latency(server: Listening, aSecond: number): Promise<Row[]> {
  const pairs = await each(names("slow", 50), async (name) => {
    const source = await login(server.port, `${name}-a`);
    const sink = await login(server.port, `${name}-b`);
    const conversation = await converse(source, [sink.id]);
    await sleep(50);
    return { source, sink, frame: message(source, conversation, false), sent: [] as number[] };
  });
  let took: number[] = [];
  for (const pair of pairs) {
    pair.sink.socket.onMessages = (n) => {
      const now = performance.now();
      while (n-- > 0) took.push(now - (pair.sent.shift() ?? NaN));
    };
  }
  const half: number[] = [];
  const most: number[] = [];
  let arrived = 0;
  let sentInAll = 0;
  for (let round = 0; round < ROUNDS; round++) {
    took = [];
    const from = performance.now();
    let sent = 0;
    while (performance.now() - from < 2 * SECOND) {
      const due = (performance.now() - from) * aSecond / 1000;
      for (; sent < due; sent++) {
        const pair = pairs[sent % pairs.length]!;
        pair.sent.push(performance.now());
        pair.source.socket.write(pair.frame);
      }
      await sleep(1);
    }
    await sleep(500);
    took.sort((a, b) => a - b);
    half.push(took[took.length >> 1] ?? NaN);
    most.push(took[Math.floor(took.length * 0.99)] ?? NaN);
    arrived += took.length;
    sentInAll += sent;
  }
  for (const { source, sink } of pairs) [source, sink].forEach(({ socket }) => socket.close());
  const rounds = (figures: number[]) => figures.map((figure) => figure.toFixed(1)).join(", ");
  const load = `${rate(aSecond)}, ${arrived} of ${sentInAll} arrived`;
  return [
    {
      what: "send → receipt at half of the peak durable load, p50",
      ratio: median(half),
      unit: "ms",
      floor: 2,
      target: 1,
      less: true,
      detail: `rounds ${rounds(half)}; ${load}`,
    },
    {
      what: "send → receipt at half of the peak durable load, p99",
      ratio: median(most),
      unit: "ms",
      floor: 20,
      target: 8,
      less: true,
      detail: `rounds ${rounds(most)}; ${load}`,
    },
  ];
}

async function idle(folder: string): Promise<Row[]> {
  const bare = await start("./anchors/ws_idle.ts");
  const ours = await start(MAIN, "--port", "0", "--db", `${folder}/idle.db`);
  const warm = await each(names("warm", 200), (id) => login(ours.port, id));
  const warmBare = await each(names("warm", 200), () => Socket.connect(bare.port));
  await sleep(500);
  const before = { ours: ours.memory(), bare: bare.memory() };
  const bareSockets = await each(names("i", 5000), () => Socket.connect(bare.port));
  let sessions = await each(names("idle", 5000), (id) => login(ours.port, id));
  await sleep(1000);
  const each5000 = {
    ours: (ours.memory() - before.ours) / 5000,
    bare: (bare.memory() - before.bare) / 5000,
  };
  bareSockets.concat(warmBare).forEach((socket) => socket.close());
  await bare.stop();

  // The storm: while all are away, fifty of them are written to, and must hear of it once.
  const sender = warm[0]!;
  const conversations = await each(
    sessions.slice(0, 50),
    (session) => converse(warm[1 + Number(session.id.slice(5))]!, [session.id]),
  );
  sessions.forEach(({ socket }) => socket.close());
  const from = performance.now();
  conversations.forEach((conversation, i) => {
    warm[1 + i]!.socket.write(message(warm[1 + i]!, conversation, false));
  });
  const heard = new Map<string, number>();
  sessions = await each(
    sessions,
    ({ id, token }) =>
      login(ours.port, id, token, ({ cmd, unreadMessage }) => {
        const count = cmd === "direct" ? 1 : unreadMessage?.convs?.[0]?.unread ?? 0;
        heard.set(id, (heard.get(id) ?? 0) + count);
      }),
  );
  const took = (performance.now() - from) / 1000;
  await sleep(500);
  const wrong = [...heard.values()].filter((count) => count !== 1).length + 50 - heard.size;
  sessions.concat(warm, sender).forEach(({ socket }) => socket.close());
  await ours.stop();
  return [
    {
      what: "memory an idle session (5,000), of a bare ws socket's",
      ratio: each5000.ours / each5000.bare,
      floor: 2,
      target: 1.3,
      less: true,
      detail: `${(each5000.ours / 1024).toFixed(1)} KB of ${(each5000.bare / 1024).toFixed(1)} KB`,
    },
    {
      what: "reconnect storm: 5,000 clients cut at once, all logged in again",
      ratio: took,
      unit: "s",
      floor: 10,
      target: 5,
      less: true,
      detail: `${wrong} of 50 messages lost or doubled`,
    },
  ];
}

/** Every figure of the server. */
export async function serverRows(): Promise<Row[]> {
  const folder = await Deno.makeTempDir({ prefix: "curlew-bench-" });
  const server = await start(MAIN, "--port", "0", "--db", `${folder}/curlew.db`);
  try {
    const rows = [...await direct(server), ...await fan(server)];
    const { rows: acks, peak } = await durable(server, folder);
    return [...rows, ...acks, ...await latency(server, peak / 2), ...await idle(folder)];
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}
