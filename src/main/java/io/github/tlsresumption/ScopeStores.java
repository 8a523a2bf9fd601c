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
        return settings.sharedStores == null ? makeOwn() : makeShared(settings.sharedStores);
    }

    private ScopeParts makeShared(SharedStores shared) throws TicketKeyStoreException
    {
        Optional<TicketKeyStore> keys;
        RingMark mark;
        try
        {
            checkSharing(shared.describe(), "disable the module that shares them");
            mark = settings.isSecret() ? RingMark.NONE : ringMark(shared.describe());
            keys = settings.isSecret() ? Optional.of(newSecretStore()) : Optional.empty();
        }
        catch (Throwable e)
        {
            discard();
            throw e;
        }
        return ScopeWiring.start(shared, keys, scope, settings.clock, mark);
    }

    private ScopeParts makeOwn() throws TicketKeyStoreException
    {
        TicketKeyStore store = null;
        RingMark mark;
        ForgetLog log;
        String listId;
        try
        {
            Optional<Path> keyFile = placeOfKeyFile();
            store = newTicketKeyStore(keyFile);
            if (store.persistent() || store.shared())
            {
                checkSharing(store.describe(), "set jetty.tlsResumption.ticketKeyStore=memory to keep the keys in memory");
            }
            Optional<Path> place = placeOfForgetLog(keyFile);
            listId = listId(place);
            mark = newRingMark(store, keyFile, place);
            log = newForgetLog(place, scope.rotation());
        }
        catch (Throwable e)
        {
            if (store != settings.ticketKeyStore)
            {
                ScopeParts.attempt("store of the ticket keys", store);
            }
            discard();
            throw e;
        }
        return ScopeWiring.start(store, log, scope, settings.clock, mark).ofList(listId);
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
        ScopeParts.attempt("backend of the cluster", settings.sharedStores);
        ScopeParts.attempt("store of the ticket keys", settings.ticketKeyStore);
        ScopeParts.attempt("forget list", settings.forgetLog);
    }

    private boolean hasKeyFile()
    {
        if (settings.isInMemory())
        {
            return false;
        }
        if (settings.isSecret())
        {
            return Files.exists(settings.ticketKeyFile);
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
    private String listId(Optional<Path> place) throws TicketKeyStoreException
    {
        if (!settings.isSecret() || settings.forgetLog != null)
        {
            return "";
        }
        if (place.isEmpty())
        {
            return LIST_IN_MEMORY;
        }
        try
        {
            return LogIdentity.of(place.get(), FORGET_LOG_SETTING);
        }
        catch (IOException e)
        {
            throw refused(e, FORGET_LOG_SETTING);
        }
    }

    /**
     * @return says which setting it is about
     */
    private static TicketKeyStoreException refused(IOException cause, String setting)
    {
        String message = String.valueOf(cause.getMessage());
        return new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED,
            message.startsWith(setting) ? message : setting + ": " + message, cause);
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
            throw refused(e, setting);
        }
    }

    /**
     * @return where the file of who was forgotten is, or is to be, if it is in one
     */
    private Optional<Path> placeOfForgetLog(Optional<Path> keyFile) throws TicketKeyStoreException
    {
        if (settings.forgetLogFile != null)
        {
            return Optional.of(placed(settings.forgetLogFile, FORGET_LOG_SETTING, "remove the setting"
                + (settings.isSecret() ? " to keep the forget list in memory" : "")));
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
            LOG.warn("This node does not remember the version of the ring in {}, so that an old one is known by the forget list "
                + "alone: {}", store, e.getMessage());
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

    private ForgetLog newForgetLog(Optional<Path> place, KeyRotation rotation) throws TicketKeyStoreException
    {
        if (settings.forgetLog != null)
        {
            return settings.forgetLog;
        }
        if (place.isEmpty())
        {
            return ForgetLog.none();
        }
        boolean isOwn = settings.forgetLogFile != null;
        try
        {
            return isOwn ? new FileForgetLog(place.get(), FORGET_LOG_SETTING, rotation.lifetime(), settings.clock)
                : new FileForgetLog(place.get(), rotation.lifetime(), settings.clock);
        }
        catch (IOException e)
        {
            throw refused(e, isOwn ? FORGET_LOG_SETTING : KEY_FILE_SETTING);
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
