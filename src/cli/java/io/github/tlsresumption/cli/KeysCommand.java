package io.github.tlsresumption.cli;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

import io.github.tlsresumption.files.OwnDirectory;
import io.github.tlsresumption.keys.Exposure;
import io.github.tlsresumption.keys.FileRingMark;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.Passphrases;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.SecretTicketKeyStore;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Works on a file of ticket keys. What it prints are ids and times, never a key.
 */
@Command(name = "keys", mixinStandardHelpOptions = true,
    description = {"Works on a ticket key file: lists, makes, rotates, drops its keys.", "Run it as the user that owns the file. Servers "
        + "that use the file notice a change within a second. It never prints a key."},
    subcommands = {KeysCommand.ListKeys.class, KeysCommand.Init.class, KeysCommand.Rotate.class, KeysCommand.Drop.class,
        KeysCommand.Export.class, KeysCommand.Import.class})
final class KeysCommand implements Runnable
{
    @Spec
    private CommandSpec spec;

    @Override
    public void run()
    {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /**
     * Where a passphrase comes from: never from an argument, which others on the host could read.
     */
    static final class Passphrase
    {
        @Option(names = "--passphrase-file", paramLabel = "FILE", description = "Holds the passphrase of the key file.")
        private Path file;

        @Option(names = "--passphrase-prompt", description = "Ask for the passphrase of the key file.")
        private boolean prompt;
    }

    /**
     * The file and what is done with it.
     */
    abstract static class OnFile implements Callable<Integer>
    {
        @Parameters(paramLabel = "KEY-FILE", description = "The ticket key file, such as etc/tls-resumption.keys.")
        private Path file;

        @ArgGroup(exclusive = true)
        private Passphrase passphrase;

        @Mixin
        private Main.Format format;

        @Spec
        private CommandSpec spec;

        private Path place;

        abstract Integer work(TicketKeyStore store) throws TicketKeyStoreException;

        @Override
        public Integer call()
        {
            place = place(file);
            try (TicketKeyStore store = open(place, passphrase == null ? null : passphrase.file, passphrase != null && passphrase.prompt))
            {
                return work(store);
            }
            catch (TicketKeyStoreException | IllegalStateException e)
            {
                throw new CannotException(e.getMessage(), e);
            }
        }

        Path file()
        {
            return place;
        }

        Path place(Path given)
        {
            return found(given);
        }

        PrintWriter out()
        {
            return spec.commandLine().getOut();
        }

        CommandSpec spec()
        {
            return spec;
        }

        boolean json()
        {
            return format.json();
        }

        TicketKeyStore open(Path path, Path passphraseFile, boolean prompt)
        {
            if (passphraseFile != null)
            {
                return new FileTicketKeyStore(path, Passphrases.fromFile(passphraseFile));
            }
            return prompt ? new FileTicketKeyStore(path, prompting(path)) : new FileTicketKeyStore(path);
        }

        TicketKeyStore openMounted()
        {
            Optional<Supplier<char[]>> given = Optional.ofNullable(passphrase)
                .map(from -> from.prompt ? prompting(place) : Passphrases.fromFile(from.file));
            return new SecretTicketKeyStore(place, "KEY-FILE", given);
        }

        /**
         * @return the file where a server that is told the same place has it
         */
        static Path found(Path path)
        {
            try
            {
                return OwnDirectory.find(path);
            }
            catch (IOException e)
            {
                throw new CannotException(e.getMessage(), e);
            }
        }

        /**
         * @return the file where a server that is told the same place has it, in a directory that is there
         */
        static Path made(Path path)
        {
            try
            {
                return OwnDirectory.place(path, path.toString(), "name a file in another directory");
            }
            catch (IOException e)
            {
                throw new CannotException(e.getMessage(), e);
            }
        }

        private static Supplier<char[]> prompting(Path path)
        {
            return () ->
            {
                Console console = System.console();
                char[] typed = console == null ? null : console.readPassword("Passphrase of %s: ", path);
                if (typed == null || typed.length == 0)
                {
                    throw new IllegalStateException("there is no passphrase: none was typed, or there is no terminal; "
                        + "use --passphrase-file");
                }
                return typed;
            };
        }

        TicketKeyRing ring(TicketKeyStore store) throws TicketKeyStoreException
        {
            return store.load().orElseThrow(() -> new CannotException("there is no ticket key file " + place + ": " + remedy()));
        }

        private String remedy()
        {
            try
            {
                List<Path> others = OwnDirectory.all(place);
                return others.isEmpty() ? "'keys init' makes one" : "name that in " + others + ", as the user to whom it belongs";
            }
            catch (IOException e)
            {
                throw new CannotException(e.getMessage(), e);
            }
        }

        void show(TicketKeyStore store, TicketKeyRing ring)
        {
            Instant now = Instant.now();
            if (json())
            {
                out().println(json(store, ring, now));
            }
            else
            {
                print(ring, now, store.describe());
            }
            out().flush();
        }

        private static Json json(TicketKeyStore store, TicketKeyRing ring, Instant now)
        {
            Json json = new Json().with("store", store.describe()).with("version", ring.version())
                .with("exposure", ring.exposure(now).map(OnFile::json)).with("nextRotation", ring.nextRotation(now).map(Instant::toString))
                .with("keys", ring.keys().stream().map(key -> new Json().with("id", hex(key.id()))
                    .with("created", key.created().toString()).with("sealsFrom", key.sealFrom().toString())
                    .with("sealsUntil", key.sealUntil().toString()).with("opensUntil", key.openUntil().toString())
                    .with("state", state(key, now)).map()).toList());
            return json.with("dropped", ring.dropped().keySet().stream().sorted().map(OnFile::hex).toList());
        }

        private static Json json(Exposure exposure)
        {
            return new Json().with("from", exposure.from().toString()).with("until", exposure.until().toString());
        }

        private void print(TicketKeyRing ring, Instant now, String store)
        {
            out().println(store + ", version " + ring.version());
            out().printf("%-16s  %-9s  %-24s  %-24s  %-24s%n", "id", "state", "seals from", "seals until", "opens until");
            for (TicketKey key : ring.keys())
            {
                out().printf("%-16s  %-9s  %-24s  %-24s  %-24s%n", hex(key.id()), state(key, now), key.sealFrom(), key.sealUntil(),
                    key.openUntil());
            }
            out().println("dropped before their time: " + ring.dropped().size());
            out().println(ring.exposure(now).map(exposure -> "Whoever has these keys opens tickets sealed from " + exposure.from()
                + " on; servers take them until " + exposure.until()).orElse("No key opens anything."));
            ring.nextRotation(now).ifPresent(next -> out().println("Next rotation: " + next));
        }

        private static String state(TicketKey key, Instant now)
        {
            return key.state(now).name().toLowerCase(Locale.ROOT);
        }

        private static String hex(long id)
        {
            return HexFormat.of().toHexDigits(id);
        }

        static void forget(TicketKeyRing ring)
        {
            ring.keys().forEach(TicketKey::destroy);
        }
    }

    /**
     * How keys follow each other; the servers' settings, which the file does not hold.
     */
    static final class Times
    {
        @Option(names = "--seal-period", paramLabel = "SECONDS", description = "As jetty.tlsResumption.rotation.sealPeriod.")
        private Long sealPeriod;

        @Option(names = "--lead", paramLabel = "SECONDS", description = "As jetty.tlsResumption.rotation.lead.")
        private Long lead;

        @Option(names = "--lifetime", paramLabel = "SECONDS", description = "As jetty.tlsResumption.rotation.lifetime, or "
            + "jetty.tlsResumption.maxSessionDuration.")
        private Long lifetime;

        /**
         * @param newest tells the times that are not given, if there is a key
         */
        KeyRotation rotation(Optional<TicketKey> newest, CommandSpec spec)
        {
            KeyRotation standard = KeyRotation.DEFAULT;
            Duration seal = seconds(sealPeriod).orElse(newest.map(key -> Duration.between(key.sealFrom(), key.sealUntil()))
                .orElse(standard.sealPeriod()));
            Duration life = seconds(lifetime).orElse(newest.map(key -> Duration.between(key.sealUntil(), key.openUntil()))
                .orElse(standard.lifetime()));
            Duration half = seal.dividedBy(2);
            Duration ahead = seconds(lead).orElse(standard.lead().compareTo(half) > 0 ? half : standard.lead());
            try
            {
                return new KeyRotation(seal, ahead, life);
            }
            catch (IllegalArgumentException e)
            {
                throw new ParameterException(spec.commandLine(), e.getMessage());
            }
        }

        private static Optional<Duration> seconds(Long value)
        {
            return Optional.ofNullable(value).map(Duration::ofSeconds);
        }
    }

    private interface Work
    {
        TicketKeyRing on(TicketKeyRingManager manager) throws TicketKeyStoreException;
    }

    private static void managed(TicketKeyStore store, KeyRotation rotation, Work work, OnFile command) throws TicketKeyStoreException
    {
        ScheduledExecutorService idle = Executors.newSingleThreadScheduledExecutor();
        // Where there is none the server has not run with the file yet, or remembers the version elsewhere only.
        Path file = command.file();
        RingMark mark = Files.exists(FileRingMark.besides(file)) ? FileRingMark.beside(file) : RingMark.NONE;
        TicketKeyRingManager manager = new TicketKeyRingManager(store, rotation, Clock.systemUTC(), idle, mark);
        try
        {
            manager.start();
            TicketKeyRing ring = work.on(manager);
            if (manager.health().error().isPresent())
            {
                throw new CannotException(manager.health().error().get());
            }
            command.show(store, ring);
        }
        finally
        {
            manager.stop();
            idle.shutdownNow();
        }
    }

    /**
     * Shows ids, states, times and exposure.
     */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows ids, states and times of the keys, and the exposure.")
    static final class ListKeys extends OnFile
    {
        @Override
        Integer work(TicketKeyStore store) throws TicketKeyStoreException
        {
            try
            {
                list(store);
            }
            catch (TicketKeyStoreException e)
            {
                if (!isMounted())
                {
                    throw e;
                }
                try (TicketKeyStore mounted = openMounted())
                {
                    list(mounted);
                }
            }
            return Exit.WELL;
        }

        private void list(TicketKeyStore store) throws TicketKeyStoreException
        {
            TicketKeyRing ring = ring(store);
            show(store, ring);
            forget(ring);
        }

        /**
         * Platforms mount a secret by links, and as a file of root that a group may read.
         */
        private boolean isMounted()
        {
            try
            {
                return Files.isSymbolicLink(file()) && !Files.isSameFile(file().toRealPath().getParent(), file().getParent());
            }
            catch (IOException e)
            {
                return false;
            }
        }
    }

    /**
     * Makes a file with a first key.
     */
    @Command(name = "init", mixinStandardHelpOptions = true, description = "Makes a key file with a first key, which seals at once. "
        + "A server makes one by itself; this is for files that are given to several hosts.")
    static final class Init extends OnFile
    {
        @Mixin
        private Times times;

        @Override
        Path place(Path given)
        {
            return made(given);
        }

        @Override
        Integer work(TicketKeyStore store) throws TicketKeyStoreException
        {
            KeyRotation rotation = times.rotation(Optional.empty(), spec());
            Optional<TicketKeyRing> there = store.load();
            there.ifPresent(OnFile::forget);
            if (there.isPresent())
            {
                throw new CannotException("there is a ticket key file " + file() + " already; it stays as it is");
            }
            managed(store, rotation, TicketKeyRingManager::ring, this);
            return Exit.WELL;
        }
    }

    /**
     * Brings a new key before its time.
     */
    @Command(name = "rotate", mixinStandardHelpOptions = true, description = "Brings a new key before its time. It seals after the lead; "
        + "sessions go on. Times that are not given are those of the newest key.")
    static final class Rotate extends OnFile
    {
        @Mixin
        private Times times;

        @Override
        Integer work(TicketKeyStore store) throws TicketKeyStoreException
        {
            KeyRotation rotation = times.rotation(newest(store, this), spec());
            managed(store, rotation, TicketKeyRingManager::rotateNow, this);
            return Exit.WELL;
        }
    }

    private static Optional<TicketKey> newest(TicketKeyStore store, OnFile command) throws TicketKeyStoreException
    {
        TicketKeyRing ring = command.ring(store);
        OnFile.forget(ring);
        return ring.keys().stream().max(Comparator.comparing(TicketKey::sealFrom));
    }

    /**
     * Drops all keys.
     */
    @Command(name = "drop", mixinStandardHelpOptions = true, description = "Drops every key, as when one may be stolen: no ticket opens "
        + "any more, and every session needs one full handshake. One new key seals at once.")
    static final class Drop extends OnFile
    {
        @Option(names = "--yes", description = "Do not ask.")
        private boolean yes;

        @Mixin
        private Times times;

        @Override
        Integer work(TicketKeyStore store) throws TicketKeyStoreException
        {
            KeyRotation rotation = times.rotation(newest(store, this), spec());
            if (!yes)
            {
                Console console = System.console();
                String answer = console == null ? null : console.readLine("Drop all ticket keys of %s? Every session will need a full "
                    + "handshake. Type drop: ", file());
                if (!"drop".equals(answer))
                {
                    throw new CannotException("nothing was dropped: it was not confirmed, neither here nor by --yes");
                }
            }
            managed(store, rotation, TicketKeyRingManager::dropAll, this);
            return Exit.WELL;
        }
    }

    /**
     * Where a copy goes to or comes from.
     */
    static final class Other
    {
        @Option(names = "--other-passphrase-file", paramLabel = "FILE", description = "Holds the passphrase of the other file.")
        private Path passphraseFile;

        @Option(names = "--other-not-encrypted", description = "The other file is not encrypted.")
        private boolean plain;
    }

    /**
     * Copies the ring to a new file, under another passphrase.
     */
    @Command(name = "export", mixinStandardHelpOptions = true, description = {"Copies the keys to a new file, under a passphrase of its "
        + "own: for another host, or to change or add a passphrase (then stop the servers and rename it over the old file).",
        "The two files rotate apart from then on: hosts that stay together need a shared store."})
    static final class Export extends OnFile
    {
        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The new file, which must not exist.")
        private Path to;

        @ArgGroup(exclusive = true, multiplicity = "1")
        private Other other;

        @Override
        Integer work(TicketKeyStore store) throws TicketKeyStoreException
        {
            TicketKeyRing ring = ring(store);
            try (TicketKeyStore target = open(made(to), other.passphraseFile, false))
            {
                if (!target.compareAndSet(0, ring))
                {
                    throw new CannotException("there is a ticket key file " + to + " already; it stays as it is");
                }
                show(target, ring);
                return Exit.WELL;
            }
            finally
            {
                forget(ring);
            }
        }
    }

    /**
     * Takes a ring from another file.
     */
    @Command(name = "import", mixinStandardHelpOptions = true, description = {"Takes the keys of another file of this module into the key "
        + "file: a new one, or one of which the other is a later version.",
        "Ticket key files of nginx, Apache or HAProxy (48 or 80 bytes) are refused: their tickets hold sessions of OpenSSL, which no JDK "
            + "can go on with."})
    static final class Import extends OnFile
    {
        private static final List<Long> FOREIGN_SIZES = List.of(48L, 80L);
        private static final byte[] OURS = "jetty-tls-resumption".getBytes(StandardCharsets.US_ASCII);

        @Option(names = "--from", required = true, paramLabel = "FILE", description = "The file to read.")
        private Path from;

        @ArgGroup(exclusive = true, multiplicity = "1")
        private Other other;

        @Mixin
        private Times times;

        @Override
        Path place(Path given)
        {
            return made(given);
        }

        @Override
        Integer work(TicketKeyStore store) throws TicketKeyStoreException
        {
            refuseForeign();
            try (TicketKeyStore source = open(found(from), other.passphraseFile, false))
            {
                TicketKeyRing ring = source.load().orElseThrow(() -> new CannotException("there is no file " + from));
                Optional<TicketKeyRing> present = store.load();
                try
                {
                    KeyRotation rotation = times.rotation(ring.keys().stream().max(Comparator.comparing(TicketKey::sealFrom)), spec());
                    Optional<String> fault = present.flatMap(old -> rotation.illegal(old, ring, Instant.now()));
                    boolean same = present.isPresent() && present.get().version() == ring.version();
                    if (fault.isPresent() || same)
                    {
                        throw new CannotException("nothing was imported: " + fault.orElse(file() + " has these keys already"));
                    }
                    if (!store.compareAndSet(present.map(TicketKeyRing::version).orElse(0L), ring))
                    {
                        throw new CannotException("nothing was imported: " + file() + " has changed meanwhile, try again");
                    }
                    show(store, ring);
                    return Exit.WELL;
                }
                finally
                {
                    forget(ring);
                    present.ifPresent(OnFile::forget);
                }
            }
        }

        private void refuseForeign()
        {
            try (InputStream in = Files.newInputStream(from))
            {
                boolean ours = Arrays.equals(in.readNBytes(OURS.length), OURS);
                if (!ours && FOREIGN_SIZES.contains(Files.size(from)))
                {
                    throw new CannotException(from + " has " + Files.size(from) + " bytes, as a ticket key file of nginx, Apache or "
                        + "HAProxy. Its keys are of no use here: tickets under them hold a session as OpenSSL writes it, which SunJSSE "
                        + "cannot go on with, and the keys have neither ids nor times. Let clients do one full handshake");
                }
            }
            catch (IOException e)
            {
                throw new CannotException(from + " cannot be read: " + e.getMessage(), e);
            }
        }
    }
}
