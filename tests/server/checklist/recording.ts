/**
 * Recorded exchanges: all that devices said to a server and heard from it, in order.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Codec, Command, Frame, ProtocolVersion } from "@curlew/realtime/protocol";
import type { WireClient } from "../../kit/wire_client.ts";

/** One link of a client. */
export interface Device {
  /** What exchanges call it. */
  readonly name: string;
  /** The version that it speaks. */
  readonly version: ProtocolVersion;
  /** Its link. */
  readonly client: WireClient;
  /** The clients that are logged in on it, or were. */
  readonly clients: Set<string>;
  /** The same client before its link was lost: it goes on with what it knew. */
  readonly before?: Device;
}

/** One command, said or heard by a device. */
export interface Entry {
  /** The device's name. */
  readonly device: string;
  /** Whether the device said it, rather than heard it. */
  readonly said: boolean;
  /** What was said. */
  readonly command: Command;
}

/** One answer over HTTP. */
export interface Answer {
  /** Which client asked. */
  readonly client: string;
  /** What it asked for: the method and the path. */
  readonly url: string;
  /** The status. */
  readonly status: number;
  /** The headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body. */
  // deno-lint-ignore no-explicit-any -- an answer is whatever it is: the rules look
  readonly body: any;
}

/** A codec that writes down what passes through it. */
export function recording(codec: Codec, note: (said: boolean, command: Command) => void): Codec {
  return {
    ...codec,
    encode: (command): Frame => {
      note(true, command);
      return codec.encode(command);
    },
    decode: (frame) => {
      const command = codec.decode(frame);
      note(false, command);
      return command;
    },
  };
}

/** What a command is, in the notation of the exchanges. */
export const nameOf = ({ cmd, op }: Command): string => op ? `${cmd}/${op}` : `${cmd}`;

/** A command that was heard, and what it answers. */
export interface Heard {
  /** Which device heard it. */
  readonly device: Device;
  /** What it is. */
  readonly command: Command;
  /** Its name. */
  readonly name: string;
  /** What it answers; `undefined` for a push. */
  readonly request: Command | undefined;
  /** What else the device waits for an answer to. */
  readonly waiting: readonly Command[];
}

/** What answers without a serial number what was asked without one. */
const unnumbered: { readonly [name: string]: string } = {
  "session/opened": "session/open",
  "session/closed": "session/open",
  error: "session/open",
  echo: "echo",
  loggedin: "login",
};

/** One exchange as it went. */
export class Recording {
  /** What it is about. */
  readonly title: string;
  /** The devices by their names. */
  readonly devices = new Map<string, Device>();
  /** All that was said and heard. */
  readonly entries: Entry[] = [];
  /** What was answered over HTTP. */
  readonly answers: Answer[] = [];
  /** Where the part begins that the exchange is about, and where it ends. */
  readonly #part: { from: number; to: number } = { from: 0, to: Infinity };

  /** One in which nothing was said yet. */
  constructor(title: string) {
    this.title = title;
  }

  #over = false;

  /** Writes down what was said or heard. */
  note(entry: Entry): void {
    if (!this.#over) this.entries.push(entry);
  }

  /** Writes nothing more down. */
  close(): void {
    this.#over = true;
  }

  /** What came before was to set the scene. */
  begin(): void {
    this.#part.from = this.entries.length;
  }

  /** What comes now is no more part of the exchange. */
  end(): void {
    this.#part.to = this.entries.length;
  }

  readonly #heard = new Map<boolean, { readonly entries: number; readonly heard: Heard[] }>();

  /** What was heard, by anybody, with what it answers: in the exchange, or from the first word on. */
  heard(whole = false): readonly Heard[] {
    const known = this.#heard.get(whole);
    if (known?.entries === this.entries.length) return known.heard;
    const heard = this.#answered(whole);
    if (this.#over) this.#heard.set(whole, { entries: this.entries.length, heard });
    return heard;
  }

  #answered(whole: boolean): Heard[] {
    const open = new Map<string, Command[]>();
    const heard: Heard[] = [];
    for (const [index, { device, said, command }] of this.entries.entries()) {
      const asked = open.get(device) ?? [];
      open.set(device, asked);
      if (said) {
        asked.push(command);
        continue;
      }
      const name = nameOf(command);
      const at = asked.findIndex((request) =>
        request.i === command.i && (command.i !== undefined || nameOf(request) === unnumbered[name])
      );
      const [request] = at < 0 ? [] : asked.splice(at, 1);
      if (!whole && (index < this.#part.from || index >= this.#part.to)) continue;
      const waiting = asked.filter(({ i }) => i !== undefined);
      heard.push({ device: this.devices.get(device)!, command, name, request, waiting });
    }
    return heard;
  }

  /** The names of what a device heard in the exchange, in order. */
  names(device: string): readonly string[] {
    assert.ok(this.devices.has(device), `There is no device ${device}`);
    return this.heard().filter((heard) => heard.device.name === device).map(({ name }) => name);
  }

  /** All of a name that a device heard in the exchange. */
  all(device: string, name: string): readonly Command[] {
    assert.ok(this.devices.has(device), `There is no device ${device}`);
    return this.heard()
      .filter((heard) => heard.device.name === device && heard.name === name)
      .map(({ command }) => command);
  }

  /** The one of a name that a device heard in the exchange. */
  one(device: string, name: string): Command {
    const all = this.all(device, name);
    assert.equal(all.length, 1, `${device} heard ${all.length} times ${name}`);
    return all[0]!;
  }

  /** The exchange, to be read. */
  toString(): string {
    const lines = this.entries.map(({ device, said, command }, index) => {
      const { i, cmd: _, op: __, ...rest } = command;
      const what = `${nameOf(command)}${i === undefined ? "" : ` i${i}`} ${JSON.stringify(rest)}`;
      const mark = index === this.#part.from && index > 0 ? "  --\n" : "";
      return `${mark}  ${said ? `${device} >` : `S > ${device}:`} ${what}`;
    });
    const answers = this.answers.map(({ client, url, status, body }) =>
      `  ${client} > ${url} → ${status} ${JSON.stringify(body)}`
    );
    return [`${this.title}:`, ...lines, ...answers].join("\n");
  }
}

/** Whether a device is another one, or was it before its link was lost. */
export function isDevice({ name, before }: Device, other: Device): boolean {
  return name === other.name || before !== undefined && isDevice(before, other);
}

/** A failure that shows the exchange in which it happened. */
export function failure(error: unknown, recording: Recording, rule?: string): Error {
  const why = error instanceof Error ? error.message : String(error);
  const message = [...(rule ? [rule] : []), why, recording].join("\n");
  return new assert.AssertionError({ message });
}

/** Runs a check, and shows the exchange and the rule where it fails. */
export function held(rule: string, recording: Recording, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw failure(error, recording, rule);
  }
}
