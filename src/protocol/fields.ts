/**
 * The wire as one value: every enum and every message of the protocol, with each field's number,
 * type and rule. The codecs read it at run time and `command.ts` derives the types of commands
 * from it, so that there is one place where a field is named. PROTOCOL.md explains the fields.
 *
 * @module
 */

/** What a field may hold when it is neither an enum nor a message. */
export type ScalarType = "bool" | "bytes" | "int32" | "int64" | "string";

/** The enums of the protocol: each value's name and its number on the wire. */
export const enums = {
  CommandType: {
    session: 0,
    conv: 1,
    direct: 2,
    ack: 3,
    rcp: 4,
    unread: 5,
    logs: 6,
    error: 7,
    login: 8,
    data: 9,
    room: 10,
    read: 11,
    presence: 12,
    report: 13,
    echo: 14,
    loggedin: 15,
    logout: 16,
    loggedout: 17,
    patch: 18,
    pubsub: 19,
    blacklist: 20,
    goaway: 21,
  },
  OpType: {
    open: 1,
    add: 2,
    remove: 3,
    close: 4,
    opened: 5,
    closed: 6,
    query: 7,
    query_result: 8,
    conflict: 9,
    added: 10,
    removed: 11,
    refresh: 12,
    refreshed: 13,
    start: 30,
    started: 31,
    joined: 32,
    members_joined: 33,
    left: 39,
    members_left: 40,
    results: 42,
    count: 43,
    result: 44,
    update: 45,
    updated: 46,
    mute: 47,
    unmute: 48,
    status: 49,
    members: 50,
    max_read: 51,
    is_member: 52,
    member_info_update: 53,
    member_info_updated: 54,
    member_info_changed: 55,
    expire: 56,
    join: 80,
    invite: 81,
    leave: 82,
    kick: 83,
    reject: 84,
    invited: 85,
    kicked: 86,
    upload: 100,
    uploaded: 101,
    subscribe: 120,
    subscribed: 121,
    unsubscribe: 122,
    unsubscribed: 123,
    is_subscribed: 124,
    modify: 150,
    modified: 151,
    block: 170,
    unblock: 171,
    blocked: 172,
    unblocked: 173,
    members_blocked: 174,
    members_unblocked: 175,
    check_block: 176,
    check_result: 177,
    add_shutup: 180,
    remove_shutup: 181,
    query_shutup: 182,
    shutup_added: 183,
    shutup_removed: 184,
    shutup_result: 185,
    shutuped: 186,
    unshutuped: 187,
    members_shutuped: 188,
    members_unshutuped: 189,
    check_shutup: 190,
  },
  StatusType: {
    on: 1,
    off: 2,
  },
  QueryDirection: {
    OLD: 1,
    NEW: 2,
  },
  DeviceType: {
    unknown: 0,
    android: 1,
    ios: 2,
  },
} as const;

/**
 * The messages of the protocol: the fields of each, with their numbers, by what they hold. `!` after
 * a type marks fields that must be there, `[]` those that may occur more than once; all others are
 * optional. `GenericCommand` is the envelope: one of it is one frame.
 */
export const messages = {
  JsonObjectMessage: {
    "string!": { data: 1 },
  },
  UnreadTuple: {
    "string!": { cid: 1 },
    "int32!": { unread: 2 },
    string: { mid: 3, from: 5, data: 6 },
    int64: { timestamp: 4, patchTimestamp: 7 },
    bool: { mentioned: 8 },
    bytes: { binaryMsg: 9 },
    int32: { convType: 10 },
  },
  LogItem: {
    string: { from: 1, data: 2, msgId: 4 },
    int64: { timestamp: 3, ackAt: 5, readAt: 6, patchTimestamp: 7 },
    bool: { mentionAll: 8, bin: 10 },
    "string[]": { mentionPids: 9 },
    int32: { convType: 11 },
  },
  ConvMemberInfo: {
    string: { pid: 1, role: 2, infoId: 3 },
  },
  DataCommand: {
    "string[]": { ids: 1 },
    "JsonObjectMessage[]": { msg: 2 },
    bool: { offline: 3 },
  },
  SessionCommand: {
    int64: { t: 1, lastUnreadNotifTime: 17, lastPatchTime: 18, configBitmap: 19 },
    string: {
      n: 2,
      s: 3,
      ua: 4,
      tag: 6,
      deviceId: 7,
      st: 10,
      reason: 13,
      deviceToken: 14,
      detail: 16,
    },
    bool: { r: 5, sp: 15 },
    "string[]": { sessionPeerIds: 8, onlineSessionPeerIds: 9 },
    int32: { stTtl: 11, code: 12 },
    SystemInfo: { systemInfo: 20 },
  },
  ErrorCommand: {
    "int32!": { code: 1 },
    "string!": { reason: 2 },
    int32: { appCode: 3 },
    string: { detail: 4, appMsg: 6 },
    "string[]": { pids: 5 },
  },
  DirectCommand: {
    string: { msg: 1, uid: 2, fromPeerId: 3, cid: 11, id: 12, dt: 14, roomId: 15, pushData: 16 },
    int64: { timestamp: 4, patchTimestamp: 18 },
    bool: { offline: 5, hasMore: 6, r: 10, transient: 13, will: 17, mentionAll: 21 },
    "string[]": { toPeerIds: 7, mentionPids: 20 },
    bytes: { binaryMsg: 19 },
    int32: { convType: 22 },
  },
  AckCommand: {
    int32: { code: 1, appCode: 11 },
    string: { reason: 2, mid: 3, cid: 4, uid: 6, type: 9, appMsg: 12 },
    int64: { t: 5, fromts: 7, tots: 8 },
    "string[]": { ids: 10 },
  },
  UnreadCommand: {
    "UnreadTuple[]": { convs: 1 },
    int64: { notifTime: 2 },
  },
  ConvCommand: {
    "string[]": { m: 1, cids: 25, tempConvIds: 29, allowedPids: 30 },
    bool: {
      transient: 2,
      unique: 3,
      statusSub: 16,
      statusPub: 17,
      queryAllMembers: 23,
      tempConv: 27,
      existing: 32,
    },
    string: {
      cid: 4,
      cdate: 5,
      initBy: 6,
      sort: 7,
      udate: 12,
      n: 14,
      s: 15,
      uniqueId: 19,
      targetClientId: 20,
      next: 40,
    },
    int32: { limit: 8, skip: 9, flag: 10, count: 11, statusTTL: 18, tempConvTTL: 28 },
    int64: { t: 13, maxReadTimestamp: 21, maxAckTimestamp: 22 },
    "MaxReadTuple[]": { maxReadTuples: 24 },
    ConvMemberInfo: { info: 26 },
    "ErrorCommand[]": { failedPids: 31 },
    JsonObjectMessage: { results: 100, where: 101, attr: 103, attrModified: 104 },
  },
  RoomCommand: {
    string: { roomId: 1, s: 2, n: 4, byPeerId: 7 },
    int64: { t: 3 },
    bool: { transient: 5 },
    "string[]": { roomPeerIds: 6 },
  },
  LogsCommand: {
    string: { cid: 1, tmid: 6, mid: 7, checksum: 8 },
    int32: { l: 2, limit: 3, lctype: 13 },
    int64: { t: 4, tt: 5 },
    bool: { stored: 9, tIncluded: 11, ttIncluded: 12 },
    QueryDirection: { direction: 10 },
    "LogItem[]": { logs: 105 },
  },
  RcpCommand: {
    string: { id: 1, cid: 2, from: 5 },
    int64: { t: 3 },
    bool: { read: 4 },
  },
  ReadTuple: {
    "string!": { cid: 1 },
    int64: { timestamp: 2 },
    string: { mid: 3 },
  },
  MaxReadTuple: {
    string: { pid: 1 },
    int64: { maxAckTimestamp: 2, maxReadTimestamp: 3 },
  },
  ReadCommand: {
    string: { cid: 1 },
    "string[]": { cids: 2 },
    "ReadTuple[]": { convs: 3 },
  },
  PresenceCommand: {
    StatusType: { status: 1 },
    "string[]": { sessionPeerIds: 2 },
    string: { cid: 3 },
  },
  ReportCommand: {
    bool: { initiative: 1 },
    string: { type: 2, data: 3 },
  },
  PatchItem: {
    string: { cid: 1, mid: 2, data: 5, from: 7, patchReason: 12 },
    int64: { timestamp: 3, patchTimestamp: 6, patchCode: 11 },
    bool: { recall: 4, mentionAll: 9 },
    bytes: { binaryMsg: 8 },
    "string[]": { mentionPids: 10 },
  },
  PatchCommand: {
    "PatchItem[]": { patches: 1 },
    int64: { lastPatchTime: 2 },
  },
  PubsubCommand: {
    string: { cid: 1, topic: 3, subtopic: 4 },
    "string[]": { cids: 2, topics: 5, subtopics: 6 },
    JsonObjectMessage: { results: 7 },
  },
  BlacklistCommand: {
    string: { srcCid: 1, srcPid: 3, next: 6, n: 13, s: 14 },
    "string[]": { toPids: 2, toCids: 4, blockedPids: 8, blockedCids: 9, allowedPids: 10 },
    int32: { limit: 5 },
    "ErrorCommand[]": { failedPids: 11 },
    int64: { t: 12 },
  },
  GenericCommand: {
    CommandType: { cmd: 1 },
    OpType: { op: 2 },
    string: { appId: 3, peerId: 4, installationId: 6 },
    int32: { i: 5, priority: 7, service: 8, notificationType: 11 },
    int64: { serverTs: 9, clientTs: 10 },
    LoginCommand: { loginMessage: 100 },
    DataCommand: { dataMessage: 101 },
    SessionCommand: { sessionMessage: 102 },
    ErrorCommand: { errorMessage: 103 },
    DirectCommand: { directMessage: 104 },
    AckCommand: { ackMessage: 105 },
    UnreadCommand: { unreadMessage: 106 },
    ReadCommand: { readMessage: 107 },
    RcpCommand: { rcpMessage: 108 },
    LogsCommand: { logsMessage: 109 },
    ConvCommand: { convMessage: 110 },
    RoomCommand: { roomMessage: 111 },
    PresenceCommand: { presenceMessage: 112 },
    ReportCommand: { reportMessage: 113 },
    PatchCommand: { patchMessage: 114 },
    PubsubCommand: { pubsubMessage: 115 },
    BlacklistCommand: { blacklistMessage: 116 },
    LoggedinCommand: { loggedinMessage: 117 },
  },
  LoginCommand: {
    SystemInfo: { systemInfo: 1 },
  },
  LoggedinCommand: {
    bool: { pushDisabled: 1 },
  },
  SystemInfo: {
    DeviceType: { deviceType: 1 },
    SemanticVersion: { osVersion: 2 },
    AndroidVersion: { androidVersion: 3 },
    bool: { isEmulator: 4 },
  },
  SemanticVersion: {
    int32: { major: 1, minor: 2, patch: 3 },
    string: { preRelease: 4, build: 5 },
  },
  AndroidVersion: {
    string: { codename: 1, apiLevel: 2 },
  },
} as const;

/** The name of an enum of the protocol. */
export type EnumName = keyof typeof enums;

/** The name of a message of the protocol. */
export type MessageName = keyof typeof messages;

/** The numbers of fields by their names. */
export type FieldNumbers = Readonly<Record<string, number>>;

/** What is known of one field, for code that walks a table. */
export type FieldRule = readonly [
  number: number,
  type: ScalarType | EnumName | MessageName,
  rule?: "required" | "repeated",
];

/** The rules of a message's fields by their names, in the order of their numbers. */
export function rulesOf(message: MessageName): Record<string, FieldRule> {
  const rules: [name: string, rule: FieldRule][] = [];
  for (const [mark, fields] of Object.entries<FieldNumbers>(messages[message])) {
    const type = mark.replace(/\W+/, "") as FieldRule[1];
    const rule = mark.endsWith("!") ? "required" : "repeated";
    for (const [name, number] of Object.entries(fields)) {
      rules.push([name, mark === type ? [number, type] : [number, type, rule]]);
    }
  }
  return Object.fromEntries(rules.sort(([, [one]], [, [two]]) => one - two));
}
