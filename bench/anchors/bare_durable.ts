/**
 * The least that a durable server can do: `ws`, and one `node:sqlite` transaction (FULL) for what a
 * turn brought; each frame is answered after the commit.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers";
import { DatabaseSync } from "node:sqlite";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";

const database = new DatabaseSync(Deno.args[0] ?? ":memory:");
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
database.exec("CREATE TABLE messages (id INTEGER PRIMARY KEY, body BLOB) STRICT");
const insert = database.prepare("INSERT INTO messages (body) VALUES (?)");
const answer = new Uint8Array(40);
let waiting: { socket: WebSocket; body: Uint8Array }[] = [];

function commit(): void {
  const group = waiting;
  waiting = [];
  database.exec("BEGIN");
  for (const { body } of group) insert.run(body);
  database.exec("COMMIT");
  for (const { socket } of group) socket.send(answer);
}

const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate: false }).on("connection", (socket) => {
  socket.on("message", (body: Uint8Array) => {
    if (waiting.push({ socket, body }) === 1) setImmediate(commit);
  });
});
http.listen(0, "127.0.0.1", () => {
  console.log(`Listening on :${(http.address() as AddressInfo).port}`);
});
