package io.github.tlsresumption.it;

import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * An operator's own Bouncy Castle, old or of another kind, is not what encrypts the ticket keys.
 */
@StartsProcesses
@OnAnyJdk
class OtherBouncyCastleIT
{
    @ParameterizedTest
    @CsvSource({"bcprov-jdk15on-1.46.jar,", "bc-fips-2.0.0.jar,", "bc-fips-2.0.0.jar,--jpms"})
    void keysUnderAPassphraseAreThereAfterARestart(String jar, String option)
    {
        JettyBase base = ModuleBase.plain("other-bouncy-castle").modules("ext")
            .copy(JettyHome.otherBouncyCastles().resolve(jar), "lib/ext/" + jar)
            .property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse");
        JettyProcess before = option == null ? base.start() : base.start(option);
        OpenSsl client = OpenSsl.client(before.port()).host(TWO).protocol(TLS13);
        assertFalse(client.connect().reused());
        before.stop();
        try (JettyProcess after = before.again())
        {
            OpenSsl.Result resumed = client.connect();
            assertTrue(resumed.reused(), () -> resumed.output() + after.log());
        }
    }

    @Test
    void oursIsPartOfTheJarAndOfItsModule() throws Exception
    {
        try (JarFile jar = new JarFile(JettyHome.jar().toFile()))
        {
            Set<String> tops = new TreeSet<>();
            jar.stream().map(entry -> entry.getName()).filter(name -> name.endsWith(".class"))
                .forEach(name -> tops.add(name.replaceFirst("(io/github/tlsresumption/).*|/.*", "$1")));
            assertEquals(Set.of("io/github/tlsresumption/", "module-info.class"), tops);
            assertTrue(jar.stream().anyMatch(entry -> entry.getName().equals("META-INF/licenses/bouncycastle.md")));
        }
    }
}
