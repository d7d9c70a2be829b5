/**
 * What the clients of Swift, Java, C# and JavaScript are strict about, held against recorded
 * exchanges: those clients can't all be run here.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { commandRules } from "./checklist/every_command.ts";
import { conversationRules } from "./checklist/every_conversation.ts";
import { messageRules } from "./checklist/every_message.ts";
import type { Exchange } from "./checklist/exchange.ts";
import { held, type Recording } from "./checklist/recording.ts";
import { changes } from "./checklist/changes.ts";
import { conversations } from "./checklist/conversations.ts";
import { members } from "./checklist/members.ts";
import { messages } from "./checklist/messages.ts";
import { rooms } from "./checklist/rooms.ts";
import { sessions } from "./checklist/sessions.ts";
import { stage } from "./checklist/stage.ts";

const exchanges: readonly Exchange[] = [
  ...sessions,
  ...conversations,
  ...members,
  ...messages,
  ...changes,
  ...rooms,
];

/** Plays an exchange to its end. */
async function play({ title, play }: Exchange): Promise<Recording> {
  const made = stage(title);
  await play(made);
  made.recorded.end();
  return made.recorded;
}

const recordings = new Map<Exchange, Promise<Recording>>();
const recordingOf = (exchange: Exchange): Promise<Recording> => {
  const known = recordings.get(exchange) ?? play(exchange);
  recordings.set(exchange, known);
  return known;
};

for (const exchange of exchanges) {
  describe(exchange.title, () => {
    for (const { to, that, kept } of exchange.promises) {
      it(`${to}: ${that}`, async () => {
        const recording = await recordingOf(exchange);
        held(`${to}: ${that}`, recording, () => kept(recording));
      });
    }
  });
}

describe("in all exchanges", () => {
  let all: readonly Recording[] = [];
  before(async () => {
    all = await Promise.all(exchanges.map(recordingOf));
  });
  for (
    const { to, that, about, kept } of [...commandRules, ...conversationRules, ...messageRules]
  ) {
    it(`${to} ${that}`, () => {
      let found = 0;
      for (const recording of all) {
        for (const heard of recording.heard(true).filter(about)) {
          found++;
          const what = `${to} ${that}: ${heard.device.name} heard ${JSON.stringify(heard.command)}`;
          held(what, recording, () => kept(heard, recording));
        }
      }
      assert.ok(found > 0, "no exchange shows it");
    });
  }
});
