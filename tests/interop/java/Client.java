import cn.leancloud.AVLogger;
import cn.leancloud.core.AVOSCloud;
import cn.leancloud.im.AVIMOptions;
import cn.leancloud.im.v2.AVIMBinaryMessage;
import cn.leancloud.im.v2.AVIMClient;
import cn.leancloud.im.v2.AVIMConversation;
import cn.leancloud.im.v2.AVIMConversationsQuery;
import cn.leancloud.im.v2.AVIMMessage;
import cn.leancloud.im.v2.AVIMMessageInterval;
import cn.leancloud.im.v2.AVIMMessageOption;
import cn.leancloud.im.v2.AVIMMessageQueryDirection;
import cn.leancloud.im.v2.conversation.ConversationMemberRole;
import cn.leancloud.im.v2.messages.AVIMTextMessage;
import cn.leancloud.session.AVConnectionManager;
import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.parser.ParserConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * LeanCloud's official Java SDK, led by a test: reads calls as lines of JSON and writes what became
 * of them, and what the SDK tells meanwhile, as lines of JSON. The test knows what is right; here
 * nothing is checked.
 *
 * <p>Left out is what this release can't do outside of Android, whatever the server says: it casts
 * the answers to a count of members and to the lists of who is muted or blocked to types that they
 * are not of, and sends changed attributes as the text of a Java map.
 *
 * <p>A call is <code>{"id": 1, "do": "send", "client": "tom", …}</code>. The line that answers it
 * has its id and a "result" or an "error"; a line without an id tells of an event.
 */
public final class Client {
  private interface Call {
    void make(JSONObject it, Answer answer) throws Exception;
  }

  private interface OfClient {
    void make(AVIMClient client, JSONObject it, Answer answer) throws Exception;
  }

  private interface OfConversation {
    void make(AVIMConversation conversation, JSONObject it, Answer answer) throws Exception;
  }

  private static final Map<String, Call> calls = new HashMap<>();
  /** All messages that were seen: the SDK takes the object where one is changed or recalled. */
  private static final Map<String, AVIMMessage> messages = new ConcurrentHashMap<>();

  private static void seen(AVIMMessage message) {
    if (message.getMessageId() != null) messages.put(message.getMessageId(), message);
  }

  /** Appid, key, and the server's address; files are kept in the working directory. */
  public static void main(String[] args) throws Exception {
    // The SDK keeps what it sends by the names of its classes, and its JSON library reads no other.
    ParserConfig.getGlobalInstance().addAccept("cn.leancloud.");
    AVOSCloud.setLogLevel(AVLogger.Level.OFF);
    AVIMOptions.getGlobalOptions().setUnreadNotificationEnabled(true);
    AVIMOptions.getGlobalOptions().setMessageQueryCacheEnabled(false); // that one is Android's
    Events.subscribe(Client::seen);
    AVOSCloud.initialize(args[0], args[1], args[2]);
    connections();
    clients();
    conversations();
    members();
    sends();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JSONObject it = JSON.parseObject(line);
      Answer answer = new Answer(it.get("id"), Client::seen);
      try {
        calls.get(it.getString("do")).make(it, answer);
      } catch (Throwable error) {
        answer.refuse(error);
      }
    }
    System.exit(0); // the SDK's own threads would go on
  }

  private static void ofClient(String name, OfClient call) {
    calls.put(
        name, (it, answer) -> call.make(AVIMClient.getInstance(it.getString("client")), it, answer));
  }

  private static void ofConversation(String name, OfConversation call) {
    ofClient(
        name,
        (client, it, answer) -> {
          String id = it.getString("conversation");
          boolean room = it.getBooleanValue("room");
          call.make(room ? client.getChatRoom(id) : client.getConversation(id), it, answer);
        });
  }

  private static List<String> strings(JSONObject it, String key) {
    JSONArray list = it.getJSONArray(key);
    return list == null ? null : list.toJavaList(String.class);
  }

  private static int number(JSONObject it, String key, int otherwise) {
    return it.containsKey(key) ? it.getIntValue(key) : otherwise;
  }

  /** The link, which no client opens by itself outside of Android. */
  private static void connections() {
    calls.put(
        "connect",
        (it, answer) -> AVConnectionManager.getInstance().startConnection(answer.connected()));
  }

  private static void clients() {
    calls.put(
        "open",
        (it, answer) -> {
          String id = it.getString("client");
          String tag = it.getString("tag");
          AVIMClient client =
              tag == null ? AVIMClient.getInstance(id) : AVIMClient.getInstance(id, tag);
          client.open(answer.client());
        });
    ofClient("close", (client, it, answer) -> client.close(answer.client()));
    ofClient(
        "online",
        (client, it, answer) -> client.getOnlineClients(strings(it, "ids"), answer.online()));
    ofClient(
        "create",
        (client, it, answer) ->
            client.createConversation(
                strings(it, "members"),
                it.getString("name"),
                it.getJSONObject("attributes"),
                false,
                it.getBooleanValue("unique"),
                answer.created()));
    ofClient(
        "createRoom",
        (client, it, answer) ->
            client.createChatRoom(it.getString("name"), null, answer.created()));
    ofClient(
        "createTemporary",
        (client, it, answer) ->
            client.createTemporaryConversation(
                strings(it, "members"), number(it, "ttl", 3600), answer.created()));
    ofClient(
        "find",
        (client, it, answer) -> {
          AVIMConversationsQuery query = client.getConversationsQuery();
          it.getJSONObject("equal").forEach(query::whereEqualTo);
          if (it.containsKey("members")) query.containsMembers(strings(it, "members"));
          if (it.containsKey("startsWith")) {
            query.whereStartsWith("name", it.getString("startsWith"));
          }
          query.setWithLastMessagesRefreshed(true);
          query.findInBackground(answer.conversations());
        });
  }

  private static void conversations() {
    ofConversation("known", (talk, it, answer) -> answer.give(Facts.of(talk)));
    ofConversation(
        "fetch",
        (talk, it, answer) -> talk.fetchInfoInBackground(answer.done(() -> Facts.of(talk))));
    ofConversation(
        "attribute", (talk, it, answer) -> answer.give(talk.getAttribute(it.getString("key"))));
    ofConversation("mute", (talk, it, answer) -> talk.mute(answer.done()));
    ofConversation("unmute", (talk, it, answer) -> talk.unmute(answer.done()));
    ofConversation("read", (talk, it, answer) -> { talk.read(); answer.give(null); });
    ofConversation(
        "receipts",
        (talk, it, answer) -> talk.fetchReceiptTimestamps(answer.done(() -> Facts.of(talk))));
  }

  private static void members() {
    ofConversation("join", (talk, it, answer) -> talk.join(answer.done()));
    ofConversation("quit", (talk, it, answer) -> talk.quit(answer.done()));
    ofConversation(
        "add", (talk, it, answer) -> talk.addMembers(strings(it, "ids"), answer.done()));
    ofConversation(
        "kick", (talk, it, answer) -> talk.kickMembers(strings(it, "ids"), answer.done()));
    ofConversation(
        "silence", (talk, it, answer) -> talk.muteMembers(strings(it, "ids"), answer.partial()));
    ofConversation(
        "unsilence",
        (talk, it, answer) -> talk.unmuteMembers(strings(it, "ids"), answer.partial()));
    ofConversation(
        "block", (talk, it, answer) -> talk.blockMembers(strings(it, "ids"), answer.partial()));
    ofConversation(
        "unblock",
        (talk, it, answer) -> talk.unblockMembers(strings(it, "ids"), answer.partial()));
    ofConversation(
        "promote",
        (talk, it, answer) ->
            talk.updateMemberRole(
                it.getString("member"),
                ConversationMemberRole.fromString(it.getString("role")),
                answer.done()));
    ofConversation("roles", (talk, it, answer) -> talk.getAllMemberInfo(0, 10, answer.roles()));
  }

  private static AVIMMessage message(JSONObject it) {
    if (it.containsKey("bytes")) {
      AVIMBinaryMessage message = new AVIMBinaryMessage();
      message.setBytes(it.getBytes("bytes"));
      return message;
    }
    AVIMTextMessage message = new AVIMTextMessage();
    message.setText(it.getString("text"));
    if (it.containsKey("attributes")) message.setAttrs(it.getJSONObject("attributes"));
    if (it.containsKey("mentions")) message.setMentionList(strings(it, "mentions"));
    return message;
  }

  private static void sends() {
    ofConversation(
        "send",
        (talk, it, answer) -> {
          AVIMMessage message = message(it);
          AVIMMessageOption option = new AVIMMessageOption();
          option.setReceipt(it.getBooleanValue("receipt"));
          option.setTransient(it.getBooleanValue("transient"));
          talk.sendMessage(
              message,
              option,
              answer.done(
                  () -> {
                    seen(message);
                    return Facts.of(message);
                  }));
        });
    ofConversation(
        "update",
        (talk, it, answer) ->
            talk.updateMessage(messages.get(it.getString("message")), message(it), answer.updated()));
    ofConversation(
        "recall",
        (talk, it, answer) ->
            talk.recallMessage(messages.get(it.getString("message")), answer.recalled()));
    ofConversation(
        "history",
        (talk, it, answer) -> {
          int limit = number(it, "limit", 20);
          AVIMMessage from = it.containsKey("from") ? messages.get(it.getString("from")) : null;
          if (it.containsKey("type")) {
            talk.queryMessagesByType(it.getIntValue("type"), limit, answer.history());
          } else if (from == null && !it.containsKey("direction")) {
            talk.queryMessagesFromServer(limit, answer.history());
          } else {
            boolean closed = it.getBooleanValue("closed");
            String id = from == null ? null : from.getMessageId();
            long at = from == null ? 0 : from.getTimestamp();
            AVIMMessageQueryDirection way =
                it.containsKey("direction")
                    ? AVIMMessageQueryDirection.valueOf(it.getString("direction"))
                    : AVIMMessageQueryDirection.AVIMMessageQueryDirectionFromNewToOld;
            talk.queryMessages(
                new AVIMMessageInterval(
                    AVIMMessageInterval.createBound(id, at, closed),
                    AVIMMessageInterval.createBound(null, 0, false)),
                way,
                limit,
                answer.history());
          }
        });
  }
}
