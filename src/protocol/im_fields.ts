/**
 * The part of the wire that the client speaks, which every app ships. What else a server understands
 * is in `other_fields.ts`; a client that begins to use something of that moves it here.
 *
 * @module
 */

/** The enums: the values of each, as `notation.ts` says. */
export const imEnums = {
  CommandType: `
    0 session conv direct ack rcp unread logs error 11 read 14 echo 18 patch 20 blacklist goaway`,
  OpType: `
    open add remove close 6 closed query 12 refresh 30 start 32 joined members_joined 39 left
    members_left 43 count 45 update updated mute unmute 51 max_read 53 member_info_update
    55 member_info_changed 150 modify 170 block unblock blocked unblocked members_blocked
    members_unblocked 180 add_shutup remove_shutup query_shutup 186 shutuped unshutuped
    members_shutuped members_unshutuped`,
  QueryDirection: "OLD NEW",
} as const;

/** The messages: the fields of each. */
export const imMessages = {
  JsonObjectMessage: "data!",
  UnreadTuple: `
    cid! unread:int32! mid timestamp:int64 from data patchTimestamp:int64 mentioned:bool
    binaryMsg:bytes`,
  LogItem: `
    from data timestamp:int64 msgId ackAt:int64 readAt:int64 patchTimestamp:int64
    mentionAll:bool mentionPids[] bin:bool`,
  ConvMemberInfo: "pid role",
  SessionCommand: `
    t:int64 n s ua r:bool tag deviceId sessionPeerIds[] onlineSessionPeerIds[] st stTtl:int32
    code:int32 reason 16 detail lastUnreadNotifTime:int64 lastPatchTime:int64
    configBitmap:int64`,
  ErrorCommand: "code:int32! reason! appCode:int32 detail pids[] appMsg",
  DirectCommand: `
    msg uid fromPeerId timestamp:int64 offline:bool 10 r:bool cid id
    transient:bool dt 16 pushData will:bool patchTimestamp:int64 binaryMsg:bytes mentionPids[]
    mentionAll:bool convType:int32`,
  AckCommand: `
    code:int32 reason mid cid t:int64 uid fromts:int64 tots:int64 type ids[] appCode:int32
    appMsg`,
  UnreadCommand: "convs:UnreadTuple[] notifTime:int64",
  ConvCommand: `
    m[] transient:bool unique:bool cid cdate initBy sort limit:int32 skip:int32 flag:int32
    count:int32 udate t:int64 n s 19 uniqueId targetClientId maxReadTimestamp:int64
    maxAckTimestamp:int64 queryAllMembers:bool maxReadTuples:MaxReadTuple[] cids[]
    info:ConvMemberInfo tempConv:bool tempConvTTL:int32 tempConvIds[] allowedPids[]
    failedPids:ErrorCommand[] existing:bool 40 next 100 results:JsonObjectMessage
    where:JsonObjectMessage 103 attr:JsonObjectMessage attrModified:JsonObjectMessage`,
  LogsCommand: `
    cid l:int32 limit:int32 t:int64 tt:int64 tmid mid 10 direction:QueryDirection tIncluded:bool
    ttIncluded:bool lctype:int32 105 logs:LogItem[]`,
  RcpCommand: "id cid t:int64 read:bool from",
  ReadTuple: "cid! timestamp:int64 mid",
  MaxReadTuple: "pid maxAckTimestamp:int64 maxReadTimestamp:int64",
  ReadCommand: "3 convs:ReadTuple[]",
  PatchItem: `
    cid mid timestamp:int64 recall:bool data patchTimestamp:int64 from binaryMsg:bytes
    mentionAll:bool mentionPids[] patchCode:int64 patchReason`,
  PatchCommand: "patches:PatchItem[] lastPatchTime:int64",
  BlacklistCommand: `
    srcCid toPids[] 5 limit:int32 next 8 blockedPids[] 10 allowedPids[]
    failedPids:ErrorCommand[] t:int64 n s`,
  GenericCommand: `
    cmd:CommandType op:OpType appId peerId i:int32 7 priority:int32 9 serverTs:int64
    102 sessionMessage:SessionCommand errorMessage:ErrorCommand
    directMessage:DirectCommand ackMessage:AckCommand unreadMessage:UnreadCommand
    readMessage:ReadCommand rcpMessage:RcpCommand logsMessage:LogsCommand
    convMessage:ConvCommand 114 patchMessage:PatchCommand 116 blacklistMessage:BlacklistCommand`,
} as const;
