/** What the managers of a group do. */
import {
  type Conversation,
  type ConversationMemberInfo,
  ConversationMemberRole,
  ErrorCode,
  type IMClient,
  type OperationFailureError,
  type PagedQueryParams,
  type PagedResults,
  type PartiallySuccess,
  type PresistentConversation,
  type Realtime,
  type SignatureFactoryResult,
  type SignatureResult,
} from "leancloud-realtime";

async function ask(what: object): Promise<SignatureResult> {
  const response = await fetch("/sign", { method: "POST", body: JSON.stringify(what) });
  return await response.json();
}

/** As a server signs, or an app that is not for others. */
export async function sign(text: string, key: CryptoKey): Promise<SignatureResult> {
  const timestamp = Date.now();
  const nonce = Math.random().toString(36).slice(2);
  const bytes = new TextEncoder().encode(`${text}:${timestamp}:${nonce}`);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  const hex = Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { signature: hex, timestamp, nonce };
}

function signer(kind: string) {
  return (
    conversationId: string,
    clientId: string,
    targetIds: string[],
    action: string,
  ): SignatureFactoryResult => ask({ kind, conversationId, clientId, targetIds, action });
}

export function logIn(realtime: Realtime, me: string): Promise<IMClient> {
  return realtime.createIMClient(me, {
    signatureFactory: (clientId) => ask({ clientId }),
    conversationSignatureFactory: signer("conversation"),
    blacklistSignatureFactory: signer("blacklist"),
    tag: "Mobile",
    isReconnect: false,
  });
}

/** A user of the storage SDK. */
export function logInAs(realtime: Realtime, user: { getSessionToken(): string }) {
  return realtime.createIMClient(user, {}, "Desktop");
}

export async function allOf(
  page: (params: PagedQueryParams) => Promise<PagedResults<string>>,
): Promise<string[]> {
  const all: string[] = [];
  let next = "";
  do {
    const result: PagedResults<string> = await page({ limit: 50, next });
    all.push(...result.results);
    next = result.next;
  } while (next);
  return all;
}

export async function lists(conversation: PresistentConversation) {
  const muted = await allOf((page) => conversation.queryMutedMembers(page));
  const blocked = await allOf((page) => conversation.queryBlockedMembers(page));
  const first = (await conversation.queryMutedMembers()).results;
  return { muted, blocked, first };
}

function explain({ successfulClientIds, failures }: PartiallySuccess): string {
  const failed = failures.map((failure: OperationFailureError) =>
    `${failure.clientIds.join()}: ${failure.code} ${failure.message} ${failure.detail ?? ""}`
  );
  return [`done for ${successfulClientIds.length}`, ...failed].join("\n");
}

export async function moderate(conversation: Conversation, troll: string): Promise<string[]> {
  const results = [
    await conversation.add(["jerry"]),
    await conversation.remove(["spike"]),
    await conversation.muteMembers([troll]),
    await conversation.unmuteMembers([troll]),
    await conversation.blockMembers([troll]),
    await conversation.unblockMembers([troll]),
  ];
  return results.map(explain);
}

export async function promote(client: IMClient, id: string, member: string): Promise<string> {
  const conversation = await client.getConversation(id, true);
  await conversation.updateMemberRole(member, ConversationMemberRole.MANAGER);
  const infos: ConversationMemberInfo[] = await conversation.getAllMemberInfo({ noCache: true });
  const managers = infos
    .filter((info) => info.role === ConversationMemberRole.MANAGER && !info.isOwner)
    .map((info) => info.memberId);
  const info = await conversation.getMemberInfo(member);
  const role: ConversationMemberRole = info.role;
  console.log(info.conversationId, role, info.toJSON());
  return managers.join();
}

export async function carefully(conversation: Conversation): Promise<Conversation> {
  try {
    return await conversation.join();
  } catch (error) {
    const { code } = error as { code?: number };
    switch (code) {
      case ErrorCode.CONVERSATION_FULL:
      case ErrorCode.CONVERSATION_BLACKLISTED:
        return conversation;
      case ErrorCode.SIGNATURE_FAILED:
      case ErrorCode.CONVERSATION_SIGNATURE_FAILED:
        return await conversation.quit();
      default:
        throw error;
    }
  }
}
