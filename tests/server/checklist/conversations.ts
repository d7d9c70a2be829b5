/**
 * Exchanges about starting conversations, what is noted on them, and finding them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { rowsOf } from "./every_message.ts";
import { type Exchange, hears } from "./exchange.ts";

const told = "conv/joined conv/members_joined";

/** The exchanges. */
export const conversations: readonly Exchange[] = [
  {
    title: "a conversation starts",
    play: async ({ login, conv, begin }) => {
      const tom = await login("tom");
      await login("tom", { as: "tablet" });
      await login("jerry");
      await login("spike");
      begin();
      const attr = { data: '{"name":"Cheese","color":"red"}' };
      await conv(tom, "start", { m: ["tom", "jerry"], unique: true, attr });
    },
    promises: [
      hears("Any", "is told on each device of each member, and who asked has its reply first", {
        tom: `conv/started ${told}`,
        tablet: told,
        jerry: told,
        spike: "",
      }),
      {
        to: "Any",
        that: "hears of all members, itself too",
        kept: (recording) => {
          for (const device of ["tom", "tablet", "jerry"]) {
            const { m, initBy } = recording.one(device, "conv/members_joined").convMessage!;
            assert.deepEqual([m!.toSorted(), initBy], [["jerry", "tom"], "tom"]);
            assert.equal(recording.one(device, "conv/joined").convMessage!.initBy, "tom");
          }
        },
      },
      {
        to: "JavaScript",
        that: "reads an id and another one that is its members'",
        kept: (recording) => {
          const { cid, uniqueId } = recording.one("tom", "conv/started").convMessage!;
          assert.match(cid!, /^[0-9a-f]{24}$/);
          assert.match(uniqueId!, /^[0-9a-f]{32}$/);
        },
      },
    ],
  },
  {
    title: "a unique conversation is started again, with other attributes",
    play: async ({ login, conv, find, clock, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const attr = (name: string) => ({ data: JSON.stringify({ name }) });
      await conv(tom, "start", { m: ["jerry"], unique: true, attr: attr("Cheese") });
      await clock.advance(1000);
      begin();
      const m = ["jerry", "tom"];
      const { cid } = await conv(jerry, "start", { m, unique: true, attr: attr("Mouse") });
      await find(jerry, { objectId: cid });
    },
    promises: [
      hears("Any", "finds the one that is there, and nobody is told", {
        tom: "",
        jerry: "conv/started conv/results",
      }),
      {
        to: "Swift",
        that: "hears that it was there, with its first time, and asks for its own attributes",
        kept: (recording) => {
          const [first, again] = recording.heard(true).filter(({ name }) => name === "conv/started")
            .map(({ command }) => command.convMessage!);
          const { existing, ...rest } = again!;
          assert.equal(existing, true);
          assert.deepEqual({ ...rest, existing: false }, first);
          const [row] = rowsOf({ command: recording.one("jerry", "conv/results") });
          assert.equal(row!.name, "Cheese");
        },
      },
    ],
  },
  {
    title: "a conversation is no unique one",
    play: async ({ login, conv, begin }) => {
      const tom = await login("tom");
      begin();
      await conv(tom, "start", { m: ["jerry"], unique: false });
      await conv(tom, "start", { m: ["jerry"] });
    },
    promises: [{
      to: "Swift",
      that: "has a new one each time, where it leaves the flag out and where C# says false",
      kept: (recording) => {
        const [one, two] = recording.all("tom", "conv/started").map(({ convMessage }) =>
          convMessage!
        );
        assert.notEqual(one!.cid, two!.cid);
        assert.deepEqual([one!.uniqueId, two!.uniqueId], [undefined, undefined]);
        assert.deepEqual([one!.existing, two!.existing], [false, false]);
      },
    }],
  },
  {
    title: "attributes change",
    play: async ({ login, start, conv, begin }) => {
      const tom = await login("tom");
      const tablet = await login("tom", { as: "tablet" });
      const jerry = await login("jerry");
      await login("spike");
      const attr = {
        data: JSON.stringify({ name: "Cheese", attr: { a: 1, b: [1] }, n: 1, gone: true }),
      };
      const cid = await start(tom, { m: ["jerry"], attr }, [tablet, jerry]);
      begin();
      const update = (changes: unknown) =>
        conv(jerry, "update", { cid, attr: { data: JSON.stringify(changes) } });
      await update({ "attr.a": 2, name: "Mouse" });
      await update({
        "attr.a": { __op: "Delete" },
        gone: { __op: "Delete" },
        n: { __op: "Increment", amount: 2 },
        "attr.b": { __op: "Add", objects: [2] },
      });
      await update({ "attr.deep.er": { x: null }, color: "red" });
    },
    promises: [
      hears("JavaScript", "hears of it on each device of each member, the one who did it too", {
        tom: "conv/updated conv/updated conv/updated",
        tablet: "conv/updated conv/updated conv/updated",
        jerry: "conv/updated conv/updated conv/updated conv/updated conv/updated conv/updated",
        spike: "",
      }),
      {
        to: "Java",
        that: "has each top-level attribute in full, and none that was removed",
        kept: (recording) => {
          const modified = recording.all("tom", "conv/updated").map(({ convMessage }) =>
            JSON.parse(convMessage!.attrModified!.data)
          );
          assert.deepEqual(modified, [
            { name: "Mouse", attr: { a: 2, b: [1] } },
            { attr: { b: [1, 2] }, n: 3 },
            { attr: { b: [1, 2], deep: { er: { x: null } } }, color: "red" },
          ]);
        },
      },
      {
        to: "JavaScript",
        that: "reads what was asked for, under its own keys",
        kept: (recording) => {
          const [first] = recording.all("tom", "conv/updated");
          assert.deepEqual(JSON.parse(first!.convMessage!.attr!.data), {
            "attr.a": 2,
            name: "Mouse",
          });
        },
      },
    ],
  },
  {
    title: "members want no pushes to their devices, and want them again",
    play: async ({ login, start, conv, find, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const cid = await start(tom, { m: ["jerry"] }, [jerry]);
      begin();
      await conv(jerry, "mute", { cid });
      await find(jerry, { objectId: cid });
      await conv(jerry, "unmute", { cid });
      await find(jerry, { objectId: cid });
    },
    promises: [
      hears("Java", "is answered by `updated` to both, and nobody else is told", {
        tom: "",
        jerry: "conv/updated conv/results conv/updated conv/results",
      }),
      {
        to: "JavaScript",
        that: "reads in a query whether it muted a conversation, and who did",
        kept: (recording) => {
          const rows = recording.all("jerry", "conv/results").map((command) =>
            rowsOf({ command })[0]!
          );
          assert.deepEqual(rows.map(({ mu, muted }) => [mu, muted]), [[["jerry"], true], [
            [],
            false,
          ]]);
        },
      },
    ],
  },
  {
    title: "a client counts",
    play: async ({ login, start, conv, begin }) => {
      const tom = await login("tom");
      const eve = await login("eve");
      const cid = await start(tom, { m: ["jerry"] });
      begin();
      await conv(tom, "count", { cid });
      await conv(tom, "members", { cid });
      await conv(eve, "is_member", { cids: [cid, "none"] });
      await conv(tom, "is_member", { cids: [cid] });
    },
    promises: [{
      to: "C#",
      that: "learns how many and who they are, and where it is one of them",
      kept: (recording) => {
        const data = (device: string) =>
          recording.all(device, "conv/result").flatMap(({ convMessage }) =>
            convMessage!.results ? Object.values(JSON.parse(convMessage!.results.data)) : []
          );
        assert.equal(recording.all("tom", "conv/result")[0]!.convMessage!.count, 2);
        assert.deepEqual(recording.one("tom", "conv/members").convMessage!.m, ["tom", "jerry"]);
        assert.deepEqual([data("eve"), data("tom")], [[false, false], [true]]);
      },
    }],
  },
  {
    title: "conversations are found",
    play: async ({ login, start, conv, find, say, clock, begin }) => {
      const tom = await login("tom");
      const eve = await login("eve");
      const attr = (name: string) => ({ data: JSON.stringify({ name, attr: { n: name.length } }) });
      const one = await start(tom, { m: ["jerry"], attr: attr("one") });
      const three = await start(tom, { m: ["jerry", "spike"], attr: attr("three") });
      await say(tom, { cid: three, msg: "text", mentionPids: ["jerry"], mentionAll: true });
      await clock.advance(5);
      await say(tom, { cid: one, binaryMsg: Uint8Array.of(1, 2, 3) });
      begin();
      await conv(tom, "query", {});
      await conv(tom, "query", { where: { data: "{}" }, sort: "-lm", limit: 10, flag: 2 });
      await find(tom, { objectId: { $in: [one, three] } }, { sort: "createdAt", flag: 3 });
      await find(tom, { name: { $regex: "^\\Qthr\\E.*" } }, { flag: 0 });
      await find(tom, { m: { $all: ["tom", "jerry"], $size: 2 } });
      await find(tom, { "attr.n": { $gte: 5 } });
      await find(tom, { createdAt: { $gt: { __type: "Date", iso: "2001-01-01T00:00:00.000Z" } } });
      await find(tom, { objectId: "none" });
      await find(eve, { objectId: one });
    },
    promises: [
      {
        to: "Any",
        that: "finds its own where it asks for nothing, and otherwise what fits",
        kept: (recording) => {
          const found = recording.all("tom", "conv/results").map((command) =>
            rowsOf({ command }).map(({ name }) => name)
          );
          assert.deepEqual([found[0]!.toSorted(), ...found.slice(1)], [
            ["one", "three"],
            ["one", "three"],
            ["one", "three"],
            ["three"],
            ["one"],
            ["three"],
            found[6]!,
            [],
          ]);
          assert.deepEqual(found[6]!.toSorted(), ["one", "three"]);
        },
      },
      {
        to: "JavaScript",
        that: "has text and not bytes in an empty result",
        kept: (recording) =>
          assert.equal(
            recording.all("tom", "conv/results").at(-1)!.convMessage!.results!.data,
            "[]",
          ),
      },
      {
        to: "Swift",
        that: "reads the last message with all that belongs to it",
        kept: (recording) => {
          const [bytes, text] = rowsOf({ command: recording.all("tom", "conv/results")[1]! });
          assert.deepEqual([bytes!.msg, bytes!.bin], ["AQID", true]);
          const { msg, bin, msg_from, mention_all, mention_pids } = text!;
          assert.deepEqual(
            { msg, bin, msg_from, mention_all, mention_pids },
            {
              msg: "text",
              bin: false,
              msg_from: "tom",
              mention_all: true,
              mention_pids: ["jerry"],
            },
          );
        },
      },
      {
        to: "JavaScript",
        that: "finds by its id what it is not in, or it would not know what it was removed from",
        kept: (recording) =>
          assert.equal(rowsOf({ command: recording.one("eve", "conv/results") }).length, 1),
      },
    ],
  },
  {
    title: "what can't be done with a conversation",
    play: async ({ login, start, conv, find, begin }) => {
      const tom = await login("tom");
      const eve = await login("eve");
      const cid = await start(tom, { m: ["jerry"] });
      begin();
      const attr = { data: '{"name":"mine"}' };
      await conv(eve, "update", { cid, attr });
      await conv(tom, "update", { cid, attr: { data: '{"m":[]}' } });
      await conv(eve, "mute", { cid });
      await conv(tom, "update", { cid: "none", attr });
      await find(tom, { name: { $like: "x" } });
    },
    promises: [{
      to: "Any",
      that: "is refused by an error with the code of what is wrong",
      kept: (recording) => {
        const codes = (device: string) =>
          recording.all(device, "error").map(({ errorMessage }) => errorMessage!.code);
        assert.deepEqual([codes("eve"), codes("tom")], [[4309, 4317], [4306, 4303, 4310]]);
      },
    }],
  },
];
