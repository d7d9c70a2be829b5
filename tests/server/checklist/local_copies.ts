/**
 * What clients keep of conversations, by what they heard alone: each reads other fields of the same
 * commands, and all must come to what the server has.
 *
 * @module
 */
import type { Command } from "@curlew/realtime/protocol";
import { isServersKey } from "../../../server/service/conversation_json.ts";
import { rowsOf } from "./every_message.ts";
import type { Client } from "./exchange.ts";
import type { Heard } from "./recording.ts";
import { ISO } from "./rule.ts";

type Conv = NonNullable<Command["convMessage"]>;
type Fields = Record<string, unknown>;

/** What a client keeps of one conversation. */
export interface Copy {
  /** Who is in it. */
  readonly members: Set<string>;
  /** What is noted on it. */
  readonly attributes: Fields;
  /** When it was changed. */
  updatedAt: string;
  /** The attributes that this client can't follow: it waits for a query. */
  readonly lost: Set<string>;
}

const dataOf = (json: Conv["attr"]): Fields => JSON.parse(json?.data ?? "{}");
const topOf = (path: string) => path.split(".", 1)[0]!;
const isOperation = (value: unknown) => Object(value).__op !== undefined;

/** The object in which a path ends, and its last key. */
function endOf(attributes: Fields, path: string): [place: Fields, key: string] {
  const keys = path.split(".");
  let place = attributes;
  for (const key of keys.slice(0, -1)) {
    if (typeof place[key] !== "object" || place[key] === null) place[key] = {};
    place = place[key] as Fields;
  }
  return [place, keys.at(-1)!];
}

/** The value at a path, and whether there is one. */
function valueAt(object: unknown, path: string): [there: boolean, value: unknown] {
  let value = object;
  for (const key of path.split(".")) {
    if (!Object.hasOwn(Object(value), key)) return [false, undefined];
    value = (value as Fields)[key];
  }
  return [true, value];
}

/** How each client takes an update: what was asked for, and what it came to. */
const updates: {
  readonly [client in Exclude<Client, "Any">]: (copy: Copy, asked: Fields, came: Fields) => void;
} = {
  // By path, in what it came to: what is not there is removed.
  Swift: ({ attributes }, asked, came) => {
    for (const path of Object.keys(asked)) {
      const [there, value] = valueAt(came, path);
      const [place, key] = endOf(attributes, path);
      if (there) place[key] = value;
      else delete place[key];
    }
  },
  // Whole keys of what it came to; a key that was asked for, literally, and is not there is removed.
  Java: ({ attributes }, asked, came) => {
    Object.assign(attributes, came);
    for (const key of Object.keys(asked)) if (!Object.hasOwn(came, key)) delete attributes[key];
  },
  // Whole keys of what it came to, and nothing of what is gone.
  "C#": ({ attributes, lost }, asked, came) => {
    Object.assign(attributes, came);
    for (const key of Object.keys(asked)) {
      if (!key.includes(".") && !Object.hasOwn(came, key)) lost.add(key);
    }
  },
  // Only what was asked for; it does not know what operations come to.
  JavaScript: ({ attributes, lost }, asked) => {
    for (const [path, value] of Object.entries(asked)) {
      const [place, key] = endOf(attributes, path);
      if (isOperation(value)) lost.add(topOf(path));
      else place[key] = value;
    }
  },
};

/** The attributes in a row of a query. */
export const attributesOf = (row: Readonly<Fields>): Fields =>
  Object.fromEntries(Object.entries(row).filter(([key]) => !isServersKey(key)));

/** Swift lets nothing count without a time, and no update that is older than what it has. */
function counts(copy: Copy, client: Client, { name, command }: Heard): boolean {
  if (client !== "Swift") return true;
  const { udate } = command.convMessage!;
  return udate !== undefined && ISO.test(udate) &&
    (name !== "conv/updated" || udate >= copy.updatedAt);
}

/** What one client keeps after all that a device heard for it. */
export function copies(
  client: Exclude<Client, "Any">,
  peerId: string,
  heard: readonly Heard[],
): ReadonlyMap<string, Copy> {
  const known = new Map<string, Copy>();
  for (const one of heard) {
    const { command, name, request } = one;
    if (command.cmd !== "conv" || command.peerId !== peerId) continue;
    if (name === "conv/results") learn(known, peerId, one);
    const { cid = "", m = [], allowedPids = [], udate, attr, attrModified } = command.convMessage!;
    const copy = known.get(cid);
    if (!copy || !counts(copy, client, one)) continue;
    const those = request ? allowedPids : name.startsWith("conv/members_") ? m : [peerId];
    if (/joined$|added$/.test(name) && name !== "conv/shutup_added") {
      for (const member of those) copy.members.add(member);
    } else if (/left$|[/]removed$/.test(name)) {
      for (const member of those) copy.members.delete(member);
    } else if (name === "conv/updated") {
      const asked = request ? dataOf(request.convMessage!.attr) : dataOf(attr);
      updates[client](copy, asked, dataOf(attrModified));
    } else if (name !== "conv/member_info_changed") continue;
    if (udate !== undefined && udate > copy.updatedAt) copy.updatedAt = udate;
    // It hears no more of it.
    if (!copy.members.has(peerId)) known.delete(cid);
  }
  return known;
}

/** Takes over what a query tells of conversations that the client is in and did not know. */
function learn(known: Map<string, Copy>, peerId: string, heard: Heard): void {
  for (const row of rowsOf(heard)) {
    const { objectId, m, updatedAt } = row;
    if (known.has(String(objectId)) || !Array.isArray(m) || !m.includes(peerId)) continue;
    known.set(String(objectId), {
      members: new Set(m),
      attributes: structuredClone(attributesOf(row)),
      updatedAt: String(updatedAt),
      lost: new Set(),
    });
  }
}
