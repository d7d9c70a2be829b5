import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type MakeRig, transportContract } from "@curlew/realtime/testing";
import type { MiniProgramApi } from "@curlew/realtime/transports/mini-program";
import { miniProgram } from "@curlew/realtime/transports/mini-program";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { type Dialect, FakePhone } from "../kit/fake_wx.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { serveWebSockets } from "../kit/websocket_server.ts";
import { deafUrl } from "./rigs.ts";

const environmentOf = (phone: FakePhone) => miniProgram(phone.api as unknown as MiniProgramApi);

const makeRig = (dialect: Dialect): MakeRig => async (otherSide) => {
  const phone = new FakePhone(dialect);
  const server = await serveWebSockets(otherSide);
  const transport = webSocket(environmentOf(phone));
  return {
    transport,
    url: server.url,
    nowhere: { transport, url: await deafUrl() },
    links: () => server.sockets + phone.sockets,
    close: server.close,
  };
};

/** Alipay tells no codes, and not what was chosen. */
const untold = [
  "says which subprotocol was chosen",
  "rejects where no subprotocol is shared",
  "tells both sides of the end that the other side makes",
  "delivers nothing after a `close` within `frame`",
];

for (const dialect of ["wx", "my"] as const) {
  describe(`the transport websocket over connectSocket of ${dialect}`, () => {
    for (const { name, run } of transportContract(makeRig(dialect))) {
      if (dialect === "wx" || !untold.includes(name)) it(name, checkLeaks(run));
    }
  });
}
