package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.tlsresumption.jsse.SunJsseShape;

/**
 * Bases with our module, made as its guide says: unpack the zip, enable the module.
 */
final class ModuleBase
{
    static final String ONE = "one.test";
    static final String TWO = "two.test";
    static final String TLS12 = "TLSv1.2";
    static final String TLS13 = "TLSv1.3";
    static final String KEY_FILE = "etc/tls-resumption.keys";

    private ModuleBase()
    {
    }

    /**
     * @return a key store with two certificates for two hosts
     */
    static Path twoHosts()
    {
        return KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE, TWO);
    }

    /**
     * @return the engine that the tests run with, one for all: {@code jdk}, or the native one by its library, {@code openssl} or {@code
     * boringssl}; those of the matrix know no difference
     */
    static String engine()
    {
        return System.getProperty("it.engine", "jdk");
    }

    static boolean isNative()
    {
        return !engine().equals("jdk");
    }

    /**
     * @return whether the engine seals tickets by itself, with keys of ours
     */
    static boolean isOpenSsl()
    {
        return engine().equals("openssl");
    }

    /**
     * @param seconds the maximum session duration
     * @return the longest lifetime in seconds that a ticket of TLS 1.3 tells its client: BoringSSL tells 7 days, whatever the duration
     */
    static long longestLifetimeHint(long seconds)
    {
        return engine().equals("boringssl") ? Duration.ofDays(7).toSeconds() : seconds;
    }

    /**
     * @return how many bytes the engine puts in front of a ticket of ours
     */
    static int ticketPrefix()
    {
        return isNative() ? 0 : SunJsseShape.prefixBytes();
    }

    /**
     * Adds our module with the engine that the tests run with to a base.
     *
     * @param base has the zip of our modules
     * @return that base
     */
    static JettyBase engine(JettyBase base)
    {
        return isNative() ? nativeEngine(base, engine()) : base.modules("tls-resumption");
    }

    /**
     * Adds our module with a native engine to a base.
     *
     * @param base has the zip of our modules
     * @param library {@code openssl} or {@code boringssl}
     * @return that base
     */
    static JettyBase nativeEngine(JettyBase base, String library)
    {
        if (!hasLibrary(library))
        {
            Tools.missing("the TLS library " + library + " is not installed: Debian's packages are libssl3 and android-libboringssl");
        }
        return base.modules("tls-resumption-native").property("jetty.tlsResumption.native.library", library);
    }

    /**
     * @param library {@code openssl} or {@code boringssl}
     * @return whether it is installed where Debian has it
     */
    static boolean hasLibrary(String library)
    {
        String file = library.equals("boringssl") ? "android/libssl.so.0" : "libssl.so.3";
        return Stream.of("x86_64", "aarch64").anyMatch(machine -> Files.exists(Path.of("/usr/lib/" + machine + "-linux-gnu", file)));
    }

    /**
     * @param name what the base is for
     * @return a base with two hosts, our module with its defaults, and no application
     */
    static JettyBase plain(String name)
    {
        return engine(JettyBase.create(name).unzip(JettyHome.moduleZip()).modules("https"))
            .keyStore(twoHosts())
            .property("jetty.ssl.port", "0");
    }

    /**
     * @param name what the base is for
     * @param mode of TLS 1.3
     * @param tls12Mode of TLS 1.2
     * @return a base with two hosts, our module and the probe
     */
    static JettyBase probed(String name, String mode, String tls12Mode)
    {
        return plain(name)
            .deploy(Probe.war(), "probe")
            .property("jetty.tlsResumption.mode", mode)
            .property("jetty.tlsResumption.tls12Mode", tls12Mode);
    }

    /**
     * @param settings XML elements that set properties of the factory
     * @return the XML of a factory for a second connector, with the same key store as the first and the same file of ticket keys
     */
    static String factory(String... settings)
    {
        return """
            <New class="io.github.tlsresumption.ResumptionSslContextFactory">
              <Set name="keyStorePath"><Property name="jetty.base"/>/etc/keystore.p12</Set>
              <Set name="keyStorePassword"><Property name="jetty.sslContext.keyStorePassword"/></Set>
              <Set name="ticketKeyFile"><Property name="jetty.base"/>/%s</Set>
              <Set name="engine"><Property name="jetty.tlsResumption.engine" default="jdk"/></Set>
              <Set name="nativeLibrary" property="jetty.tlsResumption.native.library"/>
            %s
            </New>
            """.formatted(KEY_FILE, String.join("\n", List.of(settings)));
    }

    static String set(String name, String value)
    {
        return "<Set name=\"" + name + "\">" + value + "</Set>";
    }

    /**
     * @param jetty the server
     * @param host a host
     * @param protocol the version of TLS
     * @return OpenSSL, which asks the probe
     */
    static OpenSsl openSsl(JettyProcess jetty, String host, String protocol)
    {
        return OpenSsl.client(jetty.port()).host(host).protocol(protocol).path(Probe.PATH);
    }
}
