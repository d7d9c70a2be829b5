import {
  type EnumName,
  enums,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { blocksOf, readDocument } from "../../kit/documents.ts";

/** A table as PROTOCOL.md shows it: its name, then its entries in lines of up to 90 characters. */
function shown(name: string, entries: readonly string[]): string {
  const lines: string[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    if (last !== undefined && `${last}, ${entry}`.length <= 90) {
      lines.push(`${lines.pop()}, ${entry}`);
    } else lines.push(`  ${entry}`);
  }
  return [name, ...lines, ""].join("\n");
}

function shownEnum(name: EnumName): string {
  const entries = Object.entries(valuesOf(name)).sort(([, one], [, two]) => one - two);
  return shown(name, entries.map(([value, number]) => `${number} ${value}`));
}

function shownMessage(name: MessageName): string {
  const marks = { required: "!", repeated: "[]" };
  const entries = Object.entries(rulesOf(name)).map(([key, [number, type, rule]]) =>
    `${number} ${key} ${type}${rule ? marks[rule] : ""}`
  );
  return shown(name, entries);
}

const enumNames = Object.keys(enums) as EnumName[];
const messageNames = Object.keys(messages) as MessageName[];

describe("PROTOCOL.md", () => {
  it("shows every enum and every message as fields.ts has them", async () => {
    const blocks = blocksOf(await readDocument("PROTOCOL.md"));
    const tables = blocks.filter(({ language }) => language === "text").map(({ code }) => code);
    assert.deepEqual(tables, [
      enumNames.map(shownEnum).join("\n"),
      messageNames.map(shownMessage).join("\n"),
    ]);
  });

  it("names the subprotocols that the codecs speak", async () => {
    const document = await readDocument("PROTOCOL.md");
    for (const codec of [protobuf, protobufText, cbor, cborText, json]) {
      for (const version of [1, 3] as const) {
        assert.ok(document.includes(`\`${codec.subprotocol(version)}\``));
      }
    }
  });

  it("shows a frame in JSON that is one", async () => {
    const blocks = blocksOf(await readDocument("PROTOCOL.md"));
    const frames = blocks.map(({ code }) => code).filter((code) => code.includes('"cmd"'));
    assert.equal(frames.length, 1);
    for (const frame of frames) {
      assert.equal(json.encode(json.decode(frame)), JSON.stringify(JSON.parse(frame)));
    }
  });

  it("shows the same frame in CBOR", async () => {
    const blocks = blocksOf(await readDocument("PROTOCOL.md")).map(({ code }) => code);
    const [readable] = blocks.filter((code) => code.includes('"cmd"'));
    const [listed] = blocks.filter((code) => code.startsWith("bf "));
    const bytes = listed!.split("\n").map((line) => line.slice(0, 34).replace(/ /g, "")).join("");
    assert.equal(Buffer.from(cbor.encode(json.decode(readable!))).toString("hex"), bytes);
  });
});
