/**
 * What the clients of Swift, Java, C# and JavaScript are strict about, held against recorded
 * exchanges: those clients can't all be run here.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { settle } from "../kit/clock.ts";
import { edges } from "./checklist/edges.ts";
import { commandRules } from "./checklist/every_command.ts";
import { conversationRules } from "./checklist/every_conversation.ts";
import { messageRules } from "./checklist/every_message.ts";
import type { Exchange } from "./checklist/exchange.ts";
import { held, type Recording } from "./checklist/recording.ts";
import { asking } from "./checklist/asking.ts";
import { audit, type Audited, keeps, tells } from "./checklist/audit.ts";
import { changes } from "./checklist/changes.ts";
import { conversations } from "./checklist/conversations.ts";
import { members } from "./checklist/members.ts";
import { messages } from "./checklist/messages.ts";
import { rooms } from "./checklist/rooms.ts";
import { sessions } from "./checklist/sessions.ts";
import { standings } from "./checklist/standings.ts";
import { stage } from "./checklist/stage.ts";

const exchanges: readonly Exchange[] = [
  ...sessions,
  ...conversations,
  ...members,
  ...standings,
  ...messages,
  ...changes,
  ...rooms,
  ...edges,
  ...asking,
];

/** An exchange that was played, and what was found at its end. */
interface Played {
  readonly recording: Recording;
  readonly audited: readonly Audited[];
}

async function play({ title, play }: Exchange): Promise<Played> {
  const made = stage(title);
  await play(made);
  await settle();
  made.recorded.end();
  return { recording: made.recorded, audited: await audit(made) };
}

const played = new Map<Exchange, Promise<Played>>();
const playedOnce = (exchange: Exchange): Promise<Played> => {
  const known = played.get(exchange) ?? play(exchange);
  played.set(exchange, known);
  return known;
};

for (const exchange of exchanges) {
  describe(exchange.title, () => {
    for (const { to, that, kept } of exchange.promises) {
      it(`${to}: ${that}`, async () => {
        const { recording } = await playedOnce(exchange);
        held(`${to}: ${that}`, recording, () => kept(recording));
      });
    }
  });
}

describe("in all exchanges", () => {
  let all: readonly Played[] = [];
  before(async () => {
    all = await Promise.all(exchanges.map(playedOnce));
  });

  for (
    const { to, that, about, kept } of [...commandRules, ...conversationRules, ...messageRules]
  ) {
    it(`${to} ${that}`, () => {
      let found = 0;
      for (const { recording } of all) {
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
      for (const { recording, audited } of all) {
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
  atTheEnd("JavaScript and Swift are told again, each in its way, what they were told", tells);
});
