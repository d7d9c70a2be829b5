/**
 * Exchanges that nobody thought of: what some clients do by chance, always the same for a seed.
 *
 * @module
 */
import type { Command } from "@curlew/realtime/protocol";
import { seeded } from "../../kit/seeded.ts";
import type { Exchange } from "./exchange.ts";
import type { Device } from "./recording.ts";
import type { Stage } from "./stage.ts";

const people = ["tom", "jerry", "mary", "spike"] as const;

/** How many things happen in one. */
const STEPS = 40;

/** What there is to do something with. */
interface Scene {
  readonly stage: Stage;
  readonly chance: () => number;
  readonly cids: readonly string[];
  /** The devices that are there. */
  readonly devices: Device[];
  /** Those whose links were lost. */
  readonly lost: Device[];
  /** The messages that were sent. */
  readonly sent: { readonly cid: string; readonly mid: string; readonly timestamp: number }[];
}

type Step = (scene: Scene, device: Device, cid: string) => Promise<unknown>;

const pick = <T>({ chance }: Scene, list: readonly T[]): T =>
  list[Math.floor(chance() * list.length)]!;
const some = (scene: Scene) => people.filter(() => scene.chance() < 0.4);

const values: readonly unknown[] = [1, "two", [3], { four: { five: 6 } }, null, false];
const operations: readonly unknown[] = [
  { __op: "Delete" },
  { __op: "Increment", amount: 1 },
  { __op: "AddUnique", objects: ["x"] },
  { __op: "Remove", objects: ["x"] },
];

async function say(scene: Scene, device: Device, cid: string, more = {}): Promise<void> {
  const { uid, t } = await scene.stage.say(device, { cid, msg: `${scene.chance()}`, ...more });
  if (uid && t) scene.sent.push({ cid, mid: uid, timestamp: t });
}

async function patch(scene: Scene, device: Device, recall: boolean): Promise<void> {
  if (scene.sent.length === 0) return;
  const patches = [{ ...pick(scene, scene.sent), recall, ...(recall ? {} : { data: "changed" }) }];
  await scene.stage.request(device, { cmd: "patch", op: "modify", patchMessage: { patches } });
}

/** What may happen, as often as it stands here. */
const steps: readonly Step[] = [
  say,
  say,
  (scene, device, cid) => say(scene, device, cid, { r: true, mentionAll: true }),
  (scene, device, cid) =>
    say(scene, device, cid, { binaryMsg: Uint8Array.of(1, 2), msg: undefined }),
  ({ stage }, device, cid) => stage.say(device, { cid, msg: "passing", transient: true }),
  (scene, device) => patch(scene, device, true),
  (scene, device) => patch(scene, device, false),
  (scene, device, cid) => scene.stage.conv(device, "add", { cid, m: some(scene) }),
  (scene, device, cid) => scene.stage.conv(device, "add", { cid, m: [...device.clients] }),
  (scene, device, cid) => scene.stage.conv(device, "remove", { cid, m: some(scene) }),
  ...(["add_shutup", "remove_shutup"] as const).map((op): Step => (scene, device, cid) =>
    scene.stage.conv(device, op, { cid, m: some(scene) })
  ),
  ...(["block", "unblock"] as const).map((op): Step => (scene, device, cid) =>
    scene.stage.list(device, op, { srcCid: cid, toPids: some(scene) })
  ),
  (scene, device, cid) => {
    const [pid, role] = [pick(scene, people), pick(scene, ["Manager", "Member"])];
    const convMessage = { cid, targetClientId: pid, info: { pid, role } };
    return scene.stage.conv(device, "member_info_update", convMessage);
  },
  ...[values, operations].map((list): Step => (scene, device, cid) => {
    const keys = ["name", "attr.a", "attr.b.c", "n", "attr"].filter(() => scene.chance() < 0.3);
    const changes = Object.fromEntries(keys.map((key) => [key, pick(scene, list)]));
    return scene.stage.conv(device, "update", { cid, attr: { data: JSON.stringify(changes) } });
  }),
  ({ stage }, device, cid) => stage.conv(device, "mute", { cid }),
  ({ stage }, device, cid) => stage.conv(device, "count", { cid }),
  ({ stage }, device) => stage.request(device, { cmd: "session", op: "refresh" }),
  ({ stage }, device, cid) => stage.conv(device, "max_read", { cid, queryAllMembers: true }),
  ({ stage }, device, cid) => stage.request(device, { cmd: "logs", logsMessage: { cid } }),
  ({ stage }, device, cid) => stage.find(device, { objectId: cid }),
  ({ stage }, device, cid) =>
    stage.tell(device, { cmd: "read", readMessage: { convs: [{ cid }] } }),
  ({ stage, sent }, device, cid) => {
    const tots = sent.findLast((message) => message.cid === cid)?.timestamp;
    const ack: Command = { cmd: "ack", ackMessage: { cid, tots } };
    return tots === undefined ? Promise.resolve() : stage.tell(device, ack);
  },
];

/** How devices come and go, one after the other. */
const comings: readonly Step[] = [
  async (scene, device) => {
    const [name] = device.clients;
    const as = `${name} ${scene.stage.recorded.devices.size}`;
    const version = scene.chance() < 0.3 ? 1 : 3;
    scene.devices.push(await scene.stage.login(name!, { as, appId: "roles", version }));
  },
  async (scene, device) => {
    if (scene.devices.length < 4) return;
    scene.devices.splice(scene.devices.indexOf(device), 1);
    await scene.stage.lose(device);
    scene.lost.push(device);
  },
  async (scene) => {
    const device = scene.lost.shift();
    if (device) scene.devices.push(await scene.stage.comeBack(device));
  },
];

/** One of them. */
export function byChance(seed: number): Exchange {
  return {
    title: `what four clients do by chance, from the seed ${seed}`,
    play: async (stage) => {
      const chance = seeded(seed);
      const devices: Device[] = [];
      for (const name of people) devices.push(await stage.login(name, { appId: "roles" }));
      const [tom, jerry] = [devices[0]!, devices[1]!];
      const cids = [
        await stage.start(tom, { m: ["jerry", "mary"] }, devices),
        await stage.start(jerry, { m: ["tom"], attr: { data: '{"name":"two"}' } }, devices),
        await stage.start(tom, { m: [], transient: true }, devices),
        await stage.start(jerry, { m: ["tom", "mary"], tempConv: true }),
      ];
      const scene: Scene = { stage, chance, cids, devices, lost: [], sent: [] };
      const one = (list: readonly Step[]) =>
        pick(scene, list)(scene, pick(scene, devices), pick(scene, cids));
      for (let step = 0; step < STEPS; step++) {
        // Now and then some of it at once.
        await Promise.all(
          chance() < 0.3 ? [one(steps), one(steps), one(steps)] : [one([...steps, ...comings])],
        );
      }
      for (const device of scene.lost) await stage.comeBack(device);
    },
    promises: [],
  };
}
