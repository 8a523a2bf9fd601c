package io.github.tlsresumption.cluster.jdbc;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;

/**
 * Entries as bytes, one behind the other; numbers are big-endian, times in milliseconds since 1970:
 *
 * <pre>
 *   1 | subject 8 | before 8
 *   2 | principal 8 | before 8
 *   3 | before 8
 *   4 | session 8 | established 8 | principal 8 | at 8
 * </pre>
 *
 * Stateless.
 */
final class ForgetLogEntryCodec
{
    private static final byte FORGET = 1;
    private static final byte FORGET_PRINCIPAL = 2;
    private static final byte FORGET_EVERYONE = 3;
    private static final byte BIND = 4;
    private static final int LONGEST = 1 + 4 * Long.BYTES;

    private ForgetLogEntryCodec()
    {
    }

    static byte[] encode(List<ForgetLogEntry> entries)
    {
        ByteBuffer out = ByteBuffer.allocate(Math.multiplyExact(entries.size(), LONGEST));
        for (ForgetLogEntry entry : entries)
        {
            if (entry instanceof Forget forget)
            {
                out.put(FORGET).putLong(forget.subject()).putLong(millis(forget.before()));
            }
            else if (entry instanceof ForgetPrincipal forget)
            {
                out.put(FORGET_PRINCIPAL).putLong(forget.subject()).putLong(millis(forget.before()));
            }
            else if (entry instanceof Bind bind)
            {
                out.put(BIND).putLong(bind.session()).putLong(millis(bind.established())).putLong(bind.principal())
                    .putLong(millis(bind.at()));
            }
            else
            {
                out.put(FORGET_EVERYONE).putLong(millis(entry.reach()));
            }
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    /**
     * @return the entries, or empty when the bytes are anything but what {@link #encode} gave
     */
    static Optional<List<ForgetLogEntry>> decode(byte[] bytes)
    {
        List<ForgetLogEntry> entries = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try
        {
            while (in.hasRemaining())
            {
                switch (in.get())
                {
                    case FORGET -> entries.add(new Forget(in.getLong(), instant(in)));
                    case FORGET_PRINCIPAL -> entries.add(new ForgetPrincipal(in.getLong(), instant(in)));
                    case FORGET_EVERYONE -> entries.add(new ForgetEveryone(instant(in)));
                    case BIND -> entries.add(new Bind(in.getLong(), instant(in), in.getLong(), instant(in)));
                    default ->
                    {
                        return Optional.empty();
                    }
                }
            }
        }
        catch (BufferUnderflowException e)
        {
            return Optional.empty();
        }
        return Optional.of(entries);
    }

    private static long millis(Instant instant)
    {
        return instant.toEpochMilli();
    }

    private static Instant instant(ByteBuffer in)
    {
        return Instant.ofEpochMilli(in.getLong());
    }
}
