/**
 * Exchanges about service conversations.
 *
 * @module
 */
import assert from "node:assert/strict";
import { rowsOf } from "./every_message.ts";
import { type Exchange, hears } from "./exchange.ts";

/** The exchanges. */
export const services: readonly Exchange[] = [
  {
    title: "clients subscribe to a service conversation, and write to it",
    play: async (stage) => {
      const { login, server, conv, find, say, tell, request } = stage;
      const [tom, tablet, jerry] = [
        await login("tom"),
        await login("tom", { as: "tablet" }),
        await login("jerry"),
      ];
      const cid = await server.createServiceConversation("app", { name: "News" });
      await find(tom, { sys: true });
      for (const device of [tom, jerry]) {
        const [client] = device.clients;
        await conv(device, "add", { cid, m: [client!] });
      }
      await conv(tom, "mute", { cid });
      await conv(tom, "is_member", { cids: [cid] });
      await conv(jerry, "count", { cid });
      const { uid } = await say(tom, { cid, msg: "help" });
      await tell(tablet, { cmd: "ack", ackMessage: { cid, mid: uid } });
      await request(tom, {
        cmd: "patch",
        op: "modify",
        patchMessage: { patches: [{ cid, mid: uid, data: "please" }] },
      });
      for (const device of [tom, jerry]) {
        await find(device, { objectId: cid });
        await request(device, { cmd: "logs", logsMessage: { cid } });
      }
      await conv(tom, "remove", { cid, m: ["tom"] });
    },
    promises: [
      hears("Any", "hears of itself alone, on all of its devices", {
        tom: "session/opened conv/results conv/added conv/joined conv/updated conv/result ack " +
          "patch/modified conv/results logs conv/removed conv/left",
        tablet: "session/opened conv/joined direct patch/modify conv/left",
        jerry: "session/opened conv/added conv/joined conv/result conv/results logs",
      }),
      {
        to: "Swift",
        that: "reads whether it is subscribed, since which ms, and whether it wants no push",
        kept: (recording) => {
          const [before, after] = recording.all("tom", "conv/results").flatMap((command) =>
            rowsOf({ command })
          );
          assert.deepEqual([before!.joined, before!.joinedAt, before!.muted], [
            false,
            undefined,
            false,
          ]);
          assert.deepEqual([after!.joined, Number.isSafeInteger(after!.joinedAt), after!.muted], [
            true,
            true,
            true,
          ]);
        },
      },
    ],
  },
];
