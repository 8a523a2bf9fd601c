package io.github.tlsresumption.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

import io.github.tlsresumption.files.OwnDirectory;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * A command on a ticket key file: opens it, with its passphrase if there is one, and shows the ring in it.
 */
abstract class KeyFileCommand implements Callable<Integer>
{
    /**
     * Where a passphrase comes from: never from an argument, which others on the host could read.
     */
    static final class Passphrase
    {
        @Option(names = "--passphrase-file", paramLabel = "FILE", description = "A file with the passphrase of the key file.")
        private Path file;

        @Option(names = "--passphrase-prompt", description = "Ask for the passphrase of the key file.")
        private boolean prompt;
    }

    /**
     * What is done with a ring.
     */
    interface Work
    {
        TicketKeyRing on(TicketKeyRingManager manager) throws TicketKeyStoreException;
    }

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
    Path found(Path path)
    {
        try
        {
            requireOwner(path);
            return OwnDirectory.find(path);
        }
        catch (IOException e)
        {
            throw new CannotException(e.getMessage(), e);
        }
    }

    /**
     * @param argument that has the path, for messages
     * @return the file where a server that is told the same place has it, in a directory that is there
     */
    Path made(Path path, String argument)
    {
        try
        {
            requireOwner(path);
            Path made = OwnDirectory.place(path, argument, "name a file in another directory");
            if (!made.equals(path.toAbsolutePath()))
            {
                spec.commandLine().getErr().println("Others may make files in " + path.toAbsolutePath().getParent()
                    + ", so the key file is " + made + ", where only a server of the same user finds it");
            }
            return made;
        }
        catch (IOException e)
        {
            throw new CannotException(e.getMessage(), e);
        }
    }

    private void requireOwner(Path path) throws IOException
    {
        Optional<Path> another = OwnDirectory.ofAnotherThanRoot(path);
        if (another.isPresent())
        {
            throw new CannotException(another.get() + " belongs to another user, whose server finds no file of root's: "
                + SameCommand.as(another.get(), spec));
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

    /**
     * @return the newest key of the file, whose bytes are overwritten
     */
    Optional<TicketKey> newest(TicketKeyStore store) throws TicketKeyStoreException
    {
        TicketKeyRing ring = ring(store);
        forget(ring);
        return ring.keys().stream().max(Comparator.comparing(TicketKey::sealFrom));
    }

    /**
     * Does with the ring what a server would do, and shows what it is then.
     */
    void manage(TicketKeyStore store, KeyRotation rotation, Work work) throws TicketKeyStoreException
    {
        ScheduledExecutorService idle = Executors.newSingleThreadScheduledExecutor();
        // Where there is none the server has not run with the file yet, or remembers the version elsewhere only.
        Path file = file();
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
            show(store, ring);
        }
        finally
        {
            manager.stop();
            idle.shutdownNow();
        }
    }

    void show(TicketKeyStore store, TicketKeyRing ring)
    {
        Instant now = Instant.now();
        if (json())
        {
            out().println(RingView.json(store, ring, now));
        }
        else
        {
            RingView.print(out(), ring, now, store.describe());
        }
        out().flush();
    }

    static void forget(TicketKeyRing ring)
    {
        ring.keys().forEach(TicketKey::destroy);
    }
}
