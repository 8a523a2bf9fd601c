package io.github.tlsresumption.cli.tls;

import java.util.Arrays;
import java.util.Optional;

/**
 * The cipher suites that the client offers: those with ephemeral keys and authenticated encryption.
 */
enum Suite
{
    TLS_AES_128_GCM_SHA256(0x1301, "SHA-256", 16, false),
    TLS_AES_256_GCM_SHA384(0x1302, "SHA-384", 32, false),
    TLS_CHACHA20_POLY1305_SHA256(0x1303, "SHA-256", 32, true),
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256(0xC02B, "SHA-256", 16, false),
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384(0xC02C, "SHA-384", 32, false),
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F, "SHA-256", 16, false),
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384(0xC030, "SHA-384", 32, false),
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256(0xCCA8, "SHA-256", 32, true),
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256(0xCCA9, "SHA-256", 32, true);

    private final int id;
    private final String hash;
    private final int keyBytes;
    private final boolean chaCha;

    Suite(int id, String hash, int keyBytes, boolean chaCha)
    {
        this.id = id;
        this.hash = hash;
        this.keyBytes = keyBytes;
        this.chaCha = chaCha;
    }

    static Optional<Suite> of(int id)
    {
        return Arrays.stream(values()).filter(suite -> suite.id == id).findFirst();
    }

    int id()
    {
        return id;
    }

    String hash()
    {
        return hash;
    }

    int hashBytes()
    {
        return hash.equals("SHA-256") ? 32 : 48;
    }

    int keyBytes()
    {
        return keyBytes;
    }

    boolean chaCha()
    {
        return chaCha;
    }

    boolean isFor(Protocol protocol)
    {
        return id < 0x1400 == (protocol == Protocol.TLS_1_3);
    }
}
