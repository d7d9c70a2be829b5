/**
 * What is asked at the end of each exchange, on each device that is still there: what the server has
 * of the conversations, and what was told.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import { enums } from "../../../src/protocol/fields.ts";
import { rowsOf } from "./every_message.ts";
import type { Client } from "./exchange.ts";
import { attributesOf, copies, type Copy } from "./local_copies.ts";
import { newest, newestIn, unread } from "./local_messages.ts";
import { type Device, type Heard, isDevice, nameOf, type Recording } from "./recording.ts";
import { full, ISO, whole } from "./rule.ts";
import type { Stage } from "./stage.ts";

/** A client on a device, and what was asked for it. */
export interface Audited {
  /** The device. */
  readonly device: Device;
  /** The client. */
  readonly peerId: string;
  /** What the device heard of it in the exchange, from the first word on; no last will. */
  readonly heard: readonly Heard[];
  /** The conversations that it heard of, as the server has them. */
  readonly rows: readonly ReturnType<typeof attributesOf>[];
  /** What it was told, as JavaScript asks for it, and as Swift does. */
  // deno-lint-ignore no-explicit-any -- an answer is whatever it is: the checks look
  readonly told: Readonly<Record<"javaScript" | "swift", any>>;
  /** How many messages of each conversation are unread, as it hears at its next login. */
  readonly unread: ReadonlyMap<string, number>;
}

/** Whether a client is in a conversation, as a row of a query tells it. */
function isIn(client: string, { m }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(m) && m.includes(client);
}

/** The clients that are logged in on devices, with their logins. */
function present(recording: Recording): readonly (Heard & { readonly peerId: string })[] {
  const last = new Map<string, Heard>();
  for (const heard of recording.heard(true)) {
    const { name, device, command } = heard;
    const key = `${device.name} ${command.peerId}`;
    if (name === "session/opened" && !device.client.closed) last.set(key, heard);
    if (name === "session/closed") last.delete(key);
  }
  return [...last.values()].map((heard) => ({ ...heard, peerId: heard.command.peerId! }));
}

/** Asks on each device; the exchange must be over. */
export async function audit(stage: Stage): Promise<readonly Audited[]> {
  const { recorded, conv, ask, arrive, open } = stage;
  const all = recorded.heard(true);
  // Clients take them for messages like others, until they ask.
  const wills = new Set(
    all.filter(({ request }) => request?.directMessage?.will)
      .map(({ command }) => command.ackMessage?.uid),
  );
  const audited: Audited[] = [];
  for (const { device, peerId, command, request } of present(recorded)) {
    const heard = all.filter((one) =>
      isDevice(device, one.device) && one.command.peerId === peerId
    );
    const kept = heard.filter(({ command }) => !wills.has(command.directMessage?.id));
    const cids = [
      ...new Set(heard.flatMap(({ command: { convMessage = {} } }) => convMessage.cid ?? [])),
    ];
    const query = { flag: 2, limit: 100 };
    const where = { data: JSON.stringify({ objectId: { $in: cids } }) };
    const rows = [];
    for (
      const which of [{ where }, { tempConvIds: cids.filter((cid) => cid.startsWith("_tmp:")) }]
    ) {
      const convMessage = await conv(device, "query", { ...query, ...which }, peerId);
      rows.push(...rowsOf({ command: { cmd: "conv", convMessage } }));
    }
    const since = heard.find(({ name }) => name === "session/opened")!.command.serverTs!;
    const path = `1.1/rtm/notifications?client_id=${peerId}&start_ts=${since}`;
    const { st } = command.sessionMessage!;
    const asking = (more: string) =>
      ask(`${peerId} at the end`, path + more, st, { appId: request?.appId ?? "app" });
    const next = await arrive(`${peerId} on ${device.name}, next`);
    await open(next, peerId, {
      appId: request?.appId ?? "app",
      session: { r: true, st, configBitmap: 187 },
    });
    const said = next.client.pushes.flatMap(({ unreadMessage }) => unreadMessage?.convs ?? []);
    audited.push({
      unread: new Map(said.map(({ cid, unread }) => [cid, unread])),
      device,
      peerId,
      heard: kept,
      rows,
      told: { javaScript: await asking("&notification_type=permanent"), swift: await asking("") },
    });
  }
  return audited;
}

/** Checks that what a client keeps by what it heard is what the server has; returns how many it keeps. */
export function keeps(client: Exclude<Client, "Any">, { peerId, heard, rows }: Audited): number {
  return matches(copies(client, peerId, heard), rows);
}

function matches(known: ReadonlyMap<string, Copy>, rows: Audited["rows"]): number {
  for (const [cid, { members, attributes, updatedAt, lost }] of known) {
    const row = rows.find(({ objectId }) => objectId === cid);
    if (row?.conv_type !== 1) continue;
    const without = (all: typeof attributes) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !lost.has(key)));
    assert.deepEqual(
      { m: [...members].sort(), updatedAt, ...without(attributes) },
      {
        m: (row.m as string[]).toSorted(),
        updatedAt: row.updatedAt,
        ...without(attributesOf(row)),
      },
    );
  }
  return known.size;
}

/** Checks that the newest messages that JavaScript knows are the server's; returns how many. */
export function knowsNewest({ device, peerId, heard, rows }: Audited): number {
  // It hears at its login what others said alone.
  if (device.version === 1) return 0;
  let found = 0;
  for (const [cid, message] of newest(peerId, heard)) {
    const row = rows.find(({ objectId }) => objectId === cid);
    if (!row || !isIn(peerId, row)) continue;
    // What its other devices said while it was away it does not hear.
    if (device.before && row.msg_from === peerId) continue;
    found++;
    assert.deepEqual(message, newestIn(row));
  }
  return found;
}

/** Checks that JavaScript counts as unread what the server does; returns how many conversations. */
export function counts({ device, peerId, heard, rows, unread: theirs }: Audited): number {
  const [login] = heard;
  // It was told of what changed alone, or in another way.
  if (device.version === 1 || login?.request?.sessionMessage?.lastUnreadNotifTime) return 0;
  const own = unread(peerId, heard);
  const ids = rows.filter((row) => isIn(peerId, row))
    .map(({ objectId }) => String(objectId));
  for (const cid of ids) assert.equal(own.get(cid) ?? 0, theirs.get(cid) ?? 0, cid);
  return ids.length;
}

type Notice = Readonly<Record<string, unknown>>;

/** What is told again, as the clients that ask for it make the push of it that it was. */
const pushOf: { readonly [client in "JavaScript" | "Swift"]: (notice: Notice) => Command } = {
  JavaScript: ({ cmd, op, serverTs, ...convMessage }) =>
    ({ cmd, op, serverTs, convMessage }) as unknown as Command,
  Swift: ({ cmd, op, serverTs, attr, attrModified, ...more }) =>
    ({
      cmd,
      op: String(op).replaceAll("-", "_"),
      serverTs,
      convMessage: {
        ...more,
        ...(attr ? { attr: { data: JSON.stringify(attr) } } : {}),
        ...(attrModified ? { attrModified: { data: JSON.stringify(attrModified) } } : {}),
      },
    }) as unknown as Command,
};

/**
 * Checks that a client that heard nothing any more, from any moment on, catches up by what it is
 * told again; returns how many conversations it keeps by that.
 */
export function catchesUp(client: keyof typeof pushOf, { device, ...audited }: Audited): number {
  const { peerId, heard, rows, told } = audited;
  const again: readonly Notice[] = client === "Swift"
    ? told.swift.permanent.notifications
    : told.javaScript.notifications;
  const pushes = again.filter(({ cmd }) => cmd === "conv").map(pushOf[client]).map((command) => ({
    device,
    command: { ...command, peerId },
    name: nameOf(command),
    request: undefined,
    waiting: [],
  }));
  let found = 0;
  for (let cut = 1; cut <= heard.length; cut++) {
    const before = heard.slice(0, cut);
    const last = before.findLast(({ command }) => command.notificationType === 1);
    const since = last?.command.serverTs ?? 0;
    const after = pushes.filter(({ command }) => command.serverTs! > since);
    found += matches(copies(client, peerId, [...before, ...after]), rows);
  }
  return found;
}

/** What a push is among what was told, as JavaScript reads it. */
function flat({ command }: Heard): Record<string, unknown> {
  const { cmd, op, serverTs, notificationType, convMessage, rcpMessage } = command;
  return { cmd, ...(op && { op }), serverTs, notificationType, ...convMessage, ...rcpMessage };
}

/** The same as Swift reads it. */
function hyphenated(notice: Record<string, unknown>): Record<string, unknown> {
  const object = (key: string) =>
    notice[key] === undefined
      ? {}
      : { [key]: JSON.parse((notice[key] as { readonly data: string }).data) };
  return {
    ...notice,
    ...(notice.op === undefined ? {} : { op: String(notice.op).replaceAll("_", "-") }),
    ...object("attr"),
    ...object("attrModified"),
  };
}

/** The pushes that are told again, where the client is still in the conversation that they are about. */
function reliable({ heard, rows, peerId }: Audited): readonly Record<string, unknown>[] {
  const inside = new Set(
    rows.filter((row) => isIn(peerId, row)).map(({ objectId }) => objectId),
  );
  return heard
    .filter(({ command, request }) => !request && command.notificationType === 1)
    .filter(({ command }) => inside.has((command.convMessage ?? command.rcpMessage)!.cid!))
    .map(flat);
}

const operations = new Set(enums.OpType.split(/[^a-z_]+/));

/** Checks that what is told again is what was pushed; returns how much that is. */
export function tells(audited: Audited): number {
  const { javaScript, swift } = audited.told;
  const pushed = reliable(audited);
  assert.equal(javaScript.hasMore, false);
  assert.deepEqual(swift.droppable, { notifications: [], invalidLocalConvCache: false });
  for (const notice of pushed) {
    const same = (told: Record<string, unknown>) =>
      told.serverTs === notice.serverTs && told.op === notice.op && told.cid === notice.cid;
    assert.deepEqual(javaScript.notifications.find(same), notice);
  }
  assert.deepEqual(swift.permanent.notifications, javaScript.notifications.map(hyphenated));
  const times = javaScript.notifications.map(({ serverTs }: { serverTs: number }) => serverTs);
  assert.deepEqual(times, [...new Set(times)].sort());
  for (const { cmd, op, cid, initBy, udate, from, id, t } of javaScript.notifications) {
    assert.ok(full(cid));
    if (cmd === "rcp") assert.ok(full(from) && full(id) && whole(t));
    else assert.ok(cmd === "conv" && operations.has(op) && full(initBy) && ISO.test(udate));
  }
  return pushed.length;
}
