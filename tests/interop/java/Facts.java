import cn.leancloud.im.v2.AVIMBinaryMessage;
import cn.leancloud.im.v2.AVIMConversation;
import cn.leancloud.im.v2.AVIMMessage;
import cn.leancloud.im.v2.callback.AVIMOperationFailure;
import cn.leancloud.im.v2.conversation.AVIMConversationMemberInfo;
import cn.leancloud.im.v2.messages.AVIMRecalledMessage;
import cn.leancloud.im.v2.messages.AVIMTextMessage;
import com.alibaba.fastjson.JSONObject;
import java.util.Base64;
import java.util.Date;

/** What the SDK's objects say, as JSON. What is null is left out of a line. */
final class Facts {
  private Facts() {}

  /** An object of key, value, key, value, … */
  static JSONObject of(Object... pairs) {
    JSONObject made = new JSONObject(true);
    for (int i = 0; i < pairs.length; i += 2) made.put((String) pairs[i], pairs[i + 1]);
    return made;
  }

  static JSONObject of(AVIMConversation it) {
    if (it == null) return null;
    JSONObject made =
        of(
            "id", it.getConversationId(),
            "class", it.getClass().getSimpleName(),
            "name", it.getName(),
            "creator", it.getCreator(),
            "members", it.getMembers(),
            "unread", it.getUnreadMessagesCount(),
            "mentioned", it.unreadMessagesMentioned(),
            "createdAt", time(it.getCreatedAt()),
            "updatedAt", time(it.getUpdatedAt()),
            "lastMessageAt", time(it.getLastMessageAt()),
            "lastReadAt", it.getLastReadAt(),
            "lastDeliveredAt", it.getLastDeliveredAt());
    AVIMMessage last = it.getLastMessage();
    if (last != null) made.put("lastMessage", of(last));
    if (it.isTemporary()) made.put("expiresAt", it.getTemporaryExpiredat());
    return made;
  }

  static JSONObject of(AVIMMessage it) {
    if (it == null) return null;
    JSONObject made =
        of(
            "id", it.getMessageId(),
            "class", it.getClass().getSimpleName(),
            "conversation", it.getConversationId(),
            "from", it.getFrom(),
            "timestamp", it.getTimestamp(),
            "updatedAt", it.getUpdateAt(),
            "deliveredAt", it.getDeliveredAt(),
            "readAt", it.getReadAt(),
            "status", it.getMessageStatus().name(),
            "mentioned", it.mentioned(),
            "mentions", it.getMentionList());
    if (it instanceof AVIMTextMessage) {
      made.put("text", ((AVIMTextMessage) it).getText());
      made.put("attributes", ((AVIMTextMessage) it).getAttrs());
    } else if (it instanceof AVIMBinaryMessage) {
      made.put("bytes", Base64.getEncoder().encodeToString(((AVIMBinaryMessage) it).getBytes()));
    } else if (!(it instanceof AVIMRecalledMessage)) {
      made.put("content", it.getContent());
    }
    return made;
  }

  static JSONObject of(AVIMOperationFailure it) {
    return of("code", it.getCode(), "reason", it.getReason(), "members", it.getMemberIds());
  }

  static JSONObject of(AVIMConversationMemberInfo it) {
    return of("member", it.getMemberId(), "role", it.getRole().getName());
  }

  private static Long time(Date date) {
    return date == null ? null : date.getTime();
  }
}
