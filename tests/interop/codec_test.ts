/**
 * The bytes of LeanCloud's JavaScript SDK and Curlew's, in both directions. The SDK speaks protobuf
 * by protobufjs 5 and a `.proto` that its package ships; the test runs both as they are.
 *
 * @module
 */
import {
  type Command,
  type EnumName,
  enums,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commands, messageOf } from "../contract/codec.ts";
import { official, type OfficialField } from "./official_proto.ts";

type Plain = Record<string, unknown>;

/** The message without what the official tables do not have. */
function known(name: MessageName, message: object): Plain {
  const fields = rulesOf(name);
  const entries = Object.entries(message).flatMap(([key, value]) => {
    const type = fields[key]![1];
    if (!official.field(name, key)) return [];
    if (type in enums && official.enums[type]?.[value as string] === undefined) return [];
    if (!(type in messages)) return [[key, value] as const];
    const inner = (one: object) => known(type as MessageName, one);
    return [[key, Array.isArray(value) ? value.map(inner) : inner(value)] as const];
  });
  // The one default value of the tables; protobufjs 5 puts it where there is none.
  const defaults = name === "LogsCommand" ? { direction: "OLD" } : {};
  return { ...defaults, ...Object.fromEntries(entries) };
}

const shared = commands.map((command) => known("GenericCommand", command));

const messageNames = Object.keys(messages) as MessageName[];

describe("the tables of LeanCloud's JavaScript SDK", () => {
  it("are Curlew's, but for what is newer", () => {
    const newer: string[] = [];
    for (const name of Object.keys(enums) as EnumName[]) {
      for (const [value, number] of Object.entries(valuesOf(name))) {
        const theirs = official.enums[name]?.[value];
        if (theirs === undefined) newer.push(`${name}.${value}`);
        else assert.equal(theirs, number, `${name}.${value}`);
      }
    }
    for (const name of messageNames) {
      for (const [key, [number, type, rule]] of Object.entries(rulesOf(name))) {
        const theirs = official.field(name, key);
        if (theirs === undefined) {
          newer.push(`${name}.${key}`);
          continue;
        }
        const ours: OfficialField = { number, type, rule: rule ?? "optional" };
        assert.deepEqual(theirs, ours, `${name}.${key}`);
      }
    }
    assert.deepEqual(newer, [
      "OpType.expire",
      "DeviceType.unknown",
      "DeviceType.android",
      "DeviceType.ios",
      "SessionCommand.systemInfo",
      "ConvCommand.existing",
      "GenericCommand.clientTs",
      "GenericCommand.notificationType",
      "GenericCommand.loginMessage",
      "GenericCommand.loggedinMessage",
      "LoginCommand.systemInfo",
      "LoggedinCommand.pushDisabled",
      "SystemInfo.deviceType",
      "SystemInfo.osVersion",
      "SystemInfo.androidVersion",
      "SystemInfo.isEmulator",
      "SemanticVersion.major",
      "SemanticVersion.minor",
      "SemanticVersion.patch",
      "SemanticVersion.preRelease",
      "SemanticVersion.build",
      "AndroidVersion.codename",
      "AndroidVersion.apiLevel",
    ]);
  });

  it("have nothing that Curlew's lack", () => {
    for (const [name, values] of Object.entries(official.enums)) {
      const ours = valuesOf(name as EnumName);
      assert.deepEqual(Object.keys(values).filter((value) => ours[value] === undefined), [], name);
    }
    for (const [name, fields] of Object.entries(official.messages)) {
      const ours = rulesOf(name as MessageName);
      assert.deepEqual(Object.keys(fields).filter((key) => ours[key] === undefined), [], name);
    }
  });
});

describe("the bytes of LeanCloud's JavaScript SDK", () => {
  it("decode Curlew's to the same command", () => {
    fc.assert(fc.property(shared, (command) => {
      assert.deepEqual(official.decode(protobuf.encode(command as Command).slice()), command);
    }));
  });

  it("are decoded by Curlew to the same command", () => {
    fc.assert(fc.property(shared, (command) => {
      assert.deepEqual(protobuf.decode(official.encode(command)), command);
    }));
  });

  it("agree for each message alone", () => {
    for (const [key, [, type]] of Object.entries(rulesOf("GenericCommand"))) {
      if (!(type in messages) || !official.field("GenericCommand", key)) continue;
      const message = fc.sample(messageOf(type as MessageName), { numRuns: 1, seed: 1 })[0]!;
      const alone = { cmd: "echo", [key]: known(type as MessageName, message) };
      assert.deepEqual(official.decode(protobuf.encode(alone as Command).slice()), alone);
      assert.deepEqual(protobuf.decode(official.encode(alone)), alone);
    }
  });
});
