/**
 * Where the bus meets the sessions of this node.
 *
 * The bus may drop, repeat, delay or reorder. So messages are told by their places in conversations
 * (talks.ts), and what is told of conversations in an order as well (threads.ts): what was told is
 * dropped, a hole is read from the store, and a sweep finds those whose last event never came. Where
 * only the newest state counts, as of how a message was changed, nothing older is told after it
 * (known.ts), and the sweep brings the newest.
 *
 * @module
 */
import type { Clock, Log } from "@curlew/realtime/environment";
import type { Bus } from "../bus/bus.ts";
import type { KickEvent, LostEvent, ServiceEvent, TakeoverEvent } from "../service/events.ts";
import { isBefore, kicked, kickEvent } from "../service/kicks.ts";
import { conflict } from "../service/login.ts";
import { noticePush, roomLeft } from "../service/notices.ts";
import type { SessionClaims } from "../service/session_token.ts";
import { patchNotice } from "../service/patches.ts";
import { readNotice, readOf } from "../service/receipts.ts";
import type { KeptNotice, ReadLately, Store } from "../store/store.ts";
import { Known } from "./known.ts";
import { Presence } from "./presence.ts";
import { Sweeps } from "./sweeps.ts";
import { Talks } from "./talks.ts";
import { Threads } from "./threads.ts";
import { executed, Wills } from "./wills.ts";

/** How many sweeps a conversation's place is remembered for after its last message: ten minutes. */
const REMEMBERED = 60;
/** How many sweeps who was lost in a room has for coming back into it: half an hour. */
const AWAITED = 180;
/** How many sweeps it is known what was told: longer than one may find it again. */
const REPEATED = 3;
/** How many sweeps a login may take at most that is not to miss a forced logout. */
const UNDER_WAY = 3;
/** How many changes of messages are read from the store at once. */
const PATCHES = 1_000;

const kickKey = (app: string, client: string) => JSON.stringify([app, client]);

/** What the hub works with. */
export interface HubOptions {
  /** The apps' ids: the topics. */
  readonly apps: Iterable<string>;
  /** What is kept. */
  readonly store: Store;
  /** What is passed on. */
  readonly bus: Bus<ServiceEvent>;
  /** Whether no other node hears what is passed on. */
  readonly alone: boolean;
  /** Tells the time. */
  readonly clock: Clock;
  /** Where log lines go. */
  readonly log: Log;
}

/** The sessions of this node, and what reaches them. */
export class Hub {
  readonly #options: HubOptions;
  readonly #presence = new Map<string, Presence>();
  readonly #talks: Talks;
  readonly #known = new Map<string, Known>();
  readonly #threads: Threads;
  /** The forced logouts heard of lately, for logins that are under way. */
  readonly #kicks = new Map<string, { readonly event: KickEvent; readonly heard: number }>();
  /** The last wills that other nodes are asked about. */
  readonly wills: Wills;
  readonly #unsubscribe: (() => void)[] = [];
  readonly #sweeps: Sweeps;

  /** Listens to the bus at once. */
  constructor(options: HubOptions) {
    this.#options = options;
    this.#sweeps = new Sweeps({ ...options, steps: (since) => this.#steps(since) });
    this.wills = new Wills(options.clock, options.alone);
    const presence = (app: string) => this.presence(app);
    const shared = {
      ...options,
      presence,
      sweeps: () => this.#sweeps.count,
      failed: this.#sweeps.failed,
    };
    this.#talks = new Talks(shared);
    this.#threads = new Threads({
      ...shared,
      tell: (app, to, notice) => this.#tell(app, to, notice),
    });
    for (const app of options.apps) {
      this.#presence.set(app, new Presence());
      this.#known.set(app, new Known());
      this.#unsubscribe.push(options.bus.subscribe(app, (event) => this.#receive(app, event)));
    }
  }

  /** The open sessions of an app on this node. */
  presence(app: string): Presence {
    return this.#presence.get(app)!;
  }

  /** Publishes what a command came to. */
  publish(app: string, events: readonly ServiceEvent[]): void {
    for (const event of events) {
      if (event.kind === "message") this.#talks.sent(app, event);
      this.#options.bus.publish(app, event);
    }
  }

  /** Hears no more. */
  close(): void {
    this.#sweeps.close();
    this.wills.close();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #receive(app: string, event: ServiceEvent): void {
    if (event.kind === "message") return this.#talks.receive(app, event);
    if (event.kind === "told") return this.#threads.receive(app, event);
    if (event.kind === "kick") return this.#kick(app, event);
    const known = this.#known.get(app)!;
    if (!known.isFirst(event.id, this.#sweeps.count)) return;
    if (event.kind === "takeover") return this.#takeOver(app, event);
    if (event.kind === "heir") return this.wills.take(event.of);
    if (event.kind === "executed") return this.presence(app).letGo(event.client, event.will);
    if (event.kind === "lost") return this.#lose(app, event);
    const news = known.newsOf(event, this.#sweeps.count);
    if (!news) return;
    const { room, to } = news;
    this.presence(app).deliver(news, room === undefined ? { clients: to } : { room });
  }

  #tell(app: string, to: Iterable<string>, notice: KeptNotice): void {
    const command = noticePush(notice);
    this.presence(app).deliver({ command, toldAt: notice.at }, { clients: to });
    const room = roomLeft(command);
    if (room === undefined) return;
    this.#expel(app, this.presence(app), room).catch((error) => {
      this.#sweeps.failed("Who is blocked in a room could not be read", { app, room, error });
    });
  }

  #lose(app: string, { id, will, room, client, device }: LostEvent): void {
    const presence = this.presence(app);
    const lost = device === undefined ? { client } : { client, device };
    if (room !== undefined) presence.lose({ ...lost, room }, this.#sweeps.count);
    const heir = will && presence.heirOf(lost);
    if (!heir || this.#known.get(app)!.versionOf(executed(client, will.id).id) >= 0) return;
    heir.will ??= will;
    this.publish(app, [{ kind: "heir", id: `heir ${id}`, of: id }]);
  }

  #takeOver(app: string, { client, tag, device, session: newcomer }: TakeoverEvent): void {
    for (const session of [...this.presence(app).sessions(client)]) {
      const { claims } = session;
      if (session.session === newcomer || claims.tag !== tag) continue;
      if (device !== undefined && claims.device === device) continue;
      session.send(conflict);
      session.outlet.forget(session);
    }
  }

  /** The forced logout that came while a client was being let in. */
  kickOf(claims: SessionClaims): KickEvent | undefined {
    const event = this.#kicks.get(kickKey(claims.app, claims.client))?.event;
    return isBefore(claims, event?.at) ? event : undefined;
  }

  /** Ends the sessions from before a forced logout; told again, it finds none. */
  #kick(app: string, event: KickEvent): void {
    const key = kickKey(app, event.client);
    const known = this.#kicks.get(key)?.event;
    const last = known && known.at > event.at ? known : event;
    this.#kicks.set(key, { event: last, heard: this.#sweeps.count });
    for (const session of [...this.presence(app).sessions(event.client)]) {
      if (!isBefore(session.claims, event.at)) continue;
      session.send(kicked(event));
      session.outlet.forget(session);
    }
  }

  /** Puts out of a room who is blocked there: the event may not have come, or before they went in. */
  async #expel(app: string, presence: Presence, room: string): Promise<void> {
    const { blocked } = await this.#options.store.conversation(app, room) ?? {};
    if (blocked?.size) presence.expel(blocked.intersection(new Set(presence.inRoom(room))), room);
  }

  #steps(since: number): readonly (() => Promise<void> | void)[] {
    const { store } = this.#options;
    const here = <Lately extends { readonly app: string }>(lately: readonly Lately[]) =>
      lately.filter(({ app }) => this.#presence.has(app));
    return [
      async () => {
        for (const { app, conversation, seq } of here(await store.grownSince(since))) {
          this.#talks.expect(app, conversation, seq);
        }
      },
      async () => {
        for (const { app, at, ...audience } of here(await store.toldSince(since))) {
          this.#threads.expect(app, audience, at);
        }
      },
      () => this.#sweepPatches(since),
      async () => {
        for (const read of here(await store.readSince(since))) {
          if (!this.#sweeps.closed) await this.#sweepRead(read);
        }
      },
      async () => {
        const kicks = here(await store.kickedSince(since));
        for (const kick of kicks) this.#kick(kick.app, kickEvent(kick));
      },
      ...[...this.#presence].map(([app, presence]) => async () => {
        await Promise.all(presence.rooms.map((room) => this.#expel(app, presence, room)));
      }),
      () => this.#forget(),
    ];
  }

  async #sweepPatches(since: number): Promise<void> {
    for (let after = since;;) {
      const changes = await this.#options.store.patchedSince(after, PATCHES);
      for (const change of changes) {
        if (this.#presence.has(change.app)) this.#receive(change.app, patchNotice(change));
      }
      if (changes.length < PATCHES || this.#sweeps.closed) return;
      after = changes.at(-1)!.message.patchedAt!;
    }
  }

  async #sweepRead({ app, client, conversation, upTo }: ReadLately): Promise<void> {
    if (this.presence(app).sessions(client).size === 0) return;
    if (this.#known.get(app)!.isTold(readOf(client, conversation), upTo, this.#sweeps.count)) {
      return;
    }
    const { store, clock, log } = this.#options;
    try {
      // It moves nothing, and says what is unread.
      const change = await store.markRead(app, client, conversation, { timestamp: 0 });
      const id = `swept ${readOf(client, conversation)} ${change.upTo}`;
      this.#receive(app, readNotice(client, [change], { id, at: clock.now() }));
    } catch (error) {
      log.debug("What a client has read could not be told", { app, client, conversation, error });
    }
  }

  /** Forgets what nobody repeats any more, and what was not used for long. */
  #forget(): void {
    const sweeps = this.#sweeps.count + 1; // with this one
    for (const known of this.#known.values()) known.forget(sweeps - REPEATED);
    for (const presence of this.#presence.values()) presence.forgetLost(sweeps - AWAITED);
    for (const [key, { heard }] of this.#kicks) {
      if (heard < sweeps - UNDER_WAY) this.#kicks.delete(key);
    }
    this.#talks.forget(sweeps - REMEMBERED);
    this.#threads.forget(sweeps - REMEMBERED);
  }
}
