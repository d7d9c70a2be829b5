/** What every store must do with forced logouts, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Kit, refused } from "./store_kit.ts";

const DAY = 86_400_000;

/** Registers the tests. */
export function storeKicks(kit: Kit): void {
  describe("forced logouts", () => {
    it("are known by their client's last one", async () => {
      const { store, clock } = kit;
      assert.equal(await store.lastKick("app", "tom"), undefined);
      const first = await store.kick("app", "tom", "spam");
      assert.deepEqual(first, { app: "app", client: "tom", at: clock.now(), reason: "spam" });
      assert.equal(await store.lastKick("app", "tom"), first.at);
      const second = await store.kick("app", "tom");
      assert.deepEqual(second, { app: "app", client: "tom", at: second.at });
      assert.equal(await store.lastKick("app", "tom"), second.at);
      assert.equal(await store.lastKick("app", "jerry"), undefined);
      assert.equal(await store.lastKick("other", "tom"), undefined);
    });

    it("have times that rise, whatever the clock says", async () => {
      const { store, clock } = kit;
      const before = (await store.kick("app", "tom")).at;
      clock.jump(clock.now() - 60_000);
      assert.ok((await store.kick("app", "tom")).at > before);
    });

    it("have no part in a clock that was ahead when somebody else was", async () => {
      const { store, clock } = kit;
      const now = clock.now();
      clock.jump(now + 3_600_000);
      const ahead = await store.kick("app", "tom");
      clock.jump(now);
      assert.equal((await store.kick("app", "jerry")).at, now);
      assert.equal((await store.kick("other", "tom")).at, now);
      const found = (await store.kickedSince(0)).map(({ app, client, at }) => [app, client, at]);
      assert.deepEqual(found.at(-1), ["app", "tom", ahead.at]);
    });

    it("are found by their time, in all apps, each client once", async () => {
      const { store, clock } = kit;
      await store.kick("app", "tom");
      await store.kick("app", "jerry");
      await clock.advance(1_000);
      const since = clock.now();
      const kicks = [await store.kick("app", "tom", "spam"), await store.kick("other", "tom")];
      assert.deepEqual(await store.kickedSince(since), kicks);
      assert.deepEqual((await store.kickedSince(0)).map(({ client }) => client), [
        "jerry",
        "tom",
        "tom",
      ]);
    });

    it("are known for 7 days, and not for ever", async () => {
      const { store, clock } = kit;
      await store.kick("app", "tom");
      await clock.advance(7 * DAY - 1_000);
      await store.kick("app", "jerry");
      assert.ok(await store.lastKick("app", "tom"));
      await clock.advance(2_000);
      await store.kick("app", "jerry");
      assert.equal(await store.lastKick("app", "tom"), undefined);
    });

    it("are of clients that can be", async () => {
      await refused(kit.store.kick("app", "to\0m"), 4103);
    });
  });
}
