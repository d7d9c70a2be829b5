import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ConversationBase, ConversationQuery, type IMClient } from "@curlew/realtime";
import { talking } from "./talk.ts";
import { inWorld } from "./world.ts";

type Query = ConversationQuery<ConversationBase>;

/** What a query sends. */
const sent = (build: (query: Query) => Query) => async () => {
  let asked: unknown;
  await inWorld(async ({ server, device }) => {
    const tom = await device().createIMClient("tom");
    await build(tom.getQuery()).find();
    const { where, sort, limit, skip, flag } = server.requests("conv", "query")[0]!.convMessage!;
    asked = { where: JSON.parse(where!.data), sort, limit, skip, flag };
  })();
  return asked;
};

describe("a query", () => {
  const operators: readonly [string, (query: Query) => Query, unknown][] = [
    ["equalTo", (query) => query.equalTo("a", 1), { a: 1 }],
    ["notEqualTo", (query) => query.notEqualTo("a", 1), { a: { $ne: 1 } }],
    ["lessThan", (query) => query.lessThan("a", 1), { a: { $lt: 1 } }],
    ["lessThanOrEqualTo", (query) => query.lessThanOrEqualTo("a", 1), { a: { $lte: 1 } }],
    ["greaterThan", (query) => query.greaterThan("a", 1), { a: { $gt: 1 } }],
    ["greaterThanOrEqualTo", (query) => query.greaterThanOrEqualTo("a", 1), { a: { $gte: 1 } }],
    ["exists", (query) => query.exists("a"), { a: { $exists: true } }],
    ["doesNotExist", (query) => query.doesNotExist("a"), { a: { $exists: false } }],
    ["containedIn", (query) => query.containedIn("a", [1]), { a: { $in: [1] } }],
    ["notContainsIn", (query) => query.notContainsIn("a", [1]), { a: { $nin: [1] } }],
    ["containsAll", (query) => query.containsAll("a", [1]), { a: { $all: [1] } }],
    ["sizeEqualTo", (query) => query.sizeEqualTo("a", 2), { a: { $size: 2 } }],
    ["contains", (query) => query.contains("a", "x.y"), { a: { $regex: "x\\.y" } }],
    ["startsWith", (query) => query.startsWith("a", "^x"), { a: { $regex: "^\\^x" } }],
    ["endsWith", (query) => query.endsWith("a", "x$"), { a: { $regex: "x\\$$" } }],
    ["matches", (query) => query.matches("a", /x\d/), { a: { $regex: "x\\d" } }],
    ["matches a text", (query) => query.matches("a", "x\\d"), { a: { $regex: "x\\d" } }],
    [
      "matches with flags",
      (query) => query.matches("a", /x/gim),
      { a: { $regex: "x", $options: "im" } },
    ],
    ["containsMembers", (query) => query.containsMembers(["b"]), { m: { $all: ["b"] } }],
    ["withMembers", (query) => query.withMembers(["b"]), { m: { $size: 1, $all: ["b"] } }],
    [
      "withMembers and oneself",
      (query) => query.withMembers(["b"], true),
      { m: { $size: 2, $all: ["tom", "b"] } },
    ],
    [
      "several on one field, and dates",
      (query) => query.greaterThan("lm", new Date(0)).lessThan("lm", new Date(1)),
      {
        lm: {
          $gt: { __type: "Date", iso: "1970-01-01T00:00:00.000Z" },
          $lt: { __type: "Date", iso: "1970-01-01T00:00:00.001Z" },
        },
      },
    ],
    [
      "one after an equality in its place",
      (query) => query.equalTo("a", new Date(0)).lessThan("a", 1),
      { a: { $lt: 1 } },
    ],
    [
      "or of and",
      (query) =>
        ConversationQuery.or(
          ConversationQuery.and(query, query),
          query.equalTo("a", 1).greaterThan("b", 2),
        ),
      {
        $or: [{ $and: [{ a: 1, b: { $gt: 2 } }, { a: 1, b: { $gt: 2 } }] }, {
          a: 1,
          b: { $gt: 2 },
        }],
      },
    ],
  ];
  for (const [name, build, where] of operators) {
    it(`sends ${name}`, async () => {
      const asked = await sent(build)() as { where: unknown };
      assert.deepEqual(asked.where, where);
    });
  }

  it("sends how to sort, what to leave out and what to bring", async () => {
    const usual = { where: {}, sort: undefined, limit: undefined, skip: undefined, flag: 0 };
    assert.deepEqual(await sent((query) => query)(), usual);
    assert.deepEqual(
      await sent((query) =>
        query.descending("x").ascending("a").addDescending("b").addAscending("c").limit(3).skip(4)
      )(),
      { ...usual, sort: "a,-b,c", limit: 3, skip: 4 },
    );
    assert.deepEqual(
      await sent((query) => query.descending("x").compact().withLastMessagesRefreshed())(),
      { ...usual, sort: "-x", flag: 3 },
    );
  });

  it("is joined of one other at least", () => {
    assert.throws(() => ConversationQuery.or(), TypeError);
  });

  const talks = async (tom: IMClient) => {
    const make = (name: string, size: number) =>
      tom.createConversation({ name, unique: false, attr: { size }, members: ["jerry"] });
    await make("Tom & Jerry", 1);
    await make("a.b", 2);
    await make("axb", 3);
  };
  const names = async (query: ConversationQuery<ConversationBase>) =>
    (await query.find()).map((each) => (each as unknown as { name: string }).name);

  it(
    "is answered by the server",
    talking(async ({ client }) => {
      const tom = await client("tom");
      await talks(tom);
      const query = () => tom.getQuery().ascending("attr.size");
      assert.deepEqual(await names(query().contains("name", "a.b")), ["a.b"]);
      assert.deepEqual(await names(query().matches("name", /^A.B$/i)), ["a.b", "axb"]);
      assert.deepEqual(await names(query().greaterThan("attr.size", 1).lessThan("attr.size", 3)), [
        "a.b",
      ]);
      assert.deepEqual(await names(query().endsWith("name", "Jerry")), ["Tom & Jerry"]);
      assert.deepEqual(await names(query().withMembers(["jerry"], true).skip(2)), ["axb"]);
      const either = ConversationQuery.or(
        query().equalTo("attr.size", 1),
        query().equalTo("name", "axb"),
      );
      assert.deepEqual(await names(either.descending("attr.size")), ["axb", "Tom & Jerry"]);
      const first = await query().startsWith("name", "a").descending("attr.size").first();
      assert.equal((first as { name?: string } | undefined)?.name, "axb");
      assert.equal(await query().equalTo("name", "none").first(), undefined);
    }),
  );
});
