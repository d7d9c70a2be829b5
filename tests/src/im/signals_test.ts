import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Conversation,
  type IMClient,
  type ServiceConversation,
  TextMessage,
} from "@curlew/realtime";
import type { Cancel } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { inWorld, type World } from "./world.ts";

/** What there is to call on. */
interface Parts {
  readonly tom: IMClient;
  readonly group: Conversation;
  readonly service: ServiceConversation;
}

type Call = (parts: Parts, options: { signal: Cancel }) => Promise<unknown>;

const pointer = { id: "message", timestamp: 1 };

/** Every call that waits for the server. */
const calls: Readonly<Record<string, Call>> = {
  getConversation: ({ tom }, options) => tom.getConversation("other", false, options),
  getConversations: ({ tom }, options) => tom.getConversations(["other"], true, options),
  createConversation: ({ tom }, options) => tom.createConversation({ members: ["mary"] }, options),
  createChatRoom: ({ tom }, options) => tom.createChatRoom({}, options),
  createTemporaryConversation: ({ tom }, options) =>
    tom.createTemporaryConversation({ members: [] }, options),
  ping: ({ tom }, options) => tom.ping(["jerry"], options),
  "a query's find": ({ tom }, options) => tom.getQuery().find(options),
  "a query's first": ({ tom }, options) => tom.getQuery().first(options),
  send: ({ group }, options) => group.send(new TextMessage("hi"), options),
  update: ({ group }, options) => group.update(pointer, new TextMessage("hi"), options),
  recall: ({ group }, options) => group.recall(pointer, options),
  queryMessages: ({ group }, options) => group.queryMessages(options),
  "an iterator's next": ({ group }, options) => group.createMessagesIterator(options).next(),
  fetchReceiptTimestamps: ({ group }, options) => group.fetchReceiptTimestamps(options),
  count: ({ group }, options) => group.count(options),
  save: ({ group }, options) => group.set("color", "red").save(options),
  fetch: ({ group }, options) => group.fetch(options),
  mute: ({ group }, options) => group.mute(options),
  unmute: ({ group }, options) => group.unmute(options),
  add: ({ group }, options) => group.add("mary", options),
  remove: ({ group }, options) => group.remove("jerry", options),
  join: ({ group }, options) => group.join(options),
  quit: ({ group }, options) => group.quit(options),
  muteMembers: ({ group }, options) => group.muteMembers("jerry", options),
  unmuteMembers: ({ group }, options) => group.unmuteMembers("jerry", options),
  blockMembers: ({ group }, options) => group.blockMembers("jerry", options),
  unblockMembers: ({ group }, options) => group.unblockMembers("jerry", options),
  queryMutedMembers: ({ group }, options) => group.queryMutedMembers(options),
  queryBlockedMembers: ({ group }, options) => group.queryBlockedMembers({ limit: 1, ...options }),
  updateMemberRole: ({ group }, options) => group.updateMemberRole("jerry", "Manager", options),
  getAllMemberInfo: ({ group }, options) => group.getAllMemberInfo({ noCache: true, ...options }),
  getMemberInfo: ({ group }, options) => group.getMemberInfo("jerry", options),
  subscribe: ({ service }, options) => service.subscribe(options),
  unsubscribe: ({ service }, options) => service.unsubscribe(options),
};

async function parts({ server, device }: World): Promise<Parts> {
  server.seed("group", ["tom", "jerry"]);
  server.seed("service", [], { sys: true });
  const tom = await device().createIMClient("tom");
  const [group, service] = await tom.getConversations(["group", "service"]);
  return { tom, group: group as Conversation, service: service as ServiceConversation };
}

const aborted = { name: "ABORTED", message: "The call was aborted" };

describe("a signal", () => {
  for (const [name, call] of Object.entries(calls)) {
    it(
      `ends ${name} while the server does not answer`,
      inWorld(async (world) => {
        const found = await parts(world);
        world.server.script = () => "silence";
        world.answer = () => new Promise(() => {});
        const controller = new AbortController();
        const waiting = call(found, { signal: controller.signal });
        waiting.catch(() => {});
        await settle();
        controller.abort();
        await assert.rejects(waiting, aborted);
        world.server.script = () => {};
      }),
    );

    it(
      `ends ${name} while there is no link, and nothing of it goes out later`,
      inWorld(async (world) => {
        const { server, clock } = world;
        const found = await parts(world);
        const { answer } = world;
        world.answer = (url) => url.includes("/classes/") ? new Promise(() => {}) : answer(url);
        world.blocked = true;
        server.cut();
        await settle();
        const controller = new AbortController();
        const waiting = call(found, { signal: controller.signal });
        waiting.catch(() => {});
        await settle();
        controller.abort();
        await assert.rejects(waiting, aborted);
        const before = server.received.length;
        world.blocked = false;
        await clock.advance(10_000);
        const later = server.received.slice(before).filter(({ cmd }) => cmd !== "echo");
        assert.deepEqual(later.map(({ cmd, op }) => [cmd, op]), [["session", "open"]]);
      }),
    );
  }

  it(
    "ends a login, and the client's id is free again",
    inWorld(async ({ server, device }) => {
      const realtime = device();
      server.script = () => "silence";
      const controller = new AbortController();
      const waiting = realtime.createIMClient("tom", { signal: controller.signal });
      waiting.catch(() => {});
      await settle();
      controller.abort();
      await assert.rejects(waiting, aborted);
      server.script = () => {};
      assert.equal((await realtime.createIMClient("tom")).id, "tom");
    }),
  );

  it(
    "ends the wait for a login that another call began, and not that login",
    inWorld(async ({ server, device, clock }) => {
      const realtime = device();
      server.script = () => "silence";
      const first = realtime.createIMClient("tom");
      const controller = new AbortController();
      const second = realtime.createIMClient("tom", { signal: controller.signal });
      first.catch(() => {});
      second.catch(() => {});
      await settle();
      controller.abort();
      await assert.rejects(second, aborted);
      server.script = () => {};
      server.cut();
      await clock.advance(2_000);
      assert.equal((await first).id, "tom");
    }),
  );

  it(
    "ends the wait for a plugin that encodes what is sent and changed",
    inWorld(async (world) => {
      const { server, device } = world;
      server.seed("c", ["tom"]);
      const slow = { encode: () => new Promise<never>(() => {}), decode: () => undefined };
      const tom = await device({ plugins: [{ messageDecoders: [slow] }] })
        .createIMClient("tom");
      const conversation = (await tom.getConversation("c"))!;
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = [
        conversation.send(new TextMessage("hi"), { signal }),
        conversation.update(pointer, new TextMessage("hi"), { signal }),
      ];
      for (const each of waiting) each.catch(() => {});
      await settle();
      controller.abort();
      for (const each of waiting) await assert.rejects(each, aborted);
    }),
  );

  it(
    "ends the wait for an app's own signature",
    inWorld(async (world) => {
      const { device } = world;
      const tom = await device().createIMClient("tom", {
        conversationSignatureFactory: () => new Promise(() => {}),
      });
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = tom.createConversation({ members: ["jerry"] }, { signal });
      waiting.catch(() => {});
      await settle();
      controller.abort();
      await assert.rejects(waiting, aborted);
      const before = tom.createConversation({ members: [] }, { signal: AbortSignal.abort() });
      await assert.rejects(before, aborted);
    }),
  );

  it(
    "is let go of once the call is answered",
    inWorld(async (world) => {
      const { tom, group } = await parts(world);
      let listeners = 0;
      const signal: Cancel = {
        aborted: false,
        addEventListener: () => void listeners++,
        removeEventListener: () => void listeners--,
      };
      await tom.ping(["jerry"], { signal });
      await group.queryMessages({ signal });
      world.answer = () => ({ results: [] });
      await group.getAllMemberInfo({ signal });
      assert.equal(listeners, 0);
    }),
  );
});
