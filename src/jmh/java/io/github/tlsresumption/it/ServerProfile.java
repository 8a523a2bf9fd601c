package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import io.github.tlsresumption.bench.Flames;
import io.github.tlsresumption.bench.Report;
import io.github.tlsresumption.bench.Report.Table;
import io.github.tlsresumption.it.KeyMaterial.Algorithm;
import io.github.tlsresumption.it.ServerVariant.Running;
import one.profiler.AsyncProfiler;

/**
 * Where the time of a resumed handshake goes, by async-profiler in the server: microseconds on a processor for a connection, in a stock
 * Jetty, in mode {@code ticket}, and in that with native cryptography.
 */
public final class ServerProfile
{
    private static final int BATCH = 500;
    private static final int LARGEST = 5;
    private static final double MICROSECOND = 1_000;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration SAMPLED = Duration.ofSeconds(30);
    private static final Duration QUICK = Duration.ofSeconds(2);
    /** The parts of the pictures' names, in the order of the variants. */
    private static final List<String> PICTURES = List.of("stock", "ours", "native");
    private static final String LIBRARY = "libasyncProfiler.so";
    private static final Predicate<String> SERVER = method -> method.endsWith("QueuedThreadPool$Runner.run");
    private static final Map<String, Predicate<String>> AREAS = new LinkedHashMap<>();

    static
    {
        AREAS.put("all of a connection", method -> true);
        AREAS.put("its TLS", method -> method.endsWith("SslConnection$SslEndPoint.fill")
            || method.endsWith("SslConnection$SslEndPoint.flush"));
        AREAS.put("the module, all that it calls included, without SunJSSE",
            method -> method.startsWith("io.github.tlsresumption.") && !method.contains("SSLEngine.") && !method.contains("KeyManager.")
                && !method.contains("SslContextFactory."));
        AREAS.put("- opens and seals tickets", method -> method.startsWith("io.github.tlsresumption.jsse.TicketCipher."));
        AREAS.put("- reads hellos", method -> method.startsWith("io.github.tlsresumption.jsse.EngineHandshake.received")
            || method.startsWith("io.github.tlsresumption.jsse.EngineHandshake.sent"));
        AREAS.put("SunJSSE's `SessionTicketExtension`, the module's part included",
            method -> method.startsWith("sun.security.ssl.SessionTicketExtension$"));
        AREAS.put("a new engine", method -> method.endsWith("SslContextFactory.newSSLEngine"));
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
     * What was sampled.
     *
     * @param flames the samples
     * @param micros of processor time that the process used meanwhile for each connection
     */
    private record Profile(Flames flames, double micros)
    {
        private double micros(long samples)
        {
            return micros * samples / flames.met();
        }

        private Map<String, Double> own()
        {
            Map<String, Double> micros = new TreeMap<>();
            flames.own().forEach((method, samples) -> micros.put(method, micros(samples)));
            return micros;
        }
    }

    /**
     * @param report where to tell the results
     * @throws IOException when they cannot be written
     */
    public static void run(Report report) throws IOException
    {
        Path directory = Files.createDirectories(JettyHome.scratch().resolve("bench"));
        Path program = LoadGenerator.build(directory);
        Path library = library(directory);
        Map<String, Map<String, Profile>> profiles = new LinkedHashMap<>();
        for (ServerVariant variant : ServerVariant.all().subList(0, PICTURES.size()))
        {
            Running running = variant.starter().apply(List.of());
            try
            {
                for (String protocol : List.of(ModuleBase.TLS13, ModuleBase.TLS12))
                {
                    profiles.computeIfAbsent(protocol, name -> new LinkedHashMap<>())
                        .put(variant.name(), profile(report, program, library, variant, running, protocol));
                }
            }
            finally
            {
                running.stop().run();
            }
        }
        StringBuilder text = new StringBuilder();
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Profile>> each : profiles.entrySet())
        {
            tell(report, each.getKey(), each.getValue(), text, figures);
        }
        report.write("profile", figures, text.toString());
    }

    private static Path library(Path directory) throws IOException
    {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
        try (InputStream in = AsyncProfiler.class.getResourceAsStream("/" + architecture + "/" + LIBRARY))
        {
            Path file = directory.resolve(LIBRARY).toAbsolutePath();
            Files.copy(Objects.requireNonNull(in, architecture), file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        }
    }

    private static Profile profile(Report report, Path program, Path library, ServerVariant variant, Running running, String protocol)
        throws IOException
    {
        boolean quick = report.options().quick();
        try (LoadGenerator clients = new LoadGenerator(program, running.ports().get(Algorithm.EC), protocol, variant.pick()))
        {
            connect(clients, quick ? QUICK : WARM_UP);
            Path file = library.resolveSibling(variant.name().replaceAll("[^a-z]+", "-") + protocol + ".collapsed");
            Files.deleteIfExists(file);
            // By timers of threads, as the kernel's counters are often not to be had in a container. They go by its ticks, of some
            // milliseconds, so a sample's worth is told by the time that was used.
            agent(running, library, "start,event=ctimer,interval=1ms");
            ServerCpu.Snapshot before = ServerCpu.of(running.pid());
            long connections = connect(clients, quick ? QUICK : SAMPLED);
            ServerCpu used = ServerCpu.of(running.pid()).since(before);
            agent(running, library, "stop,collapsed,file=" + file);
            return new Profile(Flames.of(file, SERVER), (used.compilers() + used.others()) / MICROSECOND / connections);
        }
    }

    private static long connect(LoadGenerator clients, Duration duration)
    {
        long start = System.nanoTime();
        long count = 0;
        do
        {
            clients.connect(true, BATCH);
            count += BATCH;
        }
        while (System.nanoTime() - start < duration.toNanos());
        return count;
    }

    private static void agent(Running running, Path library, String arguments)
    {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        // Quoted, or jcmd would take what is before an equals sign for its own.
        Command.Output output = Command.run(null,
            List.of(jcmd, String.valueOf(running.pid()), "JVMTI.agent_load", library.toString(), '"' + arguments + '"')).succeeded();
        if (!output.text().contains("return code: 0"))
        {
            throw new AssertionError(output.text());
        }
    }

    private static void tell(Report report, String protocol, Map<String, Profile> profiles, StringBuilder text, Map<String, Object> figures)
        throws IOException
    {
        String name = protocol.replace("TLSv", "TLS ");
        List<String> columns = new ArrayList<>(List.of(name + ", P-256, resumed: µs per connection"));
        columns.addAll(profiles.keySet());
        Table areas = new Table(columns);
        Map<String, Object> json = new LinkedHashMap<>();
        AREAS.forEach((area, methods) ->
        {
            List<String> row = new ArrayList<>(List.of(area));
            profiles.values().forEach(profile -> row.add(micros(profile.micros(profile.flames().samples(methods)))));
            json.put(area, row.subList(1, row.size()));
            areas.row(row);
        });
        Table own = new Table(columns.stream().map(column -> column.replace("resumed:", "methods by themselves,")).toList());
        largest(profiles).forEach(method ->
        {
            List<String> row = new ArrayList<>(List.of("`" + method + "`"));
            profiles.values().forEach(profile -> row.add(micros(profile.own().getOrDefault(method, 0.0))));
            own.row(row);
        });
        Iterator<String> pictures = PICTURES.iterator();
        for (Map.Entry<String, Profile> each : profiles.entrySet())
        {
            Map<String, Object> methods = new LinkedHashMap<>();
            each.getValue().own().entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(100).forEach(entry -> methods.put(entry.getKey(), entry.getValue()));
            json.put(each.getKey(), methods);
            Path picture = report.picture(String.join("-", "performance-flames", pictures.next(), protocol.replace("TLSv1.", "tls1"),
                String.valueOf(Report.feature())));
            String title = "Resumed connection, " + name + ", P-256, " + each.getKey().replace("`", "") + ", JDK " + Report.feature();
            each.getValue().flames().write(title, picture);
            text.append(String.format(Locale.ROOT, "%s[%s, %d samples](%s)%n%n", protocol.equals(ModuleBase.TLS13) ? "!" : "", title,
                each.getValue().flames().samples(), picture.getFileName()));
        }
        figures.put(protocol, json);
        text.append(areas).append("\n").append(own).append("\n");
    }

    /**
     * Those that took most in one of the servers.
     */
    private static Set<String> largest(Map<String, Profile> profiles)
    {
        Set<String> largest = new LinkedHashSet<>();
        profiles.values().forEach(profile -> profile.own().entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed()).limit(LARGEST).forEach(entry -> largest.add(entry.getKey())));
        return largest;
    }

    private static String micros(double micros)
    {
        return String.format(Locale.ROOT, "%.0f", micros);
    }
}
