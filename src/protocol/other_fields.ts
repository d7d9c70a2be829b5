/**
 * The part of the wire that IM clients do not speak, and a server understands nevertheless: what it
 * adds to the enums and messages in `im_fields.ts`, and its own.
 *
 * @module
 */

/** The enums, and what those of IM have more. */
export const otherEnums = {
  CommandType: {
    login: 8,
    data: 9,
    room: 10,
    presence: 12,
    report: 13,
    loggedin: 15,
    logout: 16,
    loggedout: 17,
    pubsub: 19,
  },
  OpType: {
    conflict: 9,
    status: 49,
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
    check_block: 176,
    check_result: 177,
    check_shutup: 190,
  },
  StatusType: {
    on: 1,
    off: 2,
  },
  DeviceType: {
    unknown: 0,
    android: 1,
    ios: 2,
  },
} as const;

/** The messages, and the fields that those of IM have more. */
export const otherMessages = {
  SessionCommand: {
    SystemInfo: { systemInfo: 20 },
  },
  GenericCommand: {
    DataCommand: { dataMessage: 101 },
    RoomCommand: { roomMessage: 111 },
    PresenceCommand: { presenceMessage: 112 },
    ReportCommand: { reportMessage: 113 },
    PubsubCommand: { pubsubMessage: 115 },
    LoginCommand: { loginMessage: 100 },
    LoggedinCommand: { loggedinMessage: 117 },
  },
  DataCommand: {
    "string[]": { ids: 1 },
    "JsonObjectMessage[]": { msg: 2 },
    bool: { offline: 3 },
  },
  RoomCommand: {
    string: { roomId: 1, s: 2, n: 4, byPeerId: 7 },
    int64: { t: 3 },
    bool: { transient: 5 },
    "string[]": { roomPeerIds: 6 },
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
  PubsubCommand: {
    string: { cid: 1, topic: 3, subtopic: 4 },
    "string[]": { cids: 2, topics: 5, subtopics: 6 },
    JsonObjectMessage: { results: 7 },
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
