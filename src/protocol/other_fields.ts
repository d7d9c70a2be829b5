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
    5 opened 8 query_result conflict added removed 13 refreshed 31 started 42 results 44 result
    49 status members 52 is_member 54 member_info_updated 56 expire 80 join invite leave kick
    reject invited kicked 100 upload uploaded 120 subscribe subscribed unsubscribe unsubscribed
    is_subscribed 151 modified 176 check_block check_result 183 shutup_added shutup_removed
    shutup_result 190 check_shutup`,
  StatusType: "on off",
  DeviceType: "0 unknown android ios",
} as const;

/** The messages, and the fields that those of IM have more. */
export const otherMessages = {
  ConvMemberInfo: "3 infoId",
  UnreadTuple: "10 convType:int32",
  LogItem: "11 convType:int32",
  SessionCommand: "14 deviceToken sp:bool 20 systemInfo:SystemInfo",
  DirectCommand: "6 hasMore:bool toPeerIds[] 15 roomId",
  ConvCommand: "16 statusSub:bool statusPub:bool statusTTL:int32",
  LogsCommand: "8 checksum stored:bool",
  ReadCommand: "1 cid cids[]",
  BlacklistCommand: "3 srcPid toCids[] 9 blockedCids[]",
  GenericCommand: `
    6 installationId 8 service:int32 10 clientTs:int64 notificationType:int32 100 loginMessage:LoginCommand
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
