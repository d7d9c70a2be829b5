import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { IMClient, Message, ServiceConversation, TextMessage } from "leancloud-realtime-5";
import { createServer, type Server } from "@curlew/server";
import { nodeEnvironment, type Served, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { heard } from "../kit/heard.ts";
import { listeningLog } from "../kit/log.ts";
import { type Sdk, sides } from "./sides.ts";

describe("service conversations", () => {
  let server: Server;
  let served: Served;
  const clients: IMClient[] = [];

  before(async () => {
    const environment = { ...nodeEnvironment, log: listeningLog() };
    const apps = sides.map(({ appId: id }) => ({
      id,
      key: "key",
      masterKey: "master",
      login: "open" as const,
    }));
    const store = createMemoryStore(environment);
    server = createServer({ apps, store, version: "1.2.3" }, environment);
    served = await serveNode(server, { port: 0, log: environment.log });
  });
  after(async () => {
    for (const client of clients) await client.close();
    await served?.close();
  });

  for (const { title, appId, actor, other } of sides) {
    it(`are found, subscribed to, written to and left: ${title}`, async () => {
      const id = await server.createServiceConversation(appId, { name: "News" });
      const url = `http://127.0.0.1:${served.port}`;
      const realtimeOf = (sdk: Sdk) => new sdk.Realtime({ appId, appKey: "key", server: url });
      const [acting, hearing] = [realtimeOf(actor), realtimeOf(other)];
      const logIn = async (realtime: typeof acting, name: string) => {
        const client = await realtime.createIMClient(name);
        clients.push(client);
        return client;
      };
      const [tom, pad, jerry] = [
        await logIn(acting, "tom"),
        await logIn(hearing, "tom"),
        await logIn(hearing, "jerry"),
      ];

      const found = await tom.getServiceConversationQuery().find();
      assert.deepEqual(found.map((each) => each.id), [id]);
      const service = found[0] as ServiceConversation;
      assert.ok(service instanceof actor.ServiceConversation);
      assert.deepEqual([service.name, service.system, service.members], ["News", true, []]);

      const joined = heard<[{ invitedBy: string }, ServiceConversation]>(pad, "invited");
      assert.equal(await service.subscribe(), service);
      const [{ invitedBy }, copy] = await joined;
      assert.deepEqual([invitedBy, copy.id], ["tom", id]);
      assert.ok(copy instanceof other.ServiceConversation);
      const theirs = (await jerry.getConversation(id)) as ServiceConversation;
      await theirs.subscribe();
      assert.equal(await service.count(), 2);

      await service.mute();
      const fresh = async (client: IMClient) => {
        const conversation = (await client.getConversation(id, true)) as ServiceConversation;
        return [conversation.muted, conversation.get("joined")];
      };
      assert.deepEqual([await fresh(pad), await fresh(jerry)], [[true, true], [false, true]]);

      const others: unknown[] = [];
      jerry.on("message" as never, (...args: unknown[]) => others.push(args));
      const arrived = heard<[Message, ServiceConversation]>(pad, "message");
      const sent = await service.send(new actor.TextMessage("help"));
      const [message, where] = await arrived;
      assert.deepEqual([message.id, message.from, where.id], [sent.id, "tom", id]);
      const texts = async (conversation: ServiceConversation) =>
        (await conversation.queryMessages({})).map((each) => (each as TextMessage).text);
      assert.deepEqual([await texts(service), await texts(copy)], [["help"], ["help"]]);
      assert.deepEqual(await texts(theirs), []);
      const recalled = heard<[Message]>(pad, "messagerecall");
      await service.recall(sent);
      assert.equal((await recalled)[0].id, sent.id);

      const left = heard<[{ kickedBy: string }]>(pad, "kicked");
      await service.unsubscribe();
      assert.equal((await left)[0].kickedBy, "tom");
      assert.equal(await service.count(), 1);
      assert.deepEqual(others, []);
      await assert.rejects(service.add(["mary"]), { code: 4308 });
    });
  }
});
