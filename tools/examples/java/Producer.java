// Sends one contact and prints its receipt: redress-protocol(7), "Intake". With msgpack-core and
// JeroMQ, which speaks tcp. JeroMQ before 0.4 (Debian's libjeromq-java) speaks ZMTP 2, which
// redressd refuses: a proxy of libzmq, ROUTER to DEALER, stands between then.
//
//   javac -cp jeromq.jar:msgpack-core.jar Producer.java
//   java -cp jeromq.jar:msgpack-core.jar:. Producer tcp://127.0.0.1:7101 C-78 bank/loans "refund!"
//
// Status 0: taken, now or before; 2: refused, standard error says why; 3: nobody answered.
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;
import org.zeromq.ZMQ;

public final class Producer {
    private static final int TRIES = 10;
    private static final int ANSWER_MS = 5000;

    private static void put(MessageBufferPacker packer, String key, String value) throws IOException {
        packer.packString(key);
        if (value == null) {
            packer.packNil(); // nil is absent
        } else {
            packer.packString(value);
        }
    }

    private static byte[] event(String id, String customer, String unit, String text)
            throws IOException {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            packer.packMapHeader(6);
            put(packer, "id", id);
            put(packer, "source", "java");
            put(packer, "type", "contact.received");
            put(packer, "subject", "call " + id);
            put(packer, "time", Instant.now().toString());
            packer.packString("data");
            packer.packMapHeader(5);
            put(packer, "customer", customer);
            put(packer, "channel", "regulator");
            put(packer, "unit", unit);
            put(packer, "text", text);
            put(packer, "phone", null);
            return packer.toByteArray();
        }
    }

    private static Map<Value, Value> read(byte[] frame) throws IOException {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(frame)) {
            return unpacker.unpackValue().asMapValue().map();
        }
    }

    private static Value get(Map<Value, Value> map, String key) {
        return map.get(ValueFactory.newString(key));
    }

    // An empty frame goes first: what a proxy puts before it comes back as it went.
    private static void post(ZMQ.Socket intake, byte[] event) {
        intake.sendMore(new byte[0]);
        intake.send(event);
    }

    // The receipt; null: nobody answered. The same id again until it is answered: redress never takes
    // it twice.
    private static Map<Value, Value> send(String endpoint, byte[] event)
            throws IOException, InterruptedException {
        ZMQ.Context context = ZMQ.context(1);
        try {
            for (int tries = 0; tries < TRIES; tries++) {
                ZMQ.Socket intake = context.socket(ZMQ.DEALER);
                intake.setLinger(0);
                intake.setReceiveTimeOut(ANSWER_MS);
                intake.connect(endpoint);
                try {
                    post(intake, event);
                    while (intake.recv() != null) { // the empty frame comes back first
                        Map<Value, Value> receipt = read(intake.recv());
                        if (!get(receipt, "status").toString().equals("busy")) {
                            return receipt;
                        }
                        Thread.sleep(get(receipt, "retry_after").asIntegerValue().asLong());
                        post(intake, event);
                    }
                } finally {
                    intake.close();
                }
            }
            return null;
        } finally {
            context.term();
        }
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            System.err.println("usage: Producer INTAKE CUSTOMER UNIT [TEXT]");
            System.exit(64);
        }
        String text = args.length > 3 ? args[3] : null;
        byte[] event = event(UUID.randomUUID().toString(), args[1], args[2], text);
        Map<Value, Value> receipt = send(args[0], event);
        if (receipt == null) {
            System.err.println("redress does not answer");
            System.exit(3);
        }
        String status = get(receipt, "status").toString();
        if (status.equals("rejected")) {
            System.err.println(get(receipt, "error").toJson());
            System.exit(2);
        }
        System.out.println(status + " " + get(receipt, "case"));
        Value warning = get(receipt, "warning");
        if (warning != null && warning.isMapValue()) {
            System.out.println(warning.toJson());
        }
    }
}
