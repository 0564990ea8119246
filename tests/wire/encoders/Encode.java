// msgpack-core of Java: lines of what an event holds in, events behind their lengths out.
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

public class Encode {
    public static void main(String[] args) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        DataOutputStream out = new DataOutputStream(System.out);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] part = line.split("\t", -1);
            MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
            packer.packMapHeader(5);
            packer.packString("id").packString(part[0]);
            packer.packString("source").packString("encoder");
            packer.packString("type").packString(part[1]);
            packer.packString("subject").packString(part[2]);
            packer.packString("data").packMapHeader(4);
            packer.packString("customer").packString("c-" + part[0]);
            packer.packString("channel").packString("phone");
            packer.packString("unit").packString("xj/urumqi/d3");
            packer.packString(part[3]);
            byte[] value = part[5].getBytes(StandardCharsets.UTF_8);
            switch (part[4]) {
                case "nil": packer.packNil(); break;
                case "empty": packer.packString(""); break;
                case "number": packer.packLong(Long.parseLong(part[5])); break;
                case "bytes": packer.packBinaryHeader(value.length).writePayload(value); break;
                default: packer.packString(part[5]);
            }
            byte[] bytes = packer.toByteArray();
            out.writeInt(bytes.length);
            out.write(bytes);
        }
        out.flush();
    }
}
