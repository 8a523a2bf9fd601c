package io.github.tlsresumption.it;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The module tls-resumption-accp brings native cryptography, and costs nothing where that cannot be loaded.
 */
@StartsProcesses
class NativeCryptographyIT
{
    private static final String CORRETTO = "Native cryptography: AmazonCorrettoCryptoProvider";
    private static final String X25519 = "Native cryptography: X25519 of Conscrypt";
    private static final String OBSTACLE = "The module tls-resumption-accp does not work";

    private static JettyBase base;

    @BeforeAll
    static void makeBase()
    {
        base = ModuleBase.plain("native").modules("tls-resumption-accp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--jpms"})
    void sessionsAreResumed(String option)
    {
        try (JettyProcess jetty = option.isEmpty() ? base.start() : base.start(option))
        {
            assertAll(
                () -> assertTrue(jetty.log().contains(CORRETTO), jetty::log),
                () -> assertTrue(jetty.log().contains(X25519), jetty::log),
                () -> assertFalse(jetty.log().contains(OBSTACLE), jetty::log),
                () -> assertFalse(option.isEmpty() && jetty.log().contains("--enable-native-access"), jetty::log));
            assertResumes(jetty);
        }
    }

    @Test
    void sessionsAreResumedAlsoWithoutTheLibraries()
    {
        try (JettyProcess jetty =
            base.start("-Dcom.amazon.corretto.crypto.provider.useExternalLib=true", "-Dorg.conscrypt.tmpdir=/proc"))
        {
            assertAll(
                () -> assertEquals(1, jetty.log().lines().filter(line -> line.contains(OBSTACLE)).count(), jetty::log),
                () -> assertFalse(jetty.log().contains(CORRETTO), jetty::log),
                () -> assertFalse(jetty.log().contains(X25519), jetty::log));
            assertResumes(jetty);
        }
    }

    private static void assertResumes(JettyProcess jetty)
    {
        for (String protocol : new String[]{TLS13, TLS12})
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(protocol);
            OpenSsl.Result first = client.connect();
            OpenSsl.Result second = client.connect();
            assertAll(
                () -> assertFalse(first.reused(), first::output),
                () -> assertTrue(second.reused(), second::output),
                () -> assertEquals(404, second.reply().status(), second::output));
        }
    }
}
