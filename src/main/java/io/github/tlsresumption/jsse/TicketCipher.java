package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Where SunJSSE seals and opens the state in its tickets.
 * <p>
 * It enciphers nothing itself: it hands the bytes to the handshake of the current thread. Opening fails as a
 * wrong tag does, which makes SunJSSE do a full handshake. Sealing never throws in TLS 1.3, where SunJSSE would put an
 * empty ticket on the wire and RFC 8446 section 4.6.1 clients abort: there a refusal is a ticket that nobody can open.
 * In TLS 1.2 it throws, since SunJSSE then sends the empty ticket that RFC 5077 section 3.3 provides for.
 * <p>
 * Every overload is implemented, since JDK releases differ in which they call.
 */
final class TicketCipher extends CipherSpi
{
    private static final int TAG_BYTES = 16;

    private final ByteArrayOutputStream associatedData = new ByteArrayOutputStream();
    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private StekHandle key;
    private byte[] iv;
    private boolean sealing;

    @Override
    protected void engineSetMode(String mode) throws NoSuchAlgorithmException
    {
        if (!"GCM".equalsIgnoreCase(mode))
        {
            throw new NoSuchAlgorithmException(mode);
        }
    }

    @Override
    protected void engineSetPadding(String padding) throws NoSuchPaddingException
    {
        if (!"NoPadding".equalsIgnoreCase(padding))
        {
            throw new NoSuchPaddingException(padding);
        }
    }

    @Override
    protected int engineGetBlockSize()
    {
        return 16;
    }

    @Override
    protected int engineGetOutputSize(int inputLength)
    {
        return input.size() + inputLength + TAG_BYTES;
    }

    @Override
    protected byte[] engineGetIV()
    {
        return iv == null ? null : iv.clone();
    }

    @Override
    protected AlgorithmParameters engineGetParameters()
    {
        return null;
    }

    @Override
    protected void engineInit(int opmode, Key key, SecureRandom random) throws InvalidKeyException
    {
        throw new InvalidKeyException("parameters are needed");
    }

    @Override
    protected void engineInit(int opmode, Key key, AlgorithmParameters params, SecureRandom random) throws InvalidKeyException
    {
        throw new InvalidKeyException("parameters are needed as GCMParameterSpec");
    }

    @Override
    protected void engineInit(int opmode, Key key, AlgorithmParameterSpec params, SecureRandom random)
        throws InvalidKeyException, InvalidAlgorithmParameterException
    {
        if (!(key instanceof StekHandle handle))
        {
            throw new InvalidKeyException("not a ticket key");
        }
        if (!(params instanceof GCMParameterSpec gcm))
        {
            throw new InvalidAlgorithmParameterException("not a GCMParameterSpec");
        }
        if (opmode != Cipher.ENCRYPT_MODE && opmode != Cipher.DECRYPT_MODE)
        {
            throw new InvalidKeyException("a ticket key neither wraps nor unwraps keys");
        }
        this.key = handle;
        this.iv = gcm.getIV();
        this.sealing = opmode == Cipher.ENCRYPT_MODE;
        associatedData.reset();
        input.reset();
    }

    @Override
    protected void engineUpdateAAD(byte[] src, int offset, int len)
    {
        associatedData.write(src, offset, len);
    }

    @Override
    protected void engineUpdateAAD(ByteBuffer src)
    {
        byte[] bytes = new byte[src.remaining()];
        src.get(bytes);
        engineUpdateAAD(bytes, 0, bytes.length);
    }

    @Override
    protected byte[] engineUpdate(byte[] src, int offset, int len)
    {
        input.write(src, offset, len);
        return new byte[0];
    }

    @Override
    protected int engineUpdate(byte[] src, int offset, int len, byte[] output, int outputOffset)
    {
        input.write(src, offset, len);
        return 0;
    }

    @Override
    protected int engineUpdate(ByteBuffer src, ByteBuffer output)
    {
        absorb(src);
        return 0;
    }

    @Override
    protected byte[] engineDoFinal(byte[] src, int offset, int len) throws AEADBadTagException
    {
        if (src != null)
        {
            input.write(src, offset, len);
        }
        return finish(Integer.MAX_VALUE);
    }

    @Override
    protected int engineDoFinal(byte[] src, int offset, int len, byte[] output, int outputOffset)
        throws ShortBufferException, AEADBadTagException
    {
        if (src != null)
        {
            input.write(src, offset, len);
        }
        byte[] result = finish(output.length - outputOffset);
        if (result.length > output.length - outputOffset)
        {
            throw new ShortBufferException();
        }
        System.arraycopy(result, 0, output, outputOffset, result.length);
        return result.length;
    }

    @Override
    protected int engineDoFinal(ByteBuffer src, ByteBuffer output) throws ShortBufferException, AEADBadTagException
    {
        absorb(src);
        byte[] result = finish(output.remaining());
        if (result.length > output.remaining())
        {
            throw new ShortBufferException();
        }
        output.put(result);
        return result.length;
    }

    private void absorb(ByteBuffer src)
    {
        byte[] bytes = new byte[src.remaining()];
        src.get(bytes);
        input.write(bytes, 0, bytes.length);
    }

    private byte[] finish(int room) throws AEADBadTagException
    {
        byte[] bytes = input.toByteArray();
        byte[] aad = associatedData.toByteArray();
        input.reset();
        associatedData.reset();

        EngineHandshake handshake = EngineHandshake.current(key.context());
        if (sealing)
        {
            if (handshake != null)
            {
                return handshake.exchange().seal(bytes, iv, aad);
            }
            // An engine of Priming's or of somebody else's making, such as an SSLServerSocket's, has no handshake that we know.
            Priming.reached();
            return TicketExchange.decoy(bytes.length);
        }

        Optional<byte[]> state = handshake == null ? Optional.empty() : handshake.exchange().open(bytes, iv, aad);
        // SunJSSE gives room for the ticket less a tag; a state that does not fit is none that we sealed.
        return state.filter(opened -> opened.length <= room).orElseThrow(Refused::new);
    }

    /**
     * Sealing refused, in a protocol that allows it. Unchecked, as {@link #engineDoFinal} must be able to throw it.
     */
    static final class NoTicket extends ProviderException
    {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace()
        {
            return this;
        }
    }

    /**
     * A ticket refused. Without a stack trace, since clients decide how often it is thrown.
     */
    private static final class Refused extends AEADBadTagException
    {
        private static final long serialVersionUID = 1L;

        private Refused()
        {
            super("ticket refused");
        }

        @Override
        public synchronized Throwable fillInStackTrace()
        {
            return this;
        }
    }
}
