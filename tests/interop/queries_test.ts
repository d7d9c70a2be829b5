/**
 * Every condition of a query, by Curlew's client and by LeanCloud's own: each finds what it should,
 * and so the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { meeting, type Sdk, sides } from "./sides.ts";

type Query = official.ConversationQuery<official.PresistentConversation>;

/** The conversations that there are, by their names. */
const made = [
  { name: "Cats", members: ["jerry"], size: 1, colors: ["red", "blue"], since: new Date(1e12) },
  { name: "Dogs", members: ["jerry", "spike"], size: 2, colors: ["red"] },
  { name: "Cows.and.cats", members: ["spike"], size: 3, place: { city: "Bern" } },
] as const;

const [cats, dogs, cows] = made.map(({ name }) => name) as [string, string, string];

/** What each condition finds, whatever the order. */
const conditions: Readonly<Record<string, readonly [(query: Query) => Query, readonly string[]]>> =
  {
    equalTo: [(query) => query.equalTo("size", 2), [dogs]],
    "equalTo, by a path": [(query) => query.equalTo("place.city", "Bern"), [cows]],
    "equalTo, an item of a list": [(query) => query.equalTo("colors", "blue"), [cats]],
    notEqualTo: [(query) => query.notEqualTo("size", 2), [cats, cows]],
    lessThan: [(query) => query.lessThan("size", 2), [cats]],
    lessThanOrEqualTo: [(query) => query.lessThanOrEqualTo("size", 2), [cats, dogs]],
    greaterThan: [(query) => query.greaterThan("size", 2), [cows]],
    greaterThanOrEqualTo: [(query) => query.greaterThanOrEqualTo("size", 2), [dogs, cows]],
    "greaterThan, a date": [
      (query) => query.greaterThan("createdAt", new Date(0)),
      [cats, dogs, cows],
    ],
    "lessThan, a date among attributes": [
      (query) => query.lessThan("since", new Date(1e12 + 1)),
      [cats],
    ],
    exists: [(query) => query.exists("colors"), [cats, dogs]],
    doesNotExist: [(query) => query.doesNotExist("colors"), [cows]],
    containedIn: [(query) => query.containedIn("size", [1, 3, 7]), [cats, cows]],
    notContainsIn: [(query) => query.notContainsIn("size", [1, 3, 7]), [dogs]],
    containsAll: [(query) => query.containsAll("colors", ["blue", "red"]), [cats]],
    sizeEqualTo: [(query) => query.sizeEqualTo("colors", 1), [dogs]],
    contains: [(query) => query.contains("name", "s.a"), [cows]],
    startsWith: [(query) => query.startsWith("name", "C"), [cats, cows]],
    endsWith: [(query) => query.endsWith("name", "ts"), [cats, cows]],
    // Its declarations know a string alone, its documentation a RegExp.
    matches: [(query) => query.matches("name", /^c.+TS$/i as unknown as string), [cats, cows]],
    containsMembers: [(query) => query.containsMembers(["spike"]), [dogs, cows]],
    withMembers: [(query) => query.withMembers(["spike"], true), [cows]],
    "several together": [(query) => query.startsWith("name", "C").lessThan("size", 3), [cats]],
  };

for (const { appId, actor } of sides) {
  describe(`a query of ${actor.name}'s client`, () => {
    const { logIn } = meeting();
    let tom: official.IMClient;

    before(async () => {
      tom = await logIn(actor, appId, "tom");
      for (const { members, ...rest } of made) {
        await tom.createConversation({ ...rest, members: [...members], unique: false });
      }
    });

    const names = async (query: Query) => (await query.find()).map(({ name }) => name);
    const query = () => tom.getQuery();
    const joined = (how: "and" | "or", ...queries: Query[]): Query =>
      (actor as Sdk).ConversationQuery[how](...queries);

    for (const [name, [build, expected]] of Object.entries(conditions)) {
      it(`finds by ${name}`, async () => {
        assert.deepEqual((await names(build(query()))).sort(), [...expected].sort());
      });
    }

    it("finds by `and` and `or` of others", async () => {
      const small = () => query().lessThan("size", 2);
      const large = () => query().greaterThan("size", 2);
      assert.deepEqual((await names(joined("or", small(), large()))).sort(), [cats, cows]);
      assert.deepEqual(await names(joined("and", small(), large())), []);
      const nested = joined("and", joined("or", small(), large()), query().exists("place"));
      assert.deepEqual(await names(nested), [cows]);
    });

    it("sorts by several fields, skips and cuts", async () => {
      assert.deepEqual(await names(query().ascending("size")), [cats, dogs, cows]);
      assert.deepEqual(await names(query().descending("size").limit(2)), [cows, dogs]);
      assert.deepEqual(await names(query().descending("size").skip(1).limit(1)), [dogs]);
      const several = query().ascending("place.city").addDescending("size");
      assert.deepEqual(await names(several), [dogs, cats, cows]);
    });

    it("gives the first alone, or nothing", async () => {
      const first = (query: Query) =>
        (query as Query & { first(): Promise<{ name: string } | undefined> }).first();
      assert.equal((await first(query().descending("size")))?.name, cows);
      assert.equal(await first(query().equalTo("size", 9)), undefined);
    });

    it("leaves members out with `compact`, and brings last messages where they are asked for", async () => {
      const [found] = await query().equalTo("name", dogs).find();
      await found?.send(new actor.TextMessage("Woof"));
      const [bare] = await query().equalTo("name", dogs).compact().find();
      assert.equal(bare?.id, found?.id);
      const [full] = await query().equalTo("name", dogs).withLastMessagesRefreshed().find();
      assert.equal((full?.lastMessage as official.TextMessage).text, "Woof");
      assert.deepEqual([...full?.members ?? []].sort(), ["jerry", "spike", "tom"]);
    });
  });
}
