import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chat, listen, messagePort } from "../../examples/transports/message_port.ts";
import { type MakeRig, transportContract } from "../contract/transport.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { repository } from "../kit/modules.ts";
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
  const heard = "tom: Hello, Jerry (over message-port)";

  it(
    "has two people talk to a server in the same process",
    checkLeaks(async () => {
      assert.equal(await chat(), heard);
    }),
  );

  it("runs by itself, without a permission", async () => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--frozen", "--no-check", "examples/transports/message_port.ts"],
      cwd: repository,
      env: { NO_COLOR: "1" },
    }).output();
    const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(`${said}${complained}`, `${heard}\n`);
  });
});
