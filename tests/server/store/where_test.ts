/** The SQL of a query finds what the matcher in JavaScript finds. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "@curlew/server/store";
import { createMemoryStore } from "@curlew/server/store/memory";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { FakeClock } from "../../kit/clock.ts";
import { openNodeSqlite } from "../../../server/store/node_sqlite.ts";
import { prepareTables } from "../../../server/store/sql_schema.ts";
import { readSort, readWhere } from "../../../server/store/where.ts";
import { findSql } from "../../../server/store/where_sql.ts";
import { counting } from "./sqlite_kit.ts";

const clients = ["tom", "jerry", "spike"];

describe("queries of the SQLite store and the memory store", () => {
  it("find the same conversations, in the same order", async () => {
    const clock = new FakeClock();
    const stores = [
      createMemoryStore({ clock, secret: counting() }),
      await openSqliteStore({ path: ":memory:", clock, secret: counting() }),
    ];
    const atom = fc.oneof(
      fc.constantFrom<Json>(0, 1, 2.5, -3, 1e21, "a", "b", "ab", "tom", "jerry", "", "中", "😀"),
      fc.constantFrom<Json>(true, false, null),
      fc.constantFrom(0, 1, 2).map((n): Json => ({
        __type: "Date",
        iso: new Date(1_700_000_000_000 + n * 1000).toISOString(),
      })),
    );
    const value = fc.oneof(
      atom,
      fc.array(atom, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("x", "y"), atom, { maxKeys: 2 }),
      fc.array(fc.array(atom, { maxLength: 1 }), { maxLength: 1 }),
    ) as fc.Arbitrary<Json>;
    const attributes = fc.dictionary(fc.constantFrom("name", "attr", "tags", "中 文"), value);
    const starts = fc.sample(
      fc.record({
        attributes,
        members: fc.array(fc.constantFrom(...clients), { maxLength: 3 }),
        unique: fc.boolean(),
        room: fc.boolean(),
      }),
      { numRuns: 40, seed: 7 },
    );
    for (const [i, { room, ...start }] of starts.entries()) {
      for (const store of stores) {
        const { conversation, existing } = await store.startConversation("app", {
          kind: room ? "room" : "normal",
          creator: clients[i % 3]!,
          ...start,
        });
        if (i % 2 && !existing) {
          await store.appendMessage("app", {
            conversation: conversation.id,
            from: clients[i % 3]!,
            content: { text: "hi" },
            mentioned: [],
            mentionedAll: false,
            receipt: false,
          });
        }
      }
      if (i % 3) await clock.advance(1000);
    }
    const key = fc.constantFrom(
      ...["objectId", "m", "mu", "c", "name", "tr", "sys", "unique", "uniqueId", "createdAt"],
      ...["updatedAt", "lm", "attr", "attr.x", "tags", "tags.x.y", "中 文", "m.x", "none"],
    );
    const bound = atom.filter((atom) => typeof atom !== "boolean" && atom !== null);
    const list = fc.array(value, { maxLength: 3 });
    const condition = fc.oneof(
      value,
      ...["$ne"].map((name) => value.map((operand) => ({ [name]: operand }))),
      ...["$in", "$nin", "$all"].map((name) => list.map((operand) => ({ [name]: operand }))),
      ...["$lt", "$lte", "$gt", "$gte"].map((name) =>
        bound.map((operand) => ({ [name]: operand }))
      ),
      fc.tuple(
        fc.constantFrom("a", "^a", "\\QB\\E$", "a|中", "(x*)*", "[^a]", "."),
        fc.constantFrom("", "i"),
      )
        .map(([$regex, $options]) => ({ $regex, $options })),
      fc.nat(3).map((operand) => ({ $size: operand })),
      fc.boolean().map((operand) => ({ $exists: operand })),
    ) as fc.Arbitrary<Json>;
    const { where } = fc.letrec<{ where: { [key: string]: Json } }>((tie) => ({
      where: fc.oneof(
        { maxDepth: 2, withCrossShrink: true },
        fc.dictionary(key, condition, { maxKeys: 2 }),
        fc.tuple(fc.constantFrom("$and", "$or"), fc.array(tie("where"), { maxLength: 2 }))
          .map(([name, of]) => ({ [name]: of })),
      ),
    }));
    const sort = fc.array(fc.tuple(fc.constantFrom("", "-"), key).map(([by, key]) => by + key), {
      maxLength: 2,
    });
    let found = 0;
    await fc.assert(
      fc.asyncProperty(where, sort, fc.nat(5), async (where, sort, skip) => {
        const query = { where, sort, skip, limit: 20 };
        const [expected, actual] = await Promise.all(
          stores.map((store) => store.findConversations("app", query)),
        );
        assert.deepEqual(actual, expected);
        if (expected!.length) found++;
      }),
      { numRuns: 1500 },
    );
    assert.ok(found > 200, `Only ${found} queries found something`);
    for (const store of stores) await store.close();
  });
});

describe("queries of the SQLite store", () => {
  it("find one's own conversations, rooms, and those with an id by indexes", () => {
    const driver = openNodeSqlite(":memory:");
    prepareTables(driver, ":memory:");
    const plan = (where: { readonly [key: string]: Json }, sort: readonly string[] = []) => {
      const { text, values } = findSql("app", readWhere(where), readSort(sort));
      return driver.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values, 10, 0)
        .map(({ detail }) => detail as string);
    };
    const first = (where: { readonly [key: string]: Json }) => plan(where, ["-lm"])[0];
    assert.match(first({ objectId: { $in: ["x", "y"] } })!, /conversations_by_id \(app=\? AND id/);
    assert.match(first({ tr: true, name: "x" })!, /conversations_by_kind \(app=\? AND kind/);
    assert.match(first({ sys: true })!, /conversations_by_kind \(app=\? AND kind/);
    const own = [{ m: "tom" }, { m: { $all: ["tom", "jerry"] }, "attr.x": 1 }, {
      $and: [{ m: "tom" }, { $or: [{ m: "tom" }, { tr: true }] }],
    }];
    for (const where of own) {
      assert.match(
        plan(where).join("\n"),
        /SEARCH c USING INTEGER PRIMARY KEY[^]*members_by_client/,
      );
    }
    driver.close();
  });
});
