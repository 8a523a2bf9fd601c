package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3), as far as it tells whether a session is resumed.
 *
 * @param isRetry whether it is a HelloRetryRequest, of which nothing else is read
 * @param isTls13 whether it chooses TLS 1.3
 * @param hasPreSharedKey whether it accepts a pre-shared key of TLS 1.3
 * @param hasExtendedMasterSecret whether it has the extension extended_master_secret of RFC 7627
 */
record ServerHello(boolean isRetry, boolean isTls13, boolean hasPreSharedKey, boolean hasExtendedMasterSecret)
{
    static final int EXTENDED_MASTER_SECRET = 23;
    static final int PRE_SHARED_KEY = 41;
    static final int SUPPORTED_VERSIONS = 43;
    static final int TLS13 = 0x0304;

    /** SHA-256 of "HelloRetryRequest", the random by which a ServerHello is one (RFC 8446 section 4.1.3). */
    private static final byte[] RETRY_RANDOM =
    {
        (byte)0xCF, 0x21, (byte)0xAD, 0x74, (byte)0xE5, (byte)0x9A, 0x61, 0x11, (byte)0xBE, 0x1D, (byte)0x8C, 0x02, 0x1E, 0x65,
        (byte)0xB8, (byte)0x91, (byte)0xC2, (byte)0xA2, 0x11, 0x16, 0x7A, (byte)0xBB, (byte)0x8C, 0x5E, 0x07, (byte)0x9E, 0x09,
        (byte)0xE2, (byte)0xC8, (byte)0xA8, 0x33, (byte)0x9C
    };

    static ServerHello read(ByteBuffer body)
    {
        body.getShort();
        if (Arrays.equals(RETRY_RANDOM, Wire.bytes(Wire.slice(body, RETRY_RANDOM.length))))
        {
            return new ServerHello(true, false, false, false);
        }
        Wire.skip(body, body.get() & 0xFF);
        body.getShort();
        body.get();
        boolean tls13 = false;
        boolean preSharedKey = false;
        boolean masterSecret = false;
        if (body.hasRemaining())
        {
            ByteBuffer extensions = Wire.slice(body, body.getShort() & 0xFFFF);
            while (extensions.hasRemaining())
            {
                int type = extensions.getShort() & 0xFFFF;
                ByteBuffer extension = Wire.slice(extensions, extensions.getShort() & 0xFFFF);
                if (type == SUPPORTED_VERSIONS)
                {
                    tls13 = extension.getShort() == TLS13;
                }
                else if (type == PRE_SHARED_KEY)
                {
                    preSharedKey = true;
                }
                else if (type == EXTENDED_MASTER_SECRET)
                {
                    masterSecret = true;
                }
            }
        }
        return new ServerHello(false, tls13, preSharedKey, masterSecret);
    }
}
