/**
 * What Curlew's types say. Each statement is a program; what stands below a `@ts-expect-error` must be
 * an error.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { curlew, Programs } from "./compiler.ts";

describe("Curlew's types", () => {
  let programs: Programs;
  let complaints: string;
  before(async () => {
    programs = await Programs.copyOf(new URL("statements/", import.meta.url));
    const strictest = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    complaints = await programs.complaints("@curlew/realtime", curlew, strictest);
  });
  after(() => programs?.remove());

  /** Fails with all that is wrong, where anything is wrong with that file. */
  const holds = (file: string) => {
    assert.ok(programs.names.includes(file));
    assert.ok(!complaints.includes(file), complaints);
  };

  it("say what events carry, and which there are", () => holds("events.ts"));
  it("give back the class of what is sent, changed and read", () => holds("messages.ts"));
  it("say of attributes what the program says", () => holds("attributes.ts"));
  it("know options, arguments and constants", () => holds("options.ts"));
  it("hold in every statement", () => assert.equal(complaints, ""));
});
