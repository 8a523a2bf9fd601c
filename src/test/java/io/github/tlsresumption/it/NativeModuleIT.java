package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The module tls-resumption-native comes into any base by one command, and says what it needs where it cannot work.
 */
@StartsProcesses
class NativeModuleIT
{
    private static final int OLDEST_JDK = 22;
    private static final String FIX = ": install OpenSSL 3 (Debian's package libssl3), or set jetty.tlsResumption.native.library to ";
    private static final boolean WORKS = Runtime.version().feature() >= OLDEST_JDK;

    @BeforeEach
    void thereIsALibrary()
    {
        if (WORKS && !ModuleBase.hasLibrary("openssl"))
        {
            Tools.missing("OpenSSL 3 is not installed");
        }
    }

    private static JettyBase base(String name)
    {
        return JettyBase.create(name)
            .unzip(JettyHome.moduleZip())
            .modules("https", "tls-resumption-native")
            .keyStore(ModuleBase.twoHosts())
            .property("jetty.ssl.port", "0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--jpms"})
    void aBaseWithTheJdksEngineBecomesNative(String option)
    {
        assumeTrue(WORKS, "this JDK is too old");
        String[] options = option.isEmpty() ? new String[0] : new String[]{option};
        JettyBase base = ModuleBase.plain("native-added");
        base.modules("tls-resumption", "tls-resumption-native");
        List<String> command = base.dryRun();
        assertAll(
            () -> assertTrue(command.contains("--enable-native-access=ALL-UNNAMED"), command::toString),
            () -> assertFalse(command.toString().contains("add-opens"), command::toString));
        resumesAlsoAfterRestart(base, "OpenSSL 3.", options);
    }

    @Test
    void boringSslIsTakenByItsName()
    {
        assumeTrue(WORKS, "this JDK is too old");
        resumesAlsoAfterRestart(ModuleBase.nativeEngine(base("native-boringssl"), "boringssl"), "BoringSSL (");
    }

    private static void resumesAlsoAfterRestart(JettyBase base, String library, String... options)
    {
        JettyProcess before = base.startByStartJar(options);
        assertTrue(before.log().contains("TLS engine of scope default: native, " + library), before::log);
        OpenSsl client = OpenSsl.client(before.port()).host(ONE).protocol(TLS13);
        assertFalse(client.connect().reused());
        assertTrue(client.connect().reused());
        before.stop();
        try (JettyProcess after = before.again())
        {
            OpenSsl.Result resumed = client.connect();
            assertTrue(resumed.reused(), resumed::output);
            assertTrue(after.log().contains("TLS engine of scope default: native, "), after::log);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/no/libssl.so                            | there is no such file",
        "/usr/lib/x86_64-linux-gnu/libcrypto.so.3 | lacks the function",
        "/etc/hostname                            | native TLS library:"})
    void aLibraryThatIsNoneIsRefused(String library, String told)
    {
        assumeTrue(WORKS, "this JDK is too old");
        assumeTrue(library.startsWith("/no/") || Files.exists(Path.of(library)), library);
        String log = base("native-library").property("jetty.tlsResumption.native.library", library).startFails();
        assertAll(
            () -> assertTrue(log.contains("tls-resumption refuses to start: "), log),
            () -> assertTrue(log.contains(library), log),
            () -> assertTrue(log.contains(told), log),
            () -> assertTrue(log.contains(FIX), log));
    }

    @Test
    void aMissingLibcryptoIsNamedWithItsSetting()
    {
        assumeTrue(WORKS, "this JDK is too old");
        String log = base("native-crypto").property("jetty.tlsResumption.native.crypto", "/no/libcrypto.so").startFails();
        assertAll(
            () -> assertTrue(log.contains("the system does not find libssl.so.3 with /no/libcrypto.so"), log),
            () -> assertTrue(log.contains(FIX), log),
            () -> assertTrue(log.contains("jetty.tlsResumption.native.crypto to its libcrypto"), log));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-Djdk.tls.namedGroups=x25519                                     | system properties jdk.tls.namedGroups",
        "jetty.tlsResumption.fallback=session-id                         | jetty.tlsResumption.engine=native does not have",
        "jetty.sslContext.provider=SunJSSE                               | jetty.sslContext.provider is SunJSSE"})
    void whatCannotBeHonouredIsRefused(String setting, String told)
    {
        assumeTrue(WORKS, "this JDK is too old");
        String log = base("native-setting").line(setting.startsWith("-D") ? "--exec\n" + setting : setting).startFails();
        assertAll(
            () -> assertTrue(log.contains("tls-resumption refuses to start: "), log),
            () -> assertTrue(log.contains(told), log));
    }

    @Test
    void aSetOfCipherSuitesThatTheLibraryDoesNotHaveIsRefused()
    {
        assumeTrue(WORKS, "this JDK is too old");
        String log = base("native-suites").xml("suites.xml", """
            <Ref refid="sslContextFactory">
              <Call name="addExcludeCipherSuites">
                <Arg><Array type="String"><Item>TLS_AES_128_GCM_SHA256</Item></Array></Arg>
              </Call>
            </Ref>
            """).startFails();
        assertTrue(log.contains("without one of its cipher suites"), log);
    }

    @Test
    void nativeCryptographyForTheJdkIsRefusedBesideIt()
    {
        JettyBase base = base("native-accp");
        Command.Output output = Command.run(base.path(), base.startJar(List.of("--modules=tls-resumption-accp", "--dry-run")));
        assertTrue(output.text().contains("provides tls-resumption-native-cryptography, which is already provided by"), output::text);
    }

    @Test
    void anOlderJdkSaysWhatIsNeeded()
    {
        assumeTrue(!WORKS, "this JDK is new enough");
        String log = base("native-old").startFails();
        assertTrue(log.contains("tls-resumption refuses to start: "), log);
        assertTrue(log.contains("JDK " + OLDEST_JDK + " or later"), log);
    }
}
