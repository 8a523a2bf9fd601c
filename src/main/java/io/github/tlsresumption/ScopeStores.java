package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.files.OwnDirectory;
import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.LogIdentity;
import io.github.tlsresumption.keys.FileRingMark;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.SecretTicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the stores of a scope, as the settings of its first connector say: for the ticket keys, for who was forgotten, and for the node's
 * own mark of the ring's version.
 */
final class ScopeStores implements Scope.Maker
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);
    private static final String KEY_FILE_SETTING = "jetty.tlsResumption.ticketKeyFile";
    private static final String FORGET_LOG_SETTING = "jetty.tlsResumption.forgetLogFile";
    /** In the place of a list that all know: sessions of other processes are not resumed. */
    private static final String LIST_IN_MEMORY = LogIdentity.fresh();

    private final Engine engine;
    private final ResumptionSettings settings;
    private final ScopeSettings scope;

    /**
     * @param settings of the connector
     * @param scope those of them that all connectors of the scope share
     * @param engine of the connector
     */
    ScopeStores(ResumptionSettings settings, ScopeSettings scope, Engine engine)
    {
        this.engine = engine;
        this.settings = settings;
        this.scope = scope;
    }

    @Override
    public ScopeParts make() throws TicketKeyStoreException
    {
        SharedStores shared = settings.sharedStores;
        if (shared != null)
        {
            checkSharing(shared.describe(), "disable the module that shares them");
            return settings.isSecret()
                ? ScopeWiring.start(shared, Optional.of(newSecretStore()), scope, settings.clock, RingMark.NONE)
                : ScopeWiring.start(shared, scope, settings.clock, ringMark(shared.describe()));
        }
        Optional<Path> keyFile = placeOfKeyFile();
        TicketKeyStore store = newTicketKeyStore(keyFile);
        RingMark mark;
        ForgetLog log;
        try
        {
            if (store.persistent() || store.shared())
            {
                checkSharing(store.describe(), "set jetty.tlsResumption.ticketKeyStore=memory to keep the keys in memory");
            }
            Optional<Path> place = placeOfForgetLog(keyFile);
            mark = newRingMark(store, keyFile, place);
            log = newForgetLog(place, scope.rotation());
        }
        catch (Throwable e)
        {
            store.close();
            throw e;
        }
        return ScopeWiring.start(store, log, scope, settings.clock, mark);
    }

    @Override
    public boolean mayHaveSessions()
    {
        TicketKeyStore store = settings.ticketKeyStore;
        return settings.sharedStores != null || (store != null ? store.persistent() || store.shared() : hasKeyFile());
    }

    @Override
    public void discard()
    {
        if (settings.sharedStores != null)
        {
            settings.sharedStores.close();
        }
        if (settings.ticketKeyStore != null)
        {
            settings.ticketKeyStore.close();
        }
        if (settings.forgetLog != null)
        {
            settings.forgetLog.close();
        }
    }

    private boolean hasKeyFile()
    {
        if (settings.isInMemory())
        {
            return false;
        }
        try
        {
            return Files.exists(OwnDirectory.find(settings.ticketKeyFile));
        }
        catch (IOException e)
        {
            // Whoever takes it into use is told why it cannot be.
            return true;
        }
    }

    /**
     * @return what tells sessions apart that were established by processes which do not know whom this one has forgotten
     */
    String forgetList() throws TicketKeyStoreException
    {
        if (!settings.isSecret() || settings.sharedStores != null || settings.forgetLog != null)
        {
            return "";
        }
        if (settings.forgetLogFile == null)
        {
            return LIST_IN_MEMORY;
        }
        try
        {
            return LogIdentity.of(placed(settings.forgetLogFile, FORGET_LOG_SETTING,
                "remove the setting to keep who was forgotten in memory"));
        }
        catch (IOException e)
        {
            throw new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED, e.getMessage(), e);
        }
    }

    private RingMark newRingMark(TicketKeyStore store, Optional<Path> keyFile, Optional<Path> list)
    {
        if (keyFile.isPresent())
        {
            return FileRingMark.beside(keyFile.get());
        }
        if (settings.isSecret())
        {
            return list.<RingMark>map(place -> new FileRingMark(FileRingMark.besides(place), FORGET_LOG_SETTING, store.describe()))
                .orElse(RingMark.NONE);
        }
        return store.persistent() ? ringMark(store.describe()) : RingMark.NONE;
    }

    private static Path placed(Path file, String setting, String instead) throws TicketKeyStoreException
    {
        try
        {
            return OwnDirectory.place(file, setting, instead);
        }
        catch (IOException e)
        {
            throw new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED, e.getMessage(), e);
        }
    }

    /**
     * @return where the file of who was forgotten is, or is to be, if it is in one
     */
    private Optional<Path> placeOfForgetLog(Optional<Path> keyFile) throws TicketKeyStoreException
    {
        if (settings.forgetLogFile != null)
        {
            return Optional.of(placed(settings.forgetLogFile, FORGET_LOG_SETTING, "remove the setting"));
        }
        return keyFile.map(file -> GuardedFile.beside(file, ".forgotten"));
    }

    /**
     * @return where the file of the ticket keys is, or is to be, if the keys are in one
     */
    private Optional<Path> placeOfKeyFile() throws TicketKeyStoreException
    {
        if (settings.ticketKeyStore != null || !ResumptionSettings.FILE.equals(settings.storeType()))
        {
            return Optional.empty();
        }
        return Optional.of(placed(settings.ticketKeyFile, KEY_FILE_SETTING, "name a file in another directory, or set"
            + " jetty.tlsResumption.ticketKeyStore=memory, or =secret where somebody else rotates the keys"));
    }

    /**
     * Where the key file would be, for keys that are elsewhere.
     */
    private RingMark ringMark(String store)
    {
        if (settings.ticketKeyFile == null)
        {
            return RingMark.NONE;
        }
        try
        {
            Path place = OwnDirectory.place(settings.ticketKeyFile, KEY_FILE_SETTING, "name a file in another directory");
            return new FileRingMark(FileRingMark.besides(place), store);
        }
        catch (IOException e)
        {
            LOG.warn("This node does not remember the version of the ring in {}, so that an old one is known by the list of who was "
                + "forgotten alone: {}", store, e.getMessage());
            return RingMark.NONE;
        }
    }

    private void checkSharing(String place, String otherwise)
    {
        engine.sharingObstacle().ifPresent(obstacle ->
        {
            throw new IllegalStateException("the ticket keys are in " + place + ", but " + obstacle
                + ", so no ticket would be good after a restart or on another node: add it, or " + otherwise);
        });
    }

    private ForgetLog newForgetLog(Optional<Path> place, KeyRotation rotation)
    {
        if (settings.forgetLog != null)
        {
            return settings.forgetLog;
        }
        if (place.isEmpty())
        {
            return ForgetLog.none();
        }
        try
        {
            return settings.forgetLogFile != null
                ? new FileForgetLog(place.get(), FORGET_LOG_SETTING, rotation.lifetime(), settings.clock)
                : new FileForgetLog(place.get(), rotation.lifetime(), settings.clock);
        }
        catch (IOException e)
        {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private TicketKeyStore newTicketKeyStore(Optional<Path> keyFile)
    {
        if (settings.ticketKeyStore != null)
        {
            return settings.ticketKeyStore;
        }
        if (settings.isSecret())
        {
            return newSecretStore();
        }
        Optional<Supplier<char[]>> passphrase = settings.passphrase();
        if (keyFile.isEmpty())
        {
            return new MemoryTicketKeyStore();
        }
        return passphrase.map(given -> new FileTicketKeyStore(keyFile.get(), given)).orElseGet(() -> new FileTicketKeyStore(keyFile.get()));
    }

    private TicketKeyStore newSecretStore()
    {
        return new SecretTicketKeyStore(settings.ticketKeyFile, KEY_FILE_SETTING, settings.passphrase());
    }
}
