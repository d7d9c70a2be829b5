/**
 * The store's figures: durable appends a second against bare `node:sqlite` inserts of the same
 * size, both with a write-ahead log and `synchronous=FULL`, in the same folder and the same run.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import { systemClock } from "@curlew/realtime/environment";
import type { Store } from "@curlew/server/store";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { paired, rate, type Row } from "./row.ts";

const ROUND = 500;
const ROUNDS = 5;
const TEXT = "x".repeat(350);

/** Bare inserts in transactions of `group` rows. */
function bare(path: string, group: number): () => Promise<number> {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT) STRICT");
  const insert = database.prepare("INSERT INTO messages (body) VALUES (?)");
  return () => {
    const from = performance.now();
    let rows = 0;
    while (performance.now() - from < ROUND) {
      database.exec("BEGIN");
      for (let i = 0; i < group; i++) insert.run(TEXT);
      database.exec("COMMIT");
      rows += group;
    }
    return Promise.resolve(rows / (performance.now() - from) * 1000);
  };
}

/** Appends with one in flight in each of these conversations. */
function appends(store: Store, conversations: readonly string[]): () => Promise<number> {
  let dt = 0;
  return async () => {
    const from = performance.now();
    let rows = 0;
    await Promise.all(conversations.map(async (conversation) => {
      while (performance.now() - from < ROUND) {
        await store.appendMessage("bench", {
          conversation,
          from: "tom",
          content: { text: TEXT },
          dt: `a-message-of-the-bench-${dt++}`,
          mentioned: [],
          mentionedAll: false,
          receipt: false,
        });
        rows++;
      }
    }));
    return rows / (performance.now() - from) * 1000;
  };
}

/** Every figure of the store. */
export async function storeRows(): Promise<Row[]> {
  const folder = await Deno.makeTempDir({ prefix: "curlew-bench-" });
  const store = await openSqliteStore({
    path: `${folder}/curlew.db`,
    clock: systemClock,
    secret: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    turnEnd: (run) => void setImmediate(run),
  });
  try {
    const conversations = await Promise.all(Array.from({ length: 100 }, async (_, i) => {
      const { conversation } = await store.startConversation("bench", {
        kind: "normal",
        creator: "tom",
        members: [`jerry-${i}`],
        unique: true,
        attributes: {},
      });
      return conversation.id;
    }));
    const rows: Row[] = [];
    for (const [group, floor, target] of [[100, 0.25, 0.45], [1, 0.3, 0.5]] as const) {
      const figure = await paired(
        ROUNDS,
        appends(store, conversations.slice(0, group)),
        bare(`${folder}/bare-${group}.db`, group),
      );
      rows.push({
        what: `durable appends, ${group} in flight, of bare inserts at ${group} a commit`,
        ratio: figure.ratio,
        floor,
        target,
        detail: `${rate(figure.ours)} of ${rate(figure.anchor)}`,
      });
    }
    return rows;
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}
