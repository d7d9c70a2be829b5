import cn.leancloud.im.v2.AVIMClient;
import cn.leancloud.im.v2.AVIMClientEventHandler;
import cn.leancloud.im.v2.AVIMConversation;
import cn.leancloud.im.v2.AVIMConversationEventHandler;
import cn.leancloud.im.v2.AVIMMessage;
import cn.leancloud.im.v2.AVIMMessageHandler;
import cn.leancloud.im.v2.AVIMMessageManager;
import cn.leancloud.im.v2.conversation.AVIMConversationMemberInfo;
import com.alibaba.fastjson.JSONObject;
import java.util.List;
import java.util.function.Consumer;

/** Passes on all that the SDK tells, under the names of its own methods. */
final class Events {
  private Events() {}

  private static void tell(String event, AVIMClient client, Object... facts) {
    Wire.write(
        Facts.of("event", event, "client", client.getClientId(), "facts", Facts.of(facts)));
  }

  static void subscribe(Consumer<AVIMMessage> seen) {
    AVIMClient.setClientEventHandler(
        new AVIMClientEventHandler() {
          @Override
          public void onConnectionPaused(AVIMClient client) {
            tell("onConnectionPaused", client);
          }

          @Override
          public void onConnectionResume(AVIMClient client) {
            tell("onConnectionResume", client);
          }

          @Override
          public void onClientOffline(AVIMClient client, int code) {
            tell("onClientOffline", client, "code", code);
          }
        });
    AVIMMessageManager.registerDefaultMessageHandler(
        new AVIMMessageHandler() {
          @Override
          public void onMessage(AVIMMessage message, AVIMConversation in, AVIMClient client) {
            seen.accept(message);
            tell("onMessage", client, "message", Facts.of(message), "conversation", Facts.of(in));
          }

          @Override
          public void onMessageReceipt(
              AVIMMessage message, AVIMConversation in, AVIMClient client) {
            tell(
                "onMessageReceipt", client,
                "message", Facts.of(message),
                "conversation", Facts.of(in));
          }
        });
    AVIMMessageManager.setConversationEventHandler(new OfConversations());
  }

  private static final class OfConversations extends AVIMConversationEventHandler {
    private static void tell(
        String event, AVIMClient client, AVIMConversation in, List<String> members, String by) {
      Events.tell(event, client, "conversation", Facts.of(in), "members", members, "by", by);
    }

    @Override
    public void onMemberLeft(AVIMClient it, AVIMConversation in, List<String> who, String by) {
      tell("onMemberLeft", it, in, who, by);
    }

    @Override
    public void onMemberJoined(AVIMClient it, AVIMConversation in, List<String> who, String by) {
      tell("onMemberJoined", it, in, who, by);
    }

    @Override
    public void onKicked(AVIMClient it, AVIMConversation in, String by) {
      tell("onKicked", it, in, null, by);
    }

    @Override
    public void onInvited(AVIMClient it, AVIMConversation in, String by) {
      tell("onInvited", it, in, null, by);
    }

    @Override
    public void onMuted(AVIMClient it, AVIMConversation in, String by) {
      tell("onMuted", it, in, null, by);
    }

    @Override
    public void onUnmuted(AVIMClient it, AVIMConversation in, String by) {
      tell("onUnmuted", it, in, null, by);
    }

    @Override
    public void onMemberMuted(AVIMClient it, AVIMConversation in, List<String> who, String by) {
      tell("onMemberMuted", it, in, who, by);
    }

    @Override
    public void onMemberUnmuted(AVIMClient it, AVIMConversation in, List<String> who, String by) {
      tell("onMemberUnmuted", it, in, who, by);
    }

    @Override
    public void onBlocked(AVIMClient it, AVIMConversation in, String by) {
      tell("onBlocked", it, in, null, by);
    }

    @Override
    public void onUnblocked(AVIMClient it, AVIMConversation in, String by) {
      tell("onUnblocked", it, in, null, by);
    }

    @Override
    public void onMemberBlocked(AVIMClient it, AVIMConversation in, List<String> who, String by) {
      tell("onMemberBlocked", it, in, who, by);
    }

    @Override
    public void onMemberUnblocked(
        AVIMClient it, AVIMConversation in, List<String> who, String by) {
      tell("onMemberUnblocked", it, in, who, by);
    }

    @Override
    public void onUnreadMessagesCountUpdated(AVIMClient it, AVIMConversation in) {
      tell("onUnreadMessagesCountUpdated", it, in, null, null);
    }

    @Override
    public void onLastDeliveredAtUpdated(AVIMClient it, AVIMConversation in) {
      tell("onLastDeliveredAtUpdated", it, in, null, null);
    }

    @Override
    public void onLastReadAtUpdated(AVIMClient it, AVIMConversation in) {
      tell("onLastReadAtUpdated", it, in, null, null);
    }

    @Override
    public void onMessageUpdated(AVIMClient it, AVIMConversation in, AVIMMessage message) {
      Events.tell(
          "onMessageUpdated", it, "conversation", Facts.of(in), "message", Facts.of(message));
    }

    @Override
    public void onMessageRecalled(AVIMClient it, AVIMConversation in, AVIMMessage message) {
      Events.tell(
          "onMessageRecalled", it, "conversation", Facts.of(in), "message", Facts.of(message));
    }

    @Override
    public void onMemberInfoUpdated(
        AVIMClient it,
        AVIMConversation in,
        AVIMConversationMemberInfo info,
        List<String> updated,
        String by) {
      Events.tell(
          "onMemberInfoUpdated", it,
          "conversation", Facts.of(in),
          "info", Facts.of(info),
          "updated", updated,
          "by", by);
    }

    @Override
    public void onInfoChanged(AVIMClient it, AVIMConversation in, JSONObject attr, String by) {
      Events.tell(
          "onInfoChanged", it, "conversation", Facts.of(in), "attributes", attr, "by", by);
    }
  }
}
