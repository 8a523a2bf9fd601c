package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

import io.github.tlsresumption.bench.Flames;
import io.github.tlsresumption.bench.Report;
import io.github.tlsresumption.bench.Report.Table;
import io.github.tlsresumption.it.KeyMaterial.Algorithm;
import io.github.tlsresumption.it.ServerVariant.Running;

/**
 * Where the time of a resumed handshake of TLS 1.3 goes, by a flight recording of the server.
 */
public final class ServerProfile
{
    private static final int BATCH = 500;
    private static final int LARGEST = 12;
    private static final Predicate<String> HANDSHAKE = method -> method.endsWith("SslConnection$SslEndPoint.fill")
        || method.endsWith("SslConnection$SslEndPoint.flush");

    private static final Map<String, Predicate<String>> AREAS = new LinkedHashMap<>();

    static
    {
        AREAS.put("the module, all that it calls included", method -> method.startsWith("io.github.tlsresumption.resumption."));
        AREAS.put("key agreement (`KeyAgreement`, key pairs)", method -> method.startsWith("javax.crypto.KeyAgreement.")
            || method.startsWith("java.security.KeyPairGenerator") && method.contains("enerateKeyPair"));
        AREAS.put("certificates and key manager while a ticket is read",
            method -> method.startsWith("sun.security.ssl.SSLSessionImpl.<init>"));
        AREAS.put("GZIP of the state", method -> method.startsWith("java.util.zip."));
        AREAS.put("key schedule (`HKDF`, `KDF`)", method -> method.startsWith("sun.security.ssl.HKDF.")
            || method.startsWith("javax.crypto.KDF."));
        AREAS.put("look-ups of JCA (`getInstance`)", method -> method.endsWith(".getInstance")
            && (method.startsWith("javax.crypto.") || method.startsWith("java.security.")));
        AREAS.put("`SecureRandom`", method -> method.startsWith("java.security.SecureRandom."));
    }

    private ServerProfile()
    {
    }

    /**
     * @param report where to tell the results
     * @throws IOException when they cannot be written
     */
    public static void run(Report report) throws IOException
    {
        Path program = LoadGenerator.build(JettyHome.scratch().resolve("bench"));
        StringBuilder text = new StringBuilder();
        Map<String, Object> figures = new LinkedHashMap<>();
        for (ServerVariant variant : ServerVariant.all().subList(0, 2))
        {
            Running running = variant.starter().get();
            try
            {
                Flames flames = recorded(report, program, variant, running);
                tell(report, variant, flames, text, figures);
            }
            finally
            {
                running.stop().run();
            }
        }
        report.write("profile", figures, text.toString());
    }

    private static Flames recorded(Report report, Path program, ServerVariant variant, Running running) throws IOException
    {
        try (LoadGenerator clients = new LoadGenerator(program, running.ports().get(Algorithm.EC), ModuleBase.TLS13, variant.pick()))
        {
            connect(clients, report.options().quick() ? Duration.ofSeconds(1) : Duration.ofSeconds(30));
            Path file = Files.createDirectories(JettyHome.scratch().resolve("bench")).resolve("server-" + Report.feature() + ".jfr");
            Files.deleteIfExists(file);
            jcmd(running, "JFR.start", "name=bench", "settings=profile");
            connect(clients, report.options().quick() ? Duration.ofSeconds(2) : Duration.ofSeconds(30));
            jcmd(running, "JFR.stop", "name=bench", "filename=" + file.toAbsolutePath());
            return Flames.of(file, HANDSHAKE);
        }
    }

    private static void connect(LoadGenerator clients, Duration duration)
    {
        long start = System.nanoTime();
        do
        {
            clients.connect(true, BATCH);
        }
        while (System.nanoTime() - start < duration.toNanos());
    }

    private static void jcmd(Running running, String... words)
    {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
            String.valueOf(running.pid())));
        command.addAll(List.of(words));
        Command.run(null, command).succeeded();
    }

    private static void tell(Report report, ServerVariant variant, Flames flames, StringBuilder text, Map<String, Object> figures)
        throws IOException
    {
        String name = variant.against().isEmpty() ? "stock" : "ours";
        String title = "Resumed handshake of TLS 1.3, P-256, " + variant.name().replace("`", "") + ", JDK " + Report.feature();
        Path picture = report.picture("performance-flames-" + name + "-" + Report.feature());
        flames.write(title, picture);
        text.append(String.format(Locale.ROOT, "**%s**, %d samples: ![%s](%s)%n%n", title, flames.samples(), title, picture.getFileName()));
        Table areas = new Table(List.of("share of the connection's TLS", "%"));
        Map<String, Object> json = new LinkedHashMap<>();
        AREAS.forEach((area, methods) ->
        {
            double share = flames.share(methods);
            json.put(area, share);
            areas.row(List.of(area, percent(share)));
        });
        Table own = new Table(List.of("methods by themselves", "%"));
        Map<String, Object> largest = new LinkedHashMap<>();
        flames.own().entrySet().stream().limit(LARGEST).forEach(entry ->
        {
            largest.put(entry.getKey(), entry.getValue());
            own.row(List.of("`" + entry.getKey() + "`", percent(entry.getValue())));
        });
        json.put("own", largest);
        figures.put(name, json);
        text.append(areas).append("\n").append(own).append("\n");
    }

    private static String percent(double share)
    {
        return String.format(Locale.ROOT, "%.1f", share * 100);
    }
}
