/**
 * What the clients of Swift, Java, C# and JavaScript are strict about, held against recorded
 * exchanges: those clients can't all be run here.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { settle } from "../kit/clock.ts";
import { readDocument } from "../kit/documents.ts";
import { asking } from "./checklist/asking.ts";
import {
  audit,
  type Audited,
  catchesUp,
  counts,
  keeps,
  knowsNewest,
  tells,
} from "./checklist/audit.ts";
import { byChance } from "./checklist/chance.ts";
import { changes } from "./checklist/changes.ts";
import { conversations } from "./checklist/conversations.ts";
import { edges } from "./checklist/edges.ts";
import { commandRules } from "./checklist/every_command.ts";
import { conversationRules } from "./checklist/every_conversation.ts";
import { messageRules } from "./checklist/every_message.ts";
import type { Exchange } from "./checklist/exchange.ts";
import { members } from "./checklist/members.ts";
import { messages } from "./checklist/messages.ts";
import { failure, held, nameOf, type Recording } from "./checklist/recording.ts";
import { rooms } from "./checklist/rooms.ts";
import { services } from "./checklist/services.ts";
import { sessions } from "./checklist/sessions.ts";
import { type Ground, grounds, stage } from "./checklist/stage.ts";
import { together } from "./checklist/together.ts";
import { standings } from "./checklist/standings.ts";

/** How many exchanges are left to chance. */
const SEEDS = 12;

const exchanges: readonly Exchange[] = [
  ...sessions,
  ...conversations,
  ...members,
  ...standings,
  ...messages,
  ...changes,
  ...rooms,
  ...services,
  ...edges,
  ...together,
  ...asking,
  ...Array.from({ length: SEEDS }, (_, seed) => byChance(seed)),
];

const rules = [...commandRules, ...conversationRules, ...messageRules];

/** The commands in the server's table. */
async function commandsOfTheServer(): Promise<readonly string[]> {
  const source = await readDocument("server/service/mod.ts");
  return Array.from(source.matchAll(/^ {4}"([a-z_/]+)": /gm), ([, name]) => name!);
}

/** An exchange that was played, and what was found at its end. */
interface Played {
  readonly recording: Recording;
  readonly audited: readonly Audited[];
}

async function play({ title, play }: Exchange, ground: Ground): Promise<Played> {
  const made = await stage(title, ground);
  const { recorded } = made;
  try {
    await play(made);
    await settle();
    recorded.end();
    return { recording: recorded, audited: await audit(made) };
  } catch (error) {
    throw failure(error, recorded);
  } finally {
    recorded.close();
    await made.end();
  }
}

for (const ground of grounds) {
  describe(`on ${ground.name}`, () => {
    const played = new Map<Exchange, Played>();
    const here = exchanges.filter(({ oneNode }) => !oneNode || ground.nodes === 1);
    before(async () => {
      for (const exchange of here) played.set(exchange, await play(exchange, ground));
    });

    for (const exchange of here.filter(({ promises }) => promises.length > 0)) {
      describe(exchange.title, () => {
        for (const { to, that, kept } of exchange.promises) {
          it(`${to}: ${that}`, () => {
            const { recording } = played.get(exchange)!;
            held(`${to}: ${that}`, recording, () => kept(recording));
          });
        }
      });
    }

    describe("in all exchanges", () => {
      if (ground.nodes === 1) {
        it("each command is said that the server knows", async () => {
          const said = [...played.values()].flatMap(({ recording }) =>
            recording.entries.filter(({ said }) => said).flatMap(({ command }) => [
              nameOf(command),
              `${command.cmd}`,
            ])
          );
          const known = await commandsOfTheServer();
          assert.ok(known.length > 20);
          const missing = known.filter((name) => !said.includes(name));
          assert.deepEqual(missing, []);
        });
      }

      for (const { to, that, about, kept } of rules) {
        it(`${to} ${that}`, () => {
          let found = 0;
          for (const { recording } of played.values()) {
            for (const heard of recording.heard(true).filter(about)) {
              found++;
              const what = `${heard.device.name} heard ${JSON.stringify(heard.command)}`;
              held(`${to} ${that}: ${what}`, recording, () => kept(heard, recording));
            }
          }
          assert.ok(found > 0, "no exchange shows it");
        });
      }

      /** What holds for each client that is still there at the end. */
      const atTheEnd = (promise: string, check: (audited: Audited) => number) =>
        it(promise, () => {
          let found = 0;
          for (const { recording, audited } of played.values()) {
            for (const one of audited) {
              held(`${promise}: ${one.peerId} on ${one.device.name}`, recording, () => {
                found += check(one);
              });
            }
          }
          assert.ok(found > 0, "no exchange shows it");
        });
      for (const client of ["Swift", "Java", "C#", "JavaScript"] as const) {
        atTheEnd(
          `${client} knows by what it heard who is in its conversations and what is noted on them`,
          (audited) => keeps(client, audited),
        );
      }
      for (const client of ["Swift", "JavaScript"] as const) {
        atTheEnd(
          `${client} catches up by what it is told again, whatever it missed`,
          (audited) => catchesUp(client, audited),
        );
      }
      atTheEnd("JavaScript knows by what it heard which message is the newest", knowsNewest);
      atTheEnd("JavaScript counts as unread what a new login tells it", counts);
      atTheEnd("JavaScript and Swift are told again, each in its way, what they were told", tells);
    });
  });
}
