import cn.leancloud.AVException;
import cn.leancloud.callback.AVCallback;
import cn.leancloud.im.v2.AVIMClient;
import cn.leancloud.im.v2.AVIMConversation;
import cn.leancloud.im.v2.AVIMException;
import cn.leancloud.im.v2.AVIMMessage;
import cn.leancloud.im.v2.callback.AVIMClientCallback;
import cn.leancloud.im.v2.callback.AVIMConversationCallback;
import cn.leancloud.im.v2.callback.AVIMConversationCreatedCallback;
import cn.leancloud.im.v2.callback.AVIMConversationMemberQueryCallback;
import cn.leancloud.im.v2.callback.AVIMConversationQueryCallback;
import cn.leancloud.im.v2.callback.AVIMMessageRecalledCallback;
import cn.leancloud.im.v2.callback.AVIMMessageUpdatedCallback;
import cn.leancloud.im.v2.callback.AVIMMessagesQueryCallback;
import cn.leancloud.im.v2.callback.AVIMOnlineClientsCallback;
import cn.leancloud.im.v2.callback.AVIMOperationFailure;
import cn.leancloud.im.v2.callback.AVIMOperationPartiallySucceededCallback;
import cn.leancloud.im.v2.conversation.AVIMConversationMemberInfo;
import cn.leancloud.im.v2.messages.AVIMRecalledMessage;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Where the answer to a call goes, as each of the callbacks that the SDK takes. */
final class Answer {
  private final Object id;
  private final Consumer<AVIMMessage> seen;

  Answer(Object id, Consumer<AVIMMessage> seen) {
    this.id = id;
    this.seen = seen;
  }

  void give(Object result) {
    Wire.write(Facts.of("id", id, "result", result));
  }

  void refuse(Throwable error) {
    int code = error instanceof AVException ? ((AVException) error).getCode() : 0;
    int app = error instanceof AVIMException ? ((AVIMException) error).getAppCode() : 0;
    String message = error.getMessage() == null ? error.toString() : error.getMessage();
    Wire.write(
        Facts.of("id", id, "error", Facts.of("code", code, "appCode", app, "message", message)));
  }

  private void either(Throwable error, Supplier<Object> result) {
    if (error == null) give(result.get());
    else refuse(error);
  }

  private static <T> List<Object> each(List<T> list, Function<T, Object> fact) {
    return list == null ? null : list.stream().map(fact).collect(Collectors.toList());
  }

  AVCallback<Void> connected() {
    return new AVCallback<Void>() {
      @Override
      protected void internalDone0(Void nothing, AVException error) {
        either(error, () -> null);
      }
    };
  }

  AVIMClientCallback client() {
    return new AVIMClientCallback() {
      @Override
      public void done(AVIMClient client, AVIMException error) {
        either(error, () -> null);
      }
    };
  }

  AVIMOnlineClientsCallback online() {
    return new AVIMOnlineClientsCallback() {
      @Override
      public void done(List<String> ids, AVIMException error) {
        either(error, () -> ids);
      }
    };
  }

  AVIMConversationCreatedCallback created() {
    return new AVIMConversationCreatedCallback() {
      @Override
      public void done(AVIMConversation conversation, AVIMException error) {
        either(error, () -> Facts.of(conversation));
      }
    };
  }

  AVIMConversationQueryCallback conversations() {
    return new AVIMConversationQueryCallback() {
      @Override
      public void done(List<AVIMConversation> found, AVIMException error) {
        either(error, () -> each(found, Facts::of));
      }
    };
  }

  /** What a conversation's call is answered with, once it went well. */
  AVIMConversationCallback done(Supplier<Object> result) {
    return new AVIMConversationCallback() {
      @Override
      public void done(AVIMException error) {
        either(error, result);
      }
    };
  }

  AVIMConversationCallback done() {
    return done(() -> null);
  }

  AVIMConversationMemberQueryCallback roles() {
    return new AVIMConversationMemberQueryCallback() {
      @Override
      public void done(List<AVIMConversationMemberInfo> infos, AVIMException error) {
        either(error, () -> each(infos, Facts::of));
      }
    };
  }

  AVIMOperationPartiallySucceededCallback partial() {
    return new AVIMOperationPartiallySucceededCallback() {
      @Override
      public void done(AVIMException error, List<String> done, List<AVIMOperationFailure> failed) {
        either(error, () -> Facts.of("done", done, "failed", each(failed, Facts::of)));
      }
    };
  }

  AVIMMessagesQueryCallback history() {
    return new AVIMMessagesQueryCallback() {
      @Override
      public void done(List<AVIMMessage> found, AVIMException error) {
        if (found != null) found.forEach(seen);
        either(error, () -> each(found, Facts::of));
      }
    };
  }

  AVIMMessageUpdatedCallback updated() {
    return new AVIMMessageUpdatedCallback() {
      @Override
      public void done(AVIMMessage message, AVException error) {
        if (message != null) seen.accept(message);
        either(error, () -> Facts.of(message));
      }
    };
  }

  AVIMMessageRecalledCallback recalled() {
    return new AVIMMessageRecalledCallback() {
      @Override
      public void done(AVIMRecalledMessage message, AVException error) {
        either(error, () -> Facts.of(message));
      }
    };
  }
}
