/**
 * A client that is lost: what it leaves behind, and what it finds when it comes back by itself.
 *
 * @module
 */
import { executeWill } from "../service/messages.ts";
import { executed } from "./wills.ts";
import type { Gateway } from "./gateway.ts";
import type { Session } from "./session.ts";

/**
 * A client is gone without having logged out: what it left for that is sent, and its place in a
 * room is kept, unless its device is back already, which then goes on with both.
 */
export function lose(session: Session, room: string | undefined, gateway: Gateway): void {
  const { losses, log } = gateway;
  const loss: Promise<void> = settle(session, room, gateway)
    .catch((error) => log.error("What a client left could not be told", { error }))
    .finally(() => losses.delete(loss));
  losses.add(loss);
}

async function settle(
  session: Session,
  room: string | undefined,
  { hub, context }: Gateway,
): Promise<void> {
  const { app, client, claims: { device }, will } = session;
  const lost = device === undefined ? { client } : { client, device };
  const heir = hub.presence(app.id).heirOf(lost);
  if (heir) {
    if (will) heir.will ??= will;
    return;
  }
  // Of those that name no device nobody elsewhere can tell whether they are back.
  const asked = device === undefined ? undefined : will;
  const id = context.newId();
  const taken = asked && hub.wills.isTaken(id);
  if (room !== undefined || asked) {
    hub.publish(app.id, [{
      kind: "lost",
      id,
      ...lost,
      ...(room === undefined ? {} : { room }),
      ...(asked ? { will: asked } : {}),
    }]);
  }
  if (!will || await taken) return;
  const events = await executeWill(session, will, context);
  hub.publish(app.id, asked ? [executed(client, will.id), ...events] : events);
}

/** A client that comes back by itself is in the room again in which it was. */
export async function goBack(session: Session, { hub, context, log }: Gateway): Promise<void> {
  const { app, client, claims } = session;
  const presence = hub.presence(app.id);
  const room = presence.roomOf(claims);
  if (room === undefined) return;
  try {
    const there = await context.store.conversation(app.id, room);
    const may = there?.kind === "room" && !there.blocked.has(client);
    // It may have gone elsewhere meanwhile, or left.
    const waits = session.room === undefined && presence.sessions(client).has(session);
    if (may && waits) presence.goIn(session, room);
  } catch (error) {
    log.error("A client could not be let into its room again", { client, room, error });
  }
}
