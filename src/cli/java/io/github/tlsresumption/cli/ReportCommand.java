package io.github.tlsresumption.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.github.tlsresumption.cli.report.Bench;
import io.github.tlsresumption.cli.report.Document;
import io.github.tlsresumption.cli.report.Environment;
import io.github.tlsresumption.cli.report.Recommendation;
import io.github.tlsresumption.keys.Passphrases;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures what resumption saves with the operator's key store and JDK, and sets the risk beside it.
 */
@Command(name = "report", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Is the performance worth the risk? Measures full and resumed handshakes with your key store on this JDK, in memory, "
        + "and recommends modes, or says that the measurement is inconclusive and why.", "Writes report.html, report.md and report.json. "
        + "Takes some four minutes and one core; run it on the machine that serves, or one like it, while it is idle."})
final class ReportCommand implements Callable<Integer>
{
    private static final int DNS = 2;

    @Option(names = "--keystore", required = true, paramLabel = "FILE", description = "The server's key store.")
    private Path keyStore;

    @Option(names = "--keystore-password-file", required = true, paramLabel = "FILE", description = "Holds its password.")
    private Path passwordFile;

    @Option(names = "--host", paramLabel = "NAME", description = "The host that clients name. Default: the first of the certificates.")
    private String host;

    @Option(names = "--client-certificates", description = "Clients prove who they are by certificates: weighs for the recommendation.")
    private boolean clientCertificates;

    @Option(names = "--max-session-duration", paramLabel = "SECONDS", defaultValue = "86400", description = "As the setting; for the risk. "
        + "Default: ${DEFAULT-VALUE}.")
    private long maxSessionDuration;

    @Option(names = "--seal-period", paramLabel = "SECONDS", defaultValue = "43200", description = "As rotation.sealPeriod; for the risk. "
        + "Default: ${DEFAULT-VALUE}.")
    private long sealPeriod;

    @Option(names = "--quick", description = "Some seconds only: rough figures, often inconclusive.")
    private boolean quick;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = ".", description = "Where to write. Default: the current directory.")
    private Path directory;

    @Mixin
    private Main.Format format;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call()
    {
        between("--max-session-duration", maxSessionDuration);
        between("--seal-period", sealPeriod);
        Terminal.Progress progress = new Terminal.Progress(spec.commandLine().getErr(), Terminal.isPresent());
        String password = password();
        List<X509Certificate> certificates = new ArrayList<>();
        String keys = keys(password, certificates);
        Optional<String> name = host == null ? firstHost(certificates) : Optional.of(host);
        Bench.Pace pace = quick ? Bench.Pace.QUICK : Bench.Pace.THOROUGH;
        Bench.Results results;
        try
        {
            results = new Bench(keyStore, password, name, pace, progress::show).run();
        }
        catch (Exception e)
        {
            throw new CannotException("the measurement failed: " + e.getMessage(), e);
        }
        progress.clear();
        Environment environment = new Environment(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            System.getProperty("java.vendor") + " " + Runtime.version(), System.getProperty("os.name") + " "
            + System.getProperty("os.arch") + ", " + Runtime.getRuntime().availableProcessors() + " processors", keys,
            Duration.ofSeconds(maxSessionDuration), Duration.ofSeconds(sealPeriod), clientCertificates, quick);
        Document document = new Document(environment, results, Recommendation.of(results, environment));
        String json = document.json().toString();
        write("report.html", document.html());
        write("report.md", document.markdown());
        write("report.json", json);
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.json() ? json : document.markdown());
        out.flush();
        return Exit.WELL;
    }

    private void between(String option, long seconds)
    {
        if (seconds < 1 || seconds > 604_800)
        {
            throw new ParameterException(spec.commandLine(), option + " is a number from 1 to 604800, not " + seconds);
        }
    }

    private String password()
    {
        try
        {
            return new String(Passphrases.fromFile(passwordFile).get());
        }
        catch (RuntimeException e)
        {
            throw new CannotException("--keystore-password-file: " + e.getMessage(), e);
        }
    }

    private String keys(String password, List<X509Certificate> certificates)
    {
        try (InputStream in = Files.newInputStream(keyStore))
        {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password.toCharArray());
            List<String> kinds = new ArrayList<>();
            for (String alias : Collections.list(store.aliases()))
            {
                if (store.isKeyEntry(alias) && store.getCertificate(alias) instanceof X509Certificate certificate)
                {
                    certificates.add(certificate);
                    kinds.add(kind(certificate.getPublicKey()));
                }
            }
            if (certificates.isEmpty())
            {
                throw new CannotException("--keystore " + keyStore + " has no key with a certificate: name the server's key store");
            }
            return kinds.size() + (kinds.size() == 1 ? " certificate: " : " certificates: ") + String.join(", ", kinds);
        }
        catch (IOException | GeneralSecurityException e)
        {
            throw new CannotException("--keystore " + keyStore + " cannot be read as PKCS#12 by that --keystore-password-file: "
                + e.getMessage(), e);
        }
    }

    private static String kind(Key key)
    {
        if (key instanceof RSAKey rsa)
        {
            return "RSA-" + rsa.getModulus().bitLength();
        }
        return key instanceof ECKey ec ? "ECDSA P-" + ec.getParams().getOrder().bitLength() : key.getAlgorithm();
    }

    private static Optional<String> firstHost(List<X509Certificate> certificates)
    {
        for (X509Certificate certificate : certificates)
        {
            try
            {
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                for (List<?> name : names == null ? List.<List<?>>of() : names)
                {
                    if ((Integer)name.get(0) == DNS)
                    {
                        return Optional.of(((String)name.get(1)).replace("*.", "any."));
                    }
                }
            }
            catch (CertificateParsingException e)
            {
                throw new CannotException("a certificate cannot be read: " + e.getMessage(), e);
            }
        }
        return Optional.empty();
    }

    private void write(String name, String text)
    {
        try
        {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(name), text);
        }
        catch (IOException e)
        {
            throw new CannotException(directory.resolve(name) + " cannot be written, name a directory by --out: " + e.getMessage(), e);
        }
    }
}
