/**
 * What rules are that hold for each command, and what they are made of.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import type { Client } from "./exchange.ts";
import type { Heard, Recording } from "./recording.ts";

/** A rule, and what it is about. */
export interface Rule {
  /** The client that is strict about it. */
  readonly to: Client;
  /** What it is strict about. */
  readonly that: string;
  /** Whether it is about this command. */
  readonly about: (heard: Heard) => boolean;
  /** Throws unless it is kept. */
  readonly kept: (heard: Heard, recording: Recording) => void;
}

/** A time as C# reads it by a fixed pattern and Swift by a formatter with milliseconds. */
export const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** About commands of these names. */
export const names = (text: string) => {
  const those = new Set(text.split(" "));
  return ({ name }: Heard) => those.has(name);
};
/** About replies of these names. */
export const replies = (text: string) => {
  const those = names(text);
  return (heard: Heard) => heard.request !== undefined && those(heard);
};
/** About pushes of these names. */
export const pushes = (text: string) => {
  const those = names(text);
  return (heard: Heard) => heard.request === undefined && those(heard);
};

/** About all pushes. */
export const isPush = ({ request }: Heard) => request === undefined;
/** About all commands of conversations. */
export const isConv = ({ command }: Heard) => command.cmd === "conv";

/** Whether something is a text that is not empty. */
export const full = (value: unknown): boolean => typeof value === "string" && value !== "";
/** Whether something is a whole number above zero. */
export const whole = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) > 0;

/** The value at a path. */
function at(command: Command, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => Object(value)[key], command);
}

/** Texts that are there and not empty. */
export const texts = (...paths: string[]) => ({ command }: Heard) => {
  for (const path of paths) assert.ok(full(at(command, path)), `${path} is a text`);
};
/** Numbers that are there and above zero. */
export const numbers = (...paths: string[]) => ({ command }: Heard) => {
  for (const path of paths) assert.ok(whole(at(command, path)), `${path} is a number`);
};
/** Times that are there. */
export const times = (...paths: string[]) => ({ command }: Heard) => {
  for (const path of paths) assert.match(String(at(command, path)), ISO, path);
};
/** Objects that are there, as JSON. */
export const objects = (...paths: string[]) => ({ command }: Heard) => {
  for (const path of paths) {
    const value = JSON.parse(String(at(command, path)));
    assert.ok(value && typeof value === "object" && !Array.isArray(value), `${path} is an object`);
  }
};
/** All of these. */
export const both = (...checks: ((heard: Heard) => void)[]) => (heard: Heard) => {
  for (const check of checks) check(heard);
};
