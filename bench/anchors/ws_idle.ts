/**
 * The bare transport that Curlew's server stands on: `ws` over `node:http`. It answers nothing.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-types="@types/ws"
import { WebSocketServer } from "ws";

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", () => {});
});
http.listen(0, "127.0.0.1", () => {
  console.log(`Listening on :${(http.address() as AddressInfo).port}`);
});
