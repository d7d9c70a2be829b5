import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type {
  IMClient,
  Message,
  Realtime,
  ServiceConversation,
  TextMessage,
} from "leancloud-realtime-5";
import { createServer, type Server } from "@curlew/server";
import { nodeEnvironment, type Served, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { heard } from "../kit/heard.ts";
import { listeningLog } from "../kit/log.ts";
import { type Sdk, sides } from "./sides.ts";

for (const { title, appId, actor, other } of sides) {
  describe(`a service conversation: ${title}`, () => {
    let server: Server;
    let served: Served;
    let tom: IMClient, pad: IMClient, jerry: IMClient;
    const clients: IMClient[] = [];

    before(async () => {
      const environment = { ...nodeEnvironment, log: listeningLog() };
      const app = { id: appId, key: "key", masterKey: "master", login: "open" } as const;
      const store = createMemoryStore(environment);
      server = createServer({ apps: [app], store, version: "1.2.3" }, environment);
      served = await serveNode(server, { port: 0, log: environment.log });
      const url = `http://127.0.0.1:${served.port}`;
      const realtimeOf = (sdk: Sdk) => new sdk.Realtime({ appId, appKey: "key", server: url });
      const [acting, hearing] = [realtimeOf(actor), realtimeOf(other)];
      const logIn = async (realtime: Realtime, name: string) => {
        const client = await realtime.createIMClient(name);
        clients.push(client);
        return client;
      };
      tom = await logIn(acting, "tom");
      pad = await logIn(hearing, "tom");
      jerry = await logIn(hearing, "jerry");
    });
    after(async () => {
      for (const client of clients) await client.close();
      await served?.close();
    });

    /** The conversation as each of the three has it. */
    const all = async (id: string) =>
      await Promise.all(
        [tom, pad, jerry].map(async (each) =>
          (await each.getConversation(id, true)) as ServiceConversation
        ),
      ) as [ServiceConversation, ServiceConversation, ServiceConversation];

    it("is found, subscribed to, muted and left, and one's other devices hear of it", async () => {
      const id = await server.createServiceConversation(appId, { name: "News", topic: "cheese" });
      const query = tom.getServiceConversationQuery().equalTo("topic", "cheese");
      const found = await query.find();
      assert.deepEqual(found.map((each) => each.id), [id]);
      const service = found[0] as ServiceConversation;
      assert.ok(service instanceof actor.ServiceConversation);
      assert.deepEqual([service.name, service.system, service.members], ["News", true, []]);

      const joined = heard<[{ invitedBy: string }, ServiceConversation]>(pad, "invited");
      assert.equal(await service.subscribe(), service);
      const [{ invitedBy }, copy] = await joined;
      assert.deepEqual([invitedBy, copy.id], ["tom", id]);
      assert.ok(copy instanceof other.ServiceConversation);
      const [, , theirs] = await all(id);
      await theirs.subscribe();
      assert.equal(await service.count(), 2);

      await service.mute();
      const states = (await all(id)).map((each) => [each.muted, each.get("joined")]);
      assert.deepEqual(states, [[true, true], [true, true], [false, true]]);
      await service.unmute();
      assert.equal((await all(id))[1].muted, false);

      await assert.rejects(service.add(["mary"]), { code: 4308 });
      const left = heard<[{ kickedBy: string }]>(pad, "kicked");
      await service.unsubscribe();
      assert.equal((await left)[0].kickedBy, "tom");
      assert.equal(await service.count(), 1);
    });

    it("takes what one sends and recalls, which only one's own devices hear and read", async () => {
      const id = await server.createServiceConversation(appId);
      const [service, copy, theirs] = await all(id);
      await theirs.subscribe();
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
      assert.equal(copy.unreadMessagesCount, 0);
      const recalled = heard<[Message]>(pad, "messagerecall");
      await service.recall(sent);
      assert.equal((await recalled)[0].id, sent.id);
      await theirs.count();
      assert.deepEqual(others, []);
    });
  });
}
