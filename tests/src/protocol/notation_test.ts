import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type FieldName,
  type FieldsIn,
  fieldsIn,
  type FieldType,
} from "../../../src/protocol/notation.ts";

const text = `
    cid! unread:int32! 10 ids[]
    convs:UnreadTuple[] t:int64`;

describe("the fields that a text writes", () => {
  it("have names, types and marks, and numbers that count on from one that is given", () => {
    assert.deepEqual(fieldsIn(text), [
      { name: "cid", number: 1, type: "string", mark: "!" },
      { name: "unread", number: 2, type: "int32", mark: "!" },
      { name: "ids", number: 10, type: "string", mark: "[]" },
      { name: "convs", number: 11, type: "UnreadTuple", mark: "[]" },
      { name: "t", number: 12, type: "int64", mark: "" },
    ]);
    assert.deepEqual(fieldsIn("0 no yes").map(({ number }) => number), [0, 1]);
  });

  it("are the same to the compiler", () => {
    type Fields = FieldsIn<
      "\n    cid! unread:int32! 10 ids[]\n    convs:UnreadTuple[] t:int64"
    >;
    const names: Record<FieldName<Fields>, FieldType<Fields>> = {
      cid: "string",
      unread: "int32",
      ids: "string",
      convs: "UnreadTuple",
      t: "int64",
    };
    assert.deepEqual(
      names,
      Object.fromEntries(fieldsIn(text).map(({ name, type }) => [name, type])),
    );
  });
});
