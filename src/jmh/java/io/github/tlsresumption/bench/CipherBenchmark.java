package io.github.tlsresumption.bench;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.resumption.Decision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the cryptography alone costs, beside plain AES-256-GCM as an application would use it: with a key and a nonce that are
 * new to each message, and drawn for nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
public class CipherBenchmark
{
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;

    private final byte[] state = Random.bytes(Decision.STATE_BYTES);
    private final byte[] associatedData = new byte[18];
    private final byte[] secret = Random.bytes(Xaes256Gcm.KEY_BYTES);
    private final Xaes256Gcm key = new Xaes256Gcm(secret);

    @Benchmark
    public byte[] xaes() throws GeneralSecurityException
    {
        byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
        byte[] sealed = key.seal(nonce, state, associatedData);
        return key.open(nonce, sealed, 0, sealed.length, associatedData).orElseThrow();
    }

    @Benchmark
    public byte[] plainAesGcm() throws GeneralSecurityException
    {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] fresh = Arrays.copyOf(secret, secret.length);
        fresh[0] = (byte)random.nextInt();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = run(Cipher.ENCRYPT_MODE, fresh, nonce, state);
        return run(Cipher.DECRYPT_MODE, fresh, nonce, sealed);
    }

    private byte[] run(int mode, byte[] fresh, byte[] nonce, byte[] input) throws GeneralSecurityException
    {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(fresh, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(input);
    }
}
