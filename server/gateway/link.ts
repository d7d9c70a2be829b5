/**
 * One link and the sessions on it: frames become commands, commands are handled, and what comes of
 * that goes back. A reply goes out before the pushes that it causes.
 *
 * @module
 */
import type { Timer } from "@curlew/realtime/environment";
import {
  type Command,
  DecodeError,
  ErrorCode,
  type Frame,
  type Link,
  protocolError,
  type Receiver,
} from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import { errorReply, type Handler, type Outcome } from "../service/context.ts";
import { kicked } from "../service/kicks.ts";
import { conflict, logIn, openedReply } from "../service/login.ts";
import { catchUp, claimTag, pushOn } from "./arrival.ts";
import { Backlog } from "./backlog.ts";
import type { Gateway, Spoken } from "./gateway.ts";
import { goBack, lose } from "./loss.ts";
import { type Outlet, Session } from "./session.ts";

/** The close code for "the server goes away". */
export const GOING_AWAY = 1001;

/** The close code for a link whose other side does not keep up: try again later. */
const OVERLOADED = 1013;

/** An open link, as the server sees it. */
export interface OpenLink {
  /** What the link reports to. */
  readonly receiver: Receiver;
  /** Whether somebody has logged in, or registered, on it. */
  readonly known: () => boolean;
  /**
   * Whether its client, being told to go elsewhere, dials in the same moment: as Java's do, whose
   * devices register. One that is answered with a refusal then never dials again; one that nobody
   * answers does.
   */
  readonly hasty: () => boolean;
  /** Tells the client to go elsewhere. */
  readonly sayGoodbye: () => void;
  /** Resolves when what arrived is handled. */
  readonly idle: () => Promise<void>;
  /** Ends the link. */
  readonly close: (code: number, reason: string) => void;
}

const logsIn = ({ cmd, op }: Command): boolean => cmd === "session" && op === "open";
const searches = ({ cmd, op }: Command): boolean => cmd === "conv" && op === "query";

/** Serves a link until it ends; `ended` is called then. */
export function openLink(
  link: Link,
  spoken: Spoken,
  gateway: Gateway,
  ended: () => void,
): OpenLink {
  return new ServedLink(link, spoken, gateway, ended);
}

class ServedLink implements OpenLink {
  readonly #link: Link;
  readonly #spoken: Spoken;
  readonly #gateway: Gateway;
  readonly #outlet: Outlet;
  /** By client id, in the order in which they were opened. */
  readonly #sessions = new Map<string, Session>();
  /** Logins are done in turn, and what follows them waits for them. */
  readonly #backlog: Backlog;
  /** Waits for the first login. */
  #login: Timer | undefined;
  #app: string | undefined;
  #over = false;
  #hasty = false;
  /** Resolves when the searches asked for so far are done. */
  #searches: Promise<void> = Promise.resolve();
  /** Whether it is the server that goes. */
  #leaving = false;
  /** How many frames were no commands. */
  #dropped = 0;
  readonly receiver: Receiver;

  constructor(link: Link, spoken: Spoken, gateway: Gateway, ended: () => void) {
    this.#link = link;
    this.#spoken = spoken;
    this.#gateway = gateway;
    this.#backlog = new Backlog((error) =>
      gateway.log.error("A command could not be answered", { error })
    );
    this.#outlet = {
      codec: spoken.codec,
      version: spoken.version,
      fullness: () => link.pending / gateway.limits.pending,
      send: (frame) => this.#sendFrame(frame),
      forget: (session) => this.#forget(session),
    };
    this.#login = gateway.clock.after(
      gateway.limits.loginTimeout,
      () => this.close(ErrorCode.LOGIN_TIMEOUT, "LOGIN_TIMEOUT"),
    );
    this.receiver = {
      frame: (frame) => this.#receive(frame),
      closed: () => {
        this.#over = true;
        this.#login?.cancel();
        for (const session of this.#sessions.values()) {
          const { room } = session;
          gateway.hub.presence(session.app.id).leave(session);
          if (!this.#leaving) lose(session, room, gateway);
        }
        this.#sessions.clear();
        ended();
      },
    };
  }

  readonly hasty = (): boolean => this.#hasty;

  readonly known = (): boolean => this.#login === undefined;

  readonly sayGoodbye = (): void => {
    const [first] = this.#sessions.values();
    if (first) first.send({ cmd: "goaway" });
    else this.#send({ cmd: "goaway", service: 2 });
  };

  readonly idle = (): Promise<void> => this.#backlog.idle();

  readonly close = (code: number, reason: string): void => {
    this.#over = true;
    this.#leaving = code === GOING_AWAY;
    this.#link.close(code, reason);
  };

  /** Somebody logged in: the link may live as long as it likes. */
  #waitNoMore(): void {
    this.#login?.cancel();
    this.#login = undefined;
  }

  #send(command: Command): void {
    this.#sendFrame(this.#spoken.codec.encode(command));
  }

  #sendFrame(frame: Frame): void {
    if (this.#over) return;
    // Before and not after: a single answer may be larger than what may wait.
    if (this.#link.pending <= this.#gateway.limits.pending) return this.#link.send(frame);
    this.#gateway.log.warn("A link was closed: its client does not keep up");
    this.close(OVERLOADED, "Too much is waiting to be sent");
  }

  #receive(frame: Frame): void {
    if (this.#over) return;
    let command: Command;
    try {
      command = this.#spoken.codec.decode(frame);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      // Who sends nonsense all day is to fill no log.
      const level = this.#dropped++ === 0 ? "warn" : "debug";
      this.#gateway.log[level]("A frame was dropped: it is no command", { error });
      this.#send({ service: 2, ...errorReply(error) });
      return;
    }
    const work = this.#begin(command);
    if (!work) return;
    this.#backlog.add(work, frame.length);
    if (this.#backlog.size <= this.#gateway.limits.unanswered) return;
    this.#gateway.log.warn("A link was closed: it asks faster than it can be answered");
    this.close(OVERLOADED, "Too much waits to be answered");
  }

  #begin(command: Command): Promise<void> | void {
    if (logsIn(command)) return this.#backlog.inTurn(() => this.#open(command));
    // What names a client that is logged in need not wait for another's login.
    const waits = this.#backlog.takesTurns && !this.#sessions.has(command.peerId ?? "");
    if (waits) return this.#backlog.inTurn(() => this.#handle(command));
    return this.#handle(command);
  }

  /** Sends a reply: it names the session, and has the request's serial number where that had one. */
  #reply({ i }: Command, session: Session | undefined, reply: Command): void {
    const whole = i === undefined ? reply : { ...reply, i };
    if (session) session.send(whole);
    else this.#send(whole);
  }

  #refuse(command: Command, session: Session | undefined, error: unknown): void {
    const reply = errorReply(error);
    if (reply.errorMessage?.code === ErrorCode.INTERNAL_ERROR) {
      this.#gateway.log.error("A command failed", { cmd: command.cmd, op: command.op, error });
    }
    if (command.i === undefined && !logsIn(command)) {
      // Nobody waits for it: an unasked-for `error` would be taken for the whole connection's.
      this.#gateway.log.debug("A command was refused", { cmd: command.cmd, error });
      return;
    }
    this.#reply(command, session, { service: 2, peerId: command.peerId, ...reply });
  }

  #handle(command: Command): Promise<void> | void {
    switch (command.cmd) {
      case "echo":
        // Clients ask with an id of their own choosing, or none, and before they are logged in.
        return this.#reply(command, undefined, { cmd: "echo", peerId: command.peerId, service: 2 });
      case "login":
        return this.#register(command);
    }
    const session = this.#sessionOf(command);
    if (!session) {
      return this.#refuse(
        command,
        undefined,
        protocolError("SESSION_REQUIRED", "The client is not logged in on this connection"),
      );
    }
    if (command.cmd === "session" && command.op === "close") return this.#logOut(command, session);
    const handler = this.#gateway.handlerOf(command);
    if (!handler) {
      const name = `${command.cmd ?? "unknown"}${command.op ? `/${command.op}` : ""}`;
      return this.#refuse(
        command,
        session,
        protocolError("CONVERSATION_API_FAILED", `This server does not know the command ${name}`),
      );
    }
    if (!searches(command)) return this.#run(command, session, handler);
    // They cost the most: a link has one at a time, or it would hold up all others with many.
    return this.#searches = this.#searches.then(() =>
      this.#over ? undefined : this.#run(command, session, handler)
    );
  }

  /** A device registers for push messages, of which there are none here; it must not be kept waiting. */
  #register(command: Command): void {
    const app = this.#appOf(command);
    if (!app) return;
    this.#app = app.id; // Java's clients name it here alone: what they open next names none
    this.#hasty ||= (command.service ?? 0) === 0;
    this.#waitNoMore();
    this.#reply(command, undefined, {
      cmd: "loggedin",
      installationId: command.installationId,
      service: command.service ?? 0,
      loggedinMessage: { pushDisabled: false },
    });
  }

  #run(command: Command, session: Session, handler: Handler): Promise<void> | void {
    // Without `async`: most messages come this way, and each step of a promise is a price.
    const done = (outcome: Outcome): Promise<void> | void => {
      const { reply, events, room, will } = outcome;
      if (will) session.will = will;
      if (room) this.#move(session, room);
      if (reply) this.#reply(command, session, reply);
      if (events?.length) this.#gateway.hub.publish(session.app.id, events);
      if (command.cmd === "ack" && session.pushed) return pushOn(session, this.#gateway);
    };
    const failed = (error: unknown) => this.#refuse(command, session, error);
    try {
      const outcome = handler(session, command, this.#gateway.context);
      return outcome instanceof Promise ? outcome.then(done).catch(failed) : done(outcome);
    } catch (error) {
      failed(error);
    }
  }

  #move(session: Session, { id, inside }: NonNullable<Outcome["room"]>): void {
    const presence = this.#gateway.hub.presence(session.app.id);
    // It may have left while the command was handled.
    if (!presence.sessions(session.client).has(session)) return;
    if (inside) return presence.goIn(session, id);
    presence.goOut(session, id);
    presence.forget(session.claims);
  }

  #sessionOf({ peerId }: Command): Session | undefined {
    if (peerId !== undefined) return this.#sessions.get(peerId);
    for (const first of this.#sessions.values()) return first;
    return undefined;
  }

  /** The app that a command names, which must be that of the link; ends a link that nobody uses yet. */
  #appOf(command: Command): App | undefined {
    const { appId = this.#app ?? "" } = command;
    const app = this.#gateway.apps.get(appId);
    if (app && (this.#app ?? app.id) === app.id) return app;
    const text = `There is no app ${JSON.stringify(appId)} here`;
    this.#refuse(command, undefined, protocolError("APP_NOT_AVAILABLE", text));
    if (this.#sessions.size === 0) this.close(ErrorCode.APP_NOT_AVAILABLE, "APP_NOT_AVAILABLE");
    return undefined;
  }

  /** The app that a login is for. Java's clients name none when they come back: their token does. */
  async #appToOpen(command: Command): Promise<App | undefined> {
    const st = command.sessionMessage?.st;
    const named = command.appId !== undefined || this.#app !== undefined;
    if (named || st === undefined) return this.#appOf(command);
    const claims = await this.#gateway.tokens.read(st);
    if (!claims) {
      throw protocolError("SESSION_TOKEN_EXPIRED", "The token names no app, and nothing does");
    }
    return this.#appOf({ ...command, appId: claims.app });
  }

  async #open(command: Command): Promise<void> {
    if (this.#over) return;
    const { hub, tokens, context, limits } = this.#gateway;
    const { peerId, sessionMessage = {} } = command;
    try {
      const app = await this.#appToOpen(command);
      if (!app || this.#over) return;
      const { claims, again } = await logIn(app, peerId, sessionMessage, tokens, context);
      const [reply, toldBefore] = await Promise.all([
        openedReply(claims, tokens, context),
        context.store.lastTold(app.id),
      ]);
      // From here to `join` in one go: of two that claim a tag at once, the second must see the first.
      if (this.#over) return;
      const replaced = this.#sessions.get(claims.client);
      if (!replaced && this.#sessions.size >= limits.sessionsPerLink) {
        const text = `A connection carries ${limits.sessionsPerLink} clients at most`;
        throw protocolError("APP_QUOTA_EXCEEDED", text);
      }
      const { will, room } = replaced ?? {};
      if (replaced) this.#forget(replaced);
      const session = new Session(app, claims, context.newId(), this.#outlet, toldBefore);
      const kick = hub.kickOf(claims);
      if (kick) return this.#reply(command, session, kicked(kick));
      if (!claimTag(session, again, this.#gateway)) {
        return this.#reply(command, session, conflict);
      }
      this.#app = app.id;
      this.#waitNoMore();
      this.#sessions.set(claims.client, session);
      hub.presence(app.id).join(session);
      // The same client on the same link: it goes on with what it had.
      session.will = will;
      if (room !== undefined) this.#move(session, { id: room, inside: true });
      this.#reply(command, session, reply);
      if (again) await goBack(session, this.#gateway);
      await catchUp(session, sessionMessage, this.#gateway);
    } catch (error) {
      this.#refuse(command, undefined, error);
    }
  }

  #logOut(command: Command, session: Session): void {
    this.#reply(command, session, { cmd: "session", op: "closed", sessionMessage: {} });
    this.#gateway.hub.presence(session.app.id).forget(session.claims);
    this.#forget(session);
  }

  #forget(session: Session): void {
    this.#gateway.hub.presence(session.app.id).leave(session);
    if (this.#sessions.get(session.client) === session) this.#sessions.delete(session.client);
  }
}
