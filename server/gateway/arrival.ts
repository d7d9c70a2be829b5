/**
 * What happens when a client comes: its tag is claimed, and it is told what it missed.
 *
 * @module
 */
import type { MessageOf } from "@curlew/realtime/protocol";
import { type Missed, missed, storedMessages } from "../service/login.ts";
import type { Gateway } from "./gateway.ts";
import type { Session } from "./session.ts";

/**
 * Ends the sessions of the same client under the same tag on other devices; `false`, and nothing is
 * done, where there is one and the newcomer only comes back.
 */
export function claimTag(session: Session, again: boolean, { hub, context }: Gateway): boolean {
  const { app, client, claims: { tag, device } } = session;
  if (tag === undefined) return true;
  const taken = [...hub.presence(app.id).sessions(client)].some(({ claims }) =>
    // Two that name no device may be one: it comes back before its lost link was noticed.
    claims.tag === tag && claims.device !== device
  );
  if (again && taken) return false;
  hub.publish(app.id, [{
    kind: "takeover",
    id: context.newId(),
    client,
    tag,
    session: session.session,
    ...(device === undefined ? {} : { device }),
  }]);
  return true;
}

/** Whether a session is still there: it may have been ended from elsewhere. */
function isHere(session: Session, { hub }: Gateway): boolean {
  return hub.presence(session.app.id).sessions(session.client).has(session);
}

/** Tells a client what it missed, and then what came meanwhile. */
export async function catchUp(
  session: Session,
  asked: MessageOf<"SessionCommand">,
  gateway: Gateway,
): Promise<void> {
  const { context, log } = gateway;
  let found: Missed = { pushes: [], upTo: new Map() };
  try {
    found = await missed(session, asked, context);
  } catch (error) {
    log.error("What a client missed could not be read", { client: session.client, error });
  }
  if (!isHere(session, gateway)) return;
  session.pushed = found.pushed;
  session.release(found.pushes, found.upTo);
}

/** Some of the stored messages that a client was pushed have arrived: pushes the next ones. */
export async function pushOn(session: Session, gateway: Gateway): Promise<void> {
  const already = session.pushed;
  if (!already) return;
  const { pushes, pushed } = await storedMessages(session, already, gateway.context);
  if (!isHere(session, gateway)) return;
  // Another acknowledgement was faster, and knew less of what had arrived.
  if (session.pushed !== already) return await pushOn(session, gateway);
  session.pushed = pushed;
  for (const push of pushes) session.send(push);
}
