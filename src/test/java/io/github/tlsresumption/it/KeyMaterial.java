package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keys and certificates for servers and clients, made by the JDK's own {@code keytool}, each kind once per run.
 */
public final class KeyMaterial
{
    /** The password of every store made here. */
    public static final String PASSWORD = KeyStores.PASSWORD;

    private static final Path DIRECTORY = JettyHome.scratch().resolve("keys-" + ProcessHandle.current().pid());
    private static final Map<String, Path> MADE = new ConcurrentHashMap<>();

    /**
     * The kind of a key pair.
     */
    public enum Algorithm
    {
        EC("-keyalg", "EC", "-groupname", "secp256r1"),
        RSA("-keyalg", "RSA", "-keysize", "2048");

        private final List<String> options;

        Algorithm(String... options)
        {
            this.options = List.of(options);
        }
    }

    /**
     * A client's certificate with its key, issued by a {@link ClientAuthority}.
     *
     * @param name the common name
     * @param keyStore as a PKCS#12 store
     * @param pem as a file with the key and the chain, for OpenSSL and curl
     */
    public record Client(String name, Path keyStore, Path pem)
    {
        /**
         * @return SHA-256 of the public key, as RFC 7469 section 2.4 writes it
         */
        public String fingerprint()
        {
            try
            {
                byte[] key = certificate().getPublicKey().getEncoded();
                return "sha256/" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
            }
            catch (GeneralSecurityException e)
            {
                throw new AssertionError(e);
            }
        }

        /**
         * @return the certificate
         */
        public X509Certificate certificate()
        {
            try
            {
                return (X509Certificate)KeyStores.load(keyStore).getCertificate(name);
            }
            catch (GeneralSecurityException e)
            {
                throw new AssertionError(e);
            }
        }
    }

    /**
     * A certificate authority for clients.
     *
     * @param name its name
     * @param keyStore its own key
     * @param trustStore what a server needs to trust it
     */
    public record ClientAuthority(String name, Path keyStore, Path trustStore)
    {
        /**
         * @param client the common name
         * @return a certificate for that client
         */
        public Client issue(String client)
        {
            String file = name + "-" + client;
            Path store = MADE.computeIfAbsent(file + ".p12", key -> issue(client, DIRECTORY.resolve(key), "-validity", "30"));
            Path pem = MADE.computeIfAbsent(file + ".pem", key -> pem(store, client, DIRECTORY.resolve(key)));
            return new Client(client, store, pem);
        }

        /**
         * @param client the common name
         * @param bytes how many bytes an extension that nobody knows has, which no compression makes fewer
         * @return a certificate for that client
         */
        public Client issueLarge(String client, int bytes)
        {
            byte[] content = new byte[bytes];
            new Random(bytes).nextBytes(content);
            String extension = "1.3.6.1.4.1.32473.1=" + HexFormat.of().formatHex(content);
            String file = name + "-" + client;
            Path store = MADE.computeIfAbsent(file + ".p12",
                key -> issue(client, DIRECTORY.resolve(key), "-validity", "30", "-ext", extension));
            Path pem = MADE.computeIfAbsent(file + ".pem", key -> pem(store, client, DIRECTORY.resolve(key)));
            return new Client(client, store, pem);
        }

        /**
         * @param client the common name, one for each call
         * @param validity how long from now until its end, less than a day
         * @return a certificate for that client
         */
        public Client issueFor(String client, Duration validity)
        {
            String file = name + "-" + client;
            String start = "-1d+" + validity.toSeconds() + "S";
            Path store = issue(client, DIRECTORY.resolve(file + ".p12"), "-startdate", start, "-validity", "1");
            return new Client(client, store, pem(store, client, DIRECTORY.resolve(file + ".pem")));
        }

        /**
         * @param file the revocation list to write
         * @param revoked whose certificates are on it
         * @return the file
         */
        public Path revoke(Path file, Client... revoked)
        {
            List<String> options = new ArrayList<>(List.of("-gencrl", "-alias", name, "-file", file.toString(), "-validity", "30"));
            // A list is never empty to keytool.
            options.addAll(List.of("-id", "1"));
            for (Client client : revoked)
            {
                options.addAll(List.of("-id", client.certificate().getSerialNumber().toString()));
            }
            keytool(keyStore, options.toArray(String[]::new));
            return file;
        }

        private Path issue(String client, Path store, String... validity)
        {
            pair(store, client, "CN=" + client, Algorithm.EC);
            Path request = store.resolveSibling(store.getFileName() + ".csr");
            Path issued = store.resolveSibling(store.getFileName() + ".crt");
            Path authority = store.resolveSibling(store.getFileName() + ".ca");
            keytool(store, "-certreq", "-alias", client, "-file", request.toString());
            List<String> options = new ArrayList<>(List.of("-gencert", "-alias", name, "-infile", request.toString(), "-outfile",
                issued.toString(), "-ext", "eku=clientAuth"));
            options.addAll(List.of(validity));
            keytool(keyStore, options.toArray(String[]::new));
            keytool(keyStore, "-exportcert", "-alias", name, "-file", authority.toString());
            keytool(store, "-importcert", "-noprompt", "-alias", name, "-file", authority.toString());
            keytool(store, "-importcert", "-noprompt", "-alias", client, "-file", issued.toString());
            return store;
        }
    }

    private KeyMaterial()
    {
    }

    /**
     * @param algorithm the kind of the keys
     * @param hosts the hosts; each gets its own self-signed certificate, under its name as alias
     * @return a key store for a server
     */
    public static Path server(Algorithm algorithm, String... hosts)
    {
        return server(List.of(algorithm), hosts);
    }

    /**
     * @param algorithms the kinds of the keys
     * @param hosts the hosts; each gets a self-signed certificate of each kind
     * @return a key store for a server
     */
    public static Path server(List<Algorithm> algorithms, String... hosts)
    {
        String file = "server-" + algorithms + "-" + String.join("-", hosts) + ".p12";
        return MADE.computeIfAbsent(file.replaceAll("[^A-Za-z0-9.-]", "_"), key -> newServer(DIRECTORY.resolve(key), algorithms, hosts));
    }

    /**
     * Makes new keys at each call, for tests that replace a server's certificate.
     *
     * @param file the key store to write
     * @param algorithms the kinds of the keys
     * @param hosts the hosts
     * @return the file
     */
    public static Path newServer(Path file, List<Algorithm> algorithms, String... hosts)
    {
        for (Algorithm algorithm : algorithms)
        {
            for (String host : hosts)
            {
                String alias = algorithms.size() == 1 ? host : host + "-" + algorithm;
                pair(file, alias, "CN=" + host, algorithm, "-ext", "san=dns:" + host);
            }
        }
        return file;
    }

    public static ClientAuthority clientAuthority(String name)
    {
        Path keys = MADE.computeIfAbsent("ca-" + name + ".p12", file ->
            pair(DIRECTORY.resolve(file), name, "CN=" + name, Algorithm.EC, "-ext", "bc:c"));
        Path trust = MADE.computeIfAbsent("trust-" + name + ".p12", file ->
        {
            Path store = DIRECTORY.resolve(file);
            Path certificate = DIRECTORY.resolve(file + ".crt");
            keytool(keys, "-exportcert", "-alias", name, "-file", certificate.toString());
            keytool(store, "-importcert", "-noprompt", "-alias", name, "-file", certificate.toString());
            return store;
        });
        return new ClientAuthority(name, keys, trust);
    }

    /**
     * @param file the trust store to write
     * @param authorities whom to trust
     * @return the file
     */
    public static Path trustStore(Path file, ClientAuthority... authorities)
    {
        for (ClientAuthority authority : authorities)
        {
            Path certificate = authority.trustStore().resolveSibling(authority.trustStore().getFileName() + ".crt");
            keytool(file, "-importcert", "-noprompt", "-alias", authority.name(), "-file", certificate.toString());
        }
        return file;
    }

    /**
     * @param file a store made here
     * @return for each entry the Base64 of the SHA-256 of its public key, the form in which browsers pin keys
     */
    public static List<String> pins(Path file)
    {
        try
        {
            KeyStore store = KeyStores.load(file);
            List<String> pins = new ArrayList<>();
            for (String alias : Collections.list(store.aliases()))
            {
                byte[] key = store.getCertificate(alias).getPublicKey().getEncoded();
                pins.add(Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(key)));
            }
            return pins;
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    static Path pem(Path store, String alias, Path file)
    {
        try
        {
            KeyStore keys = KeyStores.load(store);
            Key key = keys.getKey(alias, PASSWORD.toCharArray());
            StringBuilder text = new StringBuilder(block("PRIVATE KEY", key.getEncoded()));
            for (Certificate certificate : keys.getCertificateChain(alias))
            {
                text.append(block("CERTIFICATE", certificate.getEncoded()));
            }
            return Files.writeString(file, text);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    private static String block(String kind, byte[] content)
    {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }

    private static Path pair(Path store, String alias, String name, Algorithm algorithm, String... more)
    {
        List<String> options = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-dname", name, "-validity", "30"));
        options.addAll(algorithm.options);
        options.addAll(List.of(more));
        keytool(store, options.toArray(String[]::new));
        return store;
    }

    private static void keytool(Path store, String... options)
    {
        try
        {
            Files.createDirectories(store.getParent());
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>();
        command.add(JettyHome.java().resolveSibling("keytool").toString());
        JettyHome.brief().forEach(option -> command.add("-J" + option));
        command.addAll(List.of(options));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Command.run(null, command).succeeded();
    }
}
