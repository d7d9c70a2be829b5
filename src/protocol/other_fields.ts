/**
 * The part of the wire that the client does not speak, and a server understands nevertheless: what it
 * adds to the enums and messages in `im_fields.ts`, and its own.
 *
 * @module
 */

/** The enums, and what those of IM have more. */
export const otherEnums = {
  CommandType: "8 login data room 12 presence report 15 loggedin logout loggedout 19 pubsub",
  OpType: `
    9 conflict 49 status 56 expire 80 join invite leave kick reject invited kicked 100 upload
    uploaded 120 subscribe subscribed unsubscribe unsubscribed is_subscribed 176 check_block
    check_result 190 check_shutup`,
  StatusType: "on off",
  DeviceType: "0 unknown android ios",
} as const;

/** The messages, and the fields that those of IM have more. */
export const otherMessages = {
  ConvMemberInfo: "3 infoId",
  SessionCommand: "15 sp:bool 20 systemInfo:SystemInfo",
  DirectCommand: "6 hasMore:bool 15 roomId",
  ConvCommand: "16 statusSub:bool statusPub:bool statusTTL:int32",
  LogsCommand: "8 checksum stored:bool",
  BlacklistCommand: "3 srcPid toCids[] 9 blockedCids[]",
  GenericCommand: `
    6 installationId 8 service:int32 10 clientTs:int64 100 loginMessage:LoginCommand
    dataMessage:DataCommand 111 roomMessage:RoomCommand presenceMessage:PresenceCommand
    reportMessage:ReportCommand 115 pubsubMessage:PubsubCommand
    117 loggedinMessage:LoggedinCommand`,
  DataCommand: "ids[] msg:JsonObjectMessage[] offline:bool",
  RoomCommand: "roomId s t:int64 n transient:bool roomPeerIds[] byPeerId",
  PresenceCommand: "status:StatusType sessionPeerIds[] cid",
  ReportCommand: "initiative:bool type data",
  PubsubCommand: "cid cids[] topic subtopic topics[] subtopics[] results:JsonObjectMessage",
  LoginCommand: "systemInfo:SystemInfo",
  LoggedinCommand: "pushDisabled:bool",
  SystemInfo: `
    deviceType:DeviceType osVersion:SemanticVersion androidVersion:AndroidVersion
    isEmulator:bool`,
  SemanticVersion: "major:int32 minor:int32 patch:int32 preRelease build",
  AndroidVersion: "codename apiLevel",
} as const;
