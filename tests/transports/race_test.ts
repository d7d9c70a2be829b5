import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Dial, type Transport, TransportError } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { after, race } from "@curlew/realtime/transports/race";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { Cancellation } from "../../src/connection/cancel.ts";
import { FakeClock, settle } from "../kit/clock.ts";
import { ears } from "../kit/ear.ts";
import { Puppet } from "../kit/puppet.ts";

const PROBE = "Are you there?";
const URL = "wss://chat.example.com/path";

/** A race between puppets, and what comes of it. */
class Track {
  readonly clock = new FakeClock();
  readonly socket = new Puppet("socket");
  readonly poll = new Puppet("poll");
  readonly other = new Puppet("other");
  readonly race: Transport;
  readonly ears = ears();

  constructor(make: (track: Track) => Parameters<typeof race>[0]) {
    this.race = race(make(this) as Transport[], { clock: this.clock });
  }

  /** Dials, and lets what happens at once happen. */
  async dial(how: Partial<Dial> = {}): Promise<{ readonly result: Promise<unknown> }> {
    const dial: Dial = {
      url: URL,
      protocols: ["p.1"],
      cancelled: new Cancellation(),
      probe: (protocol) => `${PROBE} ${protocol}`,
      ...how,
    };
    const result = this.race.open(dial, this.ears).then(() => "open", (error) => error);
    await settle();
    return { result };
  }

  /** The link in use. */
  get ear() {
    return this.ears.all.at(-1)!;
  }

  /** Nothing waits, and every link but the one in use is closed. */
  isTidy(): void {
    assert.equal(this.clock.waiting, 0, "A timer is left");
  }
}

/** The usual race: a socket, and 2 s later a poll. */
const usual = () => new Track(({ socket, poll }) => [socket, after(2_000, poll)]);

const unreachable = (message: string) => new TransportError("unreachable", message);

describe("a race", () => {
  it("is won by the first link on which something is heard, and not by one that opens", async () => {
    const track = usual();
    const { socket, poll, clock } = track;
    const { result } = await track.dial();
    socket.last.open();
    await clock.advance(1_999);
    assert.equal(poll.attempts.length, 0);
    await clock.advance(1);
    poll.last.open();
    await settle();
    assert.equal(track.ears.all.length, 0, "Nothing was heard yet");
    poll.last.say("I am");
    assert.equal(await result, "open");
    assert.equal(track.ear.link.transport, "poll");
    assert.deepEqual(socket.last.closes, [1000]);
    assert.deepEqual(poll.last.closes, []);
    track.isTidy();
  });

  it("asks each link by the probe of its protocol, and sends nothing else", async () => {
    const track = new Track(({ socket, poll }) => [socket, poll]);
    const { socket, poll } = track;
    await track.dial();
    socket.last.open();
    poll.last.open("p.2");
    await track.clock.advance(10_000);
    assert.deepEqual(socket.last.sent, [`${PROBE} p.1`]);
    assert.deepEqual(poll.last.sent, [`${PROBE} p.2`]);
    socket.last.say("yes");
    track.ear.link.send("a command");
    assert.deepEqual(socket.last.sent, [`${PROBE} p.1`, "a command"]);
    assert.deepEqual(poll.last.sent, [`${PROBE} p.2`]);
  });

  it("keeps the answer to itself, and passes on all that follows, in order", async () => {
    const track = usual();
    const { socket } = track;
    await track.dial();
    socket.last.open();
    socket.last.say("the answer", "one", "two");
    await settle();
    socket.last.say("three");
    assert.deepEqual(track.ear.frames, ["one", "two", "three"]);
    socket.last.end({ code: 4000, reason: "enough" });
    assert.deepEqual(track.ear.ends, [{ code: 4000, reason: "enough" }]);
  });

  it("does not start the later ones when the first is in time", async () => {
    const track = usual();
    const { socket, poll, clock } = track;
    const { result } = await track.dial();
    socket.last.open();
    await clock.advance(1_999);
    socket.last.say("yes");
    await result;
    track.isTidy();
    await clock.advance(60_000);
    assert.equal(poll.attempts.length, 0);
  });

  it("starts the next at once when all that were started have failed", async () => {
    const track = new Track(({ socket, poll, other }) => [
      socket,
      after(5_000, poll),
      after(2_000, other),
    ]);
    const { socket, poll, other, clock } = track;
    const { result } = await track.dial();
    socket.last.fail(unreachable("no"));
    await settle();
    assert.deepEqual([poll.attempts.length, other.attempts.length], [0, 1]);
    await clock.advance(4_999);
    assert.equal(poll.attempts.length, 0, "The other one may still answer");
    await clock.advance(1);
    assert.equal(other.attempts.length, 1, "It was started already");
    assert.equal(poll.attempts.length, 1);
    poll.last.open();
    poll.last.say("yes");
    assert.equal(await result, "open");
    assert.equal(other.last.dial.cancelled.aborted, true);
    track.isTidy();
  });

  it("starts one at once where all are to be late", async () => {
    const track = new Track((
      { socket, poll },
    ) => [after(3_000, poll), after(2_000, socket)]);
    await track.dial();
    assert.deepEqual([track.socket.attempts.length, track.poll.attempts.length], [1, 0]);
  });

  it("takes a link that closes before a word for a failure", async () => {
    const track = usual();
    const { socket, poll } = track;
    const { result } = await track.dial();
    socket.last.open();
    socket.last.end({ code: 1002, reason: "Bad frame" });
    await settle();
    poll.last.open();
    poll.last.end();
    const error = await result;
    assert.ok(error instanceof TransportError);
    assert.equal(error.reason, "refused");
    assert.match(error.message, /socket: .*\(1002, Bad frame\); poll: .*\(1006\)/);
    track.isTidy();
  });

  it("closes a link that opens when the race is over", async () => {
    const track = new Track(({ socket, poll }) => [socket, poll]);
    const { socket, poll } = track;
    await track.dial();
    poll.last.open();
    poll.last.say("yes");
    socket.last.open();
    assert.deepEqual(socket.last.closes, [1000]);
    assert.deepEqual(socket.last.sent, []);
    socket.last.say("late");
    socket.last.end();
    assert.equal(track.ears.all.length, 1);
    assert.deepEqual([track.ear.frames, track.ear.ends], [[], []]);
  });

  it("hands out the link as it is: its protocol, what is pending, send and close", async () => {
    const track = usual();
    await track.dial();
    track.socket.last.open();
    track.socket.last.pending = 3;
    track.socket.last.say("yes");
    const { link } = track.ear;
    assert.deepEqual([link.protocol, link.pending, link.transport], ["p.1", 3, "socket"]);
    track.socket.last.pending = 5;
    assert.equal(link.pending, 5);
    link.close(4001);
    assert.deepEqual(track.socket.last.closes, [4001]);
  });

  it("names the innermost transport of a race within a race", async () => {
    const track = new Track(({ socket, poll, other, clock }) => [
      race([socket, poll], { clock }),
      after(9_000, other),
    ]);
    const { result } = await track.dial();
    track.poll.last.open();
    track.poll.last.say("yes");
    assert.deepEqual(track.poll.last.sent.length, 2, "Both races ask");
    track.poll.last.say("yes");
    assert.equal(await result, "open");
    assert.equal(track.ear.link.transport, "poll");
    assert.deepEqual(track.ear.frames, []);
  });
});

describe("a race that nobody wins", () => {
  it("says what each said, for the reason that tells the most, and how long to wait", async () => {
    const track = new Track(({ socket, poll, other }) => [socket, poll, other]);
    const { socket, poll, other } = track;
    const { result } = await track.dial();
    socket.last.fail(unreachable("No route"));
    const busy = new TransportError("busy", "Come later", { status: 429, retryAfter: 7_000 });
    other.last.fail(busy);
    poll.last.fail(new TransportError("refused", "Not you", { status: 503, retryAfter: 9_000 }));
    const error = await result;
    assert.ok(error instanceof TransportError);
    assert.equal(
      error.message,
      `No transport reached ${URL}: socket: No route; other: Come later; poll: Not you`,
    );
    assert.deepEqual([error.reason, error.status, error.retryAfter], ["busy", 429, 9_000]);
    assert.equal(error.cause, busy);
    track.isTidy();
  });

  it("goes on without a transport that the platform lacks, and mentions it", async () => {
    const lacking: Transport = {
      name: "lacking",
      carries: "any",
      open: () => {
        throw new TypeError("There is no WebSocket here");
      },
    };
    const track = new Track(({ poll }) => [lacking, after(2_000, poll)]);
    const { result } = await track.dial();
    assert.equal(track.clock.waiting, 0, "The next started at once");
    track.poll.last.fail(unreachable("No route"));
    assert.match(String(await result), /lacking: There is no WebSocket here; poll: No route/);
    const alone = new Track(() => [lacking, after(2_000, lacking)]);
    assert.ok(await (await alone.dial()).result instanceof TypeError);
  });

  it("ends all when it is cancelled, and says how far each had come", async () => {
    const track = new Track(({ socket, poll, other }) => [socket, poll, after(5_000, other)]);
    const { socket, poll, other, clock } = track;
    const cancelled = new Cancellation();
    const { result } = await track.dial({ cancelled });
    socket.last.open();
    await clock.advance(1_000);
    cancelled.abort();
    const error = await result;
    assert.ok(error instanceof TransportError);
    assert.equal(error.reason, "timeout");
    assert.match(error.message, /socket: A link opened, and nothing was heard.*; poll: Nothing/);
    assert.deepEqual(socket.last.closes, [1000]);
    assert.equal(poll.last.dial.cancelled.aborted, true);
    poll.last.open();
    assert.deepEqual(poll.last.closes, [1000]);
    track.isTidy();
    await clock.advance(60_000);
    assert.equal(other.attempts.length, 0);
    assert.equal(track.ears.all.length, 0);
  });

  it("does not begin when it is cancelled before", async () => {
    const track = usual();
    const cancelled = new Cancellation();
    cancelled.abort();
    const error = await (await track.dial({ cancelled })).result;
    assert.ok(error instanceof TransportError && error.reason === "timeout");
    assert.equal(track.socket.attempts.length, 0);
    track.isTidy();
  });

  it("is not disturbed by a cancellation after it was won", async () => {
    const track = usual();
    let listeners = 0;
    const cancelled = {
      aborted: false,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    };
    const { result } = await track.dial({ cancelled });
    assert.equal(listeners, 1);
    track.socket.last.open();
    track.socket.last.say("yes");
    await result;
    assert.equal(listeners, 0);
    assert.deepEqual(track.socket.last.closes, []);
  });
});

describe("what a race remembers", () => {
  /** A race that the poll has won, after the socket swallowed the question. */
  async function wonByPoll(): Promise<Track> {
    const track = usual();
    const { result } = await track.dial();
    track.socket.last.open();
    await track.clock.advance(2_000);
    track.poll.last.open();
    track.poll.last.say("yes");
    await result;
    return track;
  }

  /** Wins with the poll, which must have been started at once. */
  async function pollWinsAlone(track: Track): Promise<void> {
    const before = track.socket.attempts.length;
    const { result } = await track.dial();
    track.poll.last.open();
    track.poll.last.say("yes");
    assert.equal(await result, "open");
    assert.equal(track.socket.attempts.length, before);
    track.isTidy();
  }

  it("is the choice: it is tried alone, and asked as before", async () => {
    const track = await wonByPoll();
    await pollWinsAlone(track);
    assert.equal(track.poll.last.sent.length, 1);
    assert.equal(track.poll.attempts.length, 2);
  });

  it("holds for an hour from the choice, however often it won since", async () => {
    const track = await wonByPoll();
    await track.clock.advance(3_000_000);
    await pollWinsAlone(track);
    await track.clock.advance(599_999);
    await pollWinsAlone(track);
    await track.clock.advance(1);
    await track.dial();
    assert.deepEqual([track.socket.attempts.length, track.poll.attempts.length], [2, 3]);
  });

  it("does not hold when the clock was set back", async () => {
    const track = await wonByPoll();
    track.clock.jump(track.clock.now() - 86_400_000);
    await track.dial();
    assert.equal(track.socket.attempts.length, 2);
  });

  it("is no more than a head start of 2 s, or until it fails", async () => {
    const track = await wonByPoll();
    const silent = await track.dial();
    track.poll.last.open();
    await track.clock.advance(1_999);
    assert.equal(track.socket.attempts.length, 1);
    await track.clock.advance(1);
    assert.equal(track.socket.attempts.length, 2);
    track.socket.last.open();
    track.socket.last.say("yes");
    await silent.result;
    assert.equal(track.ear.link.transport, "socket");
    const failing = await track.dial();
    assert.deepEqual([track.socket.attempts.length, track.poll.attempts.length], [3, 2]);
    track.socket.last.fail(unreachable("gone"));
    await settle();
    assert.equal(track.poll.attempts.length, 3);
    track.poll.last.open();
    track.poll.last.say("yes");
    assert.equal(await failing.result, "open");
    track.isTidy();
  });

  it("is forgotten when all fail", async () => {
    const track = await wonByPoll();
    const { result } = await track.dial();
    track.poll.last.fail(unreachable("gone"));
    await settle();
    track.socket.last.fail(unreachable("gone too"));
    await result;
    await track.dial();
    assert.deepEqual([track.socket.attempts.length, track.poll.attempts.length], [3, 2]);
  });

  it("is kept when an attempt is cancelled", async () => {
    const track = await wonByPoll();
    const cancelled = new Cancellation();
    const { result } = await track.dial({ cancelled });
    cancelled.abort();
    await result;
    await pollWinsAlone(track);
  });

  it("is for the server alone: scheme, host and port", async () => {
    const track = await wonByPoll();
    const starts = async (url: string) => {
      const before = track.socket.attempts.length;
      const cancelled = new Cancellation();
      await track.dial({ url, cancelled });
      cancelled.abort();
      return track.socket.attempts.length > before ? "socket" : "poll";
    };
    for (const same of ["", "/", "/other?x=/", "?a=b"]) {
      assert.equal(await starts(`WSS://Chat.example.com${same}`), "poll", same);
    }
    for (
      const url of [
        "ws://chat.example.com/path",
        "wss://chat.example.com:8443/path",
        "wss://example.com/path",
        "/path",
        "",
      ]
    ) assert.equal(await starts(url), "socket", url);
  });

  it("is an entry, also where the same transport runs twice", async () => {
    const track = new Track(({ socket }) => [socket, after(1_000, socket)]);
    for (let i = 1; i <= 3; i++) {
      const { result } = await track.dial();
      assert.equal(track.socket.attempts.length, i);
      track.socket.last.open();
      track.socket.last.say("yes");
      await result;
    }
    track.isTidy();
  });

  it("is in the race: another one knows nothing of it", async () => {
    await wonByPoll();
    const track = usual();
    await track.dial();
    assert.equal(track.socket.attempts.length, 1);
  });
});

describe("race and after", () => {
  it("make of one transport that transport: there is nothing to ask", () => {
    const one = new Puppet("one");
    assert.equal(race([one]), one);
    assert.equal(race([after(5_000, one)]), one);
  });

  it("carry bytes where all do", () => {
    const any = memory({ protocols: [], accept: ears() });
    const text = textOnly(any);
    assert.equal(race([any, after(1, any)]).carries, "any");
    assert.equal(race([any, after(1, text)]).carries, "text");
    assert.equal(race([any, any]).name, "race");
  });

  it("take Infinity for what is to start only when all others have failed", async () => {
    const track = new Track(({ socket, poll }) => [socket, after(Infinity, poll)]);
    assert.equal(after(Infinity, track.poll).delay, 2 ** 31 - 1, "What setTimeout takes");
    await track.dial();
    await track.clock.advance(20_000);
    assert.equal(track.poll.attempts.length, 0);
    track.socket.last.fail(unreachable("no"));
    await settle();
    assert.equal(track.poll.attempts.length, 1);
  });

  it("refuse what makes no sense", () => {
    assert.throws(() => race([]), { name: "TypeError", message: /list/ });
    const one = new Puppet("one");
    for (const ms of [-1, NaN]) {
      assert.throws(() => after(ms, one), { name: "TypeError", message: /ms/ });
    }
  });
});
