import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chat, listen, messagePort } from "../../examples/transports/message_port.ts";
import { type MakeRig, transportContract } from "../contract/transport.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { counted } from "../transports/memory_rig.ts";

const makeRig: MakeRig = ({ protocols, accept }) => {
  const other = counted(accept);
  const doors = [new MessageChannel(), new MessageChannel()] as const;
  const [open, shut] = doors.map(({ port1, port2 }) => ({
    transport: messagePort(port2),
    stop: listen(port1, { protocols, accept: other.accept }),
  }));
  shut!.stop();
  return Promise.resolve({
    transport: open!.transport,
    url: "",
    nowhere: { transport: shut!.transport, url: "" },
    links: other.links,
    close: () => {
      for (const { port1, port2 } of doors) [port1, port2].forEach((port) => port.close());
      return Promise.resolve();
    },
  });
};

transportContract("of the example over MessagePort", makeRig);

describe("the example over MessagePort", () => {
  it(
    "has two people talk to a server in the same process",
    checkLeaks(async () => {
      assert.equal(await chat(), "tom: Hello, Jerry (over message-port)");
    }),
  );
});
