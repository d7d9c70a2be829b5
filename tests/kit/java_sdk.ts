/**
 * LeanCloud's official Java SDK, unmodified, in a Java program that does what a test says.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildJava } from "./java_program.ts";

/** A message as the SDK has it; times are in ms since 1970, 0 where there is none. */
export interface JavaMessage {
  readonly id: string;
  readonly class: string;
  readonly conversation: string;
  readonly from: string;
  readonly timestamp: number;
  readonly updatedAt: number;
  readonly deliveredAt: number;
  readonly readAt: number;
  readonly status: string;
  readonly mentioned: boolean;
  readonly mentions?: readonly string[];
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** In base64. */
  readonly bytes?: string;
}

/** A conversation as the SDK has it. */
export interface JavaConversation {
  readonly id: string;
  readonly class: string;
  readonly name?: string;
  readonly creator?: string;
  readonly members: readonly string[];
  readonly unread: number;
  readonly mentioned: boolean;
  readonly createdAt?: number;
  readonly updatedAt?: number;
  readonly lastMessageAt?: number;
  readonly lastReadAt: number;
  readonly lastDeliveredAt: number;
  readonly lastMessage?: JavaMessage;
  readonly expiresAt?: number;
}

/** What an event tells; each has some of it. */
export interface JavaFacts {
  readonly conversation: JavaConversation;
  readonly message: JavaMessage;
  readonly members: readonly string[];
  readonly by: string;
  readonly code: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly info: JavaRole;
}

/** Whom a call on several members was refused for, and why. */
export interface JavaFailure {
  readonly code: number;
  readonly reason: string;
  readonly members: readonly string[];
}

/** A member's role. */
export interface JavaRole {
  readonly member: string;
  readonly role: string;
}

/** A refusal, as the SDK's exception has it. */
export class JavaError extends Error {
  override readonly name = "JavaError";

  constructor(readonly code: number, readonly appCode: number, message: string) {
    super(message);
  }
}

/** The arguments of a call. */
type Args = Readonly<Record<string, unknown>>;

/** What the program writes: an answer where it has an id, and an event otherwise. */
interface Line {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly appCode: number; readonly message: string };
  readonly event: string;
  readonly client: string;
  readonly facts: JavaFacts;
}

/** One app's SDK: the SDK allows one app a process. */
export class JavaSdk implements AsyncDisposable {
  readonly #clients = new Map<string, JavaClient>();
  readonly #waiting = new Map<number, { done(result: unknown): void; failed(why: Error): void }>();
  readonly #ended: Promise<void>;
  #serial = 0;
  /** What it complained about. */
  complaints = "";

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly folder: string,
  ) {
    createInterface(child.stdout).on("line", (line) => this.#read(JSON.parse(line)));
    child.stderr.on("data", (data) => void (this.complaints += data));
    this.#ended = new Promise((done) => child.once("close", () => done()));
    void this.#ended.then(() => {
      for (const { failed } of this.#waiting.values()) {
        failed(new Error(`The Java program ended: ${this.complaints}`));
      }
    });
  }

  /** Fetches the SDK where that was not done yet, and starts it for an app of a server. */
  static async start(appId: string, key: string, url: string): Promise<JavaSdk> {
    const folder = await mkdtemp(join(tmpdir(), "curlew-java-"));
    const path = await buildJava(join(folder, "classes"));
    // In a folder of its own, since the SDK keeps files where it is.
    const child = spawn(
      "java",
      ["-XX:TieredStopAtLevel=1", "-cp", path, "Client", appId, key, url],
      {
        cwd: folder,
        stdio: "pipe",
      },
    );
    return new JavaSdk(child, folder);
  }

  /** The client of this id, logged in or not. */
  client(id: string): JavaClient {
    const client = this.#clients.get(id) ??
      new JavaClient(id, (what, args) => this.call(what, args));
    this.#clients.set(id, client);
    return client;
  }

  /** Opens the link that all clients share. */
  connect(): Promise<void> {
    return this.call("connect");
  }

  /** Has the program do something. */
  call<T>(what: string, args: Args = {}): Promise<T> {
    const id = ++this.#serial;
    return new Promise<T>((done, failed) => {
      const limit = setTimeout(() => {
        failed(
          new Error(`No answer to ${what} ${JSON.stringify(args)} in 15 s: ${this.complaints}`),
        );
      }, 15_000); // longer than the SDK itself waits
      this.#waiting.set(id, {
        done: (result) => (clearTimeout(limit), done(result as T)),
        failed: (why) => (clearTimeout(limit), failed(why)),
      });
      this.child.stdin.write(`${JSON.stringify({ id, do: what, ...args })}\n`);
    });
  }

  #read({ id, result, error, event, client, facts }: Line): void {
    if (id === undefined) return void this.client(client).emit(event, facts);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.failed(new JavaError(error.code, error.appCode, error.message));
    else waiting?.done(result);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.stdin.end();
    await this.#ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A client of the SDK. It emits what the SDK's handlers are called with, under their names. */
export class JavaClient extends EventEmitter {
  constructor(
    readonly id: string,
    private readonly call: <T>(what: string, args: Args) => Promise<T>,
  ) {
    super();
  }

  #ask<T>(what: string, args: Args = {}): Promise<T> {
    return this.call(what, { client: this.id, ...args });
  }

  async open(options: { readonly tag?: string } = {}): Promise<this> {
    await this.#ask("open", options);
    return this;
  }

  close(): Promise<void> {
    return this.#ask("close");
  }

  online(ids: readonly string[]): Promise<string[]> {
    return this.#ask("online", { ids });
  }

  async create(
    options: {
      readonly members: readonly string[];
      readonly name?: string;
      readonly attributes?: Args;
      readonly unique?: boolean;
    },
  ): Promise<JavaTalk> {
    return this.#talk(await this.#ask("create", options));
  }

  async createRoom(name: string): Promise<JavaTalk> {
    return this.#talk(await this.#ask("createRoom", { name }), true);
  }

  async createTemporary(members: readonly string[], ttl: number): Promise<JavaTalk> {
    return this.#talk(await this.#ask("createTemporary", { members, ttl }));
  }

  find(
    where: {
      readonly equal: Args;
      readonly members?: readonly string[];
      readonly startsWith?: string;
    },
  ): Promise<JavaConversation[]> {
    return this.#ask("find", where);
  }

  /** A conversation by its id, as it was when it was last seen. */
  talk(id: string, room = false): JavaTalk {
    return new JavaTalk(id, (what, args) => this.#ask(what, { conversation: id, room, ...args }));
  }

  #talk({ id }: JavaConversation, room = false): JavaTalk {
    return this.talk(id, room);
  }
}

/** A conversation of the SDK. */
export class JavaTalk {
  constructor(
    readonly id: string,
    private readonly ask: <T>(what: string, args?: Args) => Promise<T>,
  ) {}

  /** What the SDK knows of it. */
  known(): Promise<JavaConversation> {
    return this.ask("known");
  }

  /** What the server knows of it. */
  fetch(): Promise<JavaConversation> {
    return this.ask("fetch");
  }

  send(
    message: {
      readonly text?: string;
      readonly bytes?: string;
      readonly attributes?: Args;
      readonly mentions?: readonly string[];
      readonly receipt?: boolean;
      readonly transient?: boolean;
    },
  ): Promise<JavaMessage> {
    return this.ask("send", message);
  }

  update(message: string, text: string): Promise<JavaMessage> {
    return this.ask("update", { message, text });
  }

  recall(message: string): Promise<JavaMessage> {
    return this.ask("recall", { message });
  }

  /** Messages; `from` is the id of one that was seen. */
  history(
    page: {
      readonly limit?: number;
      readonly from?: string;
      readonly closed?: boolean;
      readonly type?: number;
      readonly oldToNew?: boolean;
    } = {},
  ): Promise<JavaMessage[]> {
    const { oldToNew, ...rest } = page;
    const direction = "AVIMMessageQueryDirectionFromOldToNew";
    return this.ask("history", { ...rest, ...(oldToNew ? { direction } : {}) });
  }

  read(): Promise<void> {
    return this.ask("read");
  }

  receipts(): Promise<JavaConversation> {
    return this.ask("receipts");
  }

  attribute(key: string): Promise<unknown> {
    return this.ask("attribute", { key });
  }

  roles(): Promise<JavaRole[]> {
    return this.ask("roles");
  }

  promote(member: string, role: "Manager" | "Member"): Promise<void> {
    return this.ask("promote", { member, role });
  }

  /** What is done with the conversation as a whole. */
  do(what: "join" | "quit" | "mute" | "unmute"): Promise<void> {
    return this.ask(what);
  }

  /** What is done with members, all or none of them. */
  change(what: "add" | "kick", ids: readonly string[]): Promise<void> {
    return this.ask(what, { ids });
  }

  /** What is done with those members with whom it can be done. */
  rule(
    what: "silence" | "unsilence" | "block" | "unblock",
    ids: readonly string[],
  ): Promise<{ readonly done: readonly string[]; readonly failed: readonly JavaFailure[] }> {
    return this.ask(what, { ids });
  }
}
