package io.github.tlsresumption.resumption;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HexFormat;

import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.KnownTicketKey;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The keys of a ticket that OpenSSL seals. The values are those of SECURITY.md, where {@code openssl kdf} has computed them.
 */
class TicketSecretsTest
{
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] IV = HEX.parseHex("303132333435363738393a3b3c3d3e3f");
    private static final TicketKey KEY = KnownTicketKey.of(0x0102030405060708L,
        HEX.parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));

    @Test
    void aTicketHasKeysOfItsOwn()
    {
        KeyTickets.Secrets secrets = RingKeyTickets.derive(KEY, HEX.parseHex("020102030405060708a0a1a2a3a4a5a6"), IV);
        assertEquals("846b71f8322f7feed38a9d95683eab81c332b77a3e378451da94ba293d60fa7b", HEX.formatHex(secrets.cipherKey()));
        assertEquals("4ce9534ef3634711fcf59f8a886503948e6962d6fcb7d307b653aa0eaf82546b", HEX.formatHex(secrets.macKey()));
    }

    @Test
    void anotherNameHasOthers()
    {
        KeyTickets.Secrets secrets = RingKeyTickets.derive(KEY, HEX.parseHex("020102030405060708a0a1a2a3a4a5a7"), IV);
        assertEquals("9967af9ce730693d2eeecafb00c4ecd0da1c38af8f9921712e9f7b4abcbc9519", HEX.formatHex(secrets.cipherKey()));
        assertEquals("b1f63e89d3919bc11833d3fa55ca2d65addee4e736638dd5d9777ca90bb50b9f", HEX.formatHex(secrets.macKey()));
    }

    /** The session's secret is in it: in mode cache the ticket key alone does not open it. */
    @ParameterizedTest
    @CsvSource({"TICKET, true", "CACHE, false"})
    void whatTheEngineAddsIsUnderTheSessionsKeyInModeCache(ResumptionMode mode, boolean inClear)
    {
        Clock clock = Clock.fixed(KEY.sealFrom(), ZoneOffset.UTC);
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), clock.instant());
        ConnectorTerms policy = new ConnectorTerms(mode, mode, Duration.ofHours(1));
        KeyTickets tickets = Resumptions.of("scope", policy, () -> ring, clock, new ResumptionStatistics())
            .begin(FakeHandshake.at(clock.instant())).keys();
        String secret = "the secret of the session";
        byte[] data = tickets.data(secret.getBytes(StandardCharsets.US_ASCII), 1, SessionOrigin.FULL_HANDSHAKE).orElseThrow();
        assertEquals(inClear, new String(data, StandardCharsets.ISO_8859_1).contains(secret));
        KeyTickets.Secrets secrets = tickets.newSecrets().orElseThrow();
        assertTrue(tickets.secrets(secrets.name(), secrets.iv()).isPresent());
        assertEquals(secret, new String(tickets.open(data, 1).orElseThrow().state(), StandardCharsets.US_ASCII));
    }
}
