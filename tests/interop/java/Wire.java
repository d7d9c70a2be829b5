import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Lines of JSON on what was the standard output; what the SDK prints goes to the other one. */
final class Wire {
  private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  static {
    System.setOut(System.err);
  }

  private Wire() {}

  static void write(Object line) {
    String text = JSON.toJSONString(line, SerializerFeature.DisableCircularReferenceDetect);
    synchronized (out) {
      out.println(text);
    }
  }
}
