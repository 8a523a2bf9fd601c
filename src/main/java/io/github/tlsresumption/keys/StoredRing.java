package io.github.tlsresumption.keys;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ring as it is in the store: read when it has changed, judged, taken into use, replaced by compare-and-set.
 *
 * <p>Used only by the thread that has the turn of the {@link TicketKeyRingManager}, which guards all fields.
 */
final class StoredRing
{
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeyRingManager.class);

    private final TicketKeyStore store;
    private final KeyRotation rotation;
    private final Clock clock;
    private final Supplier<byte[]> secrets;
    private final RingMark mark;
    private final RingInUse inUse;

    private String stamp;
    private long version;

    StoredRing(TicketKeyStore store, KeyRotation rotation, Clock clock, Supplier<byte[]> secrets, RingMark mark, RingInUse inUse)
    {
        this.store = store;
        this.rotation = rotation;
        this.clock = clock;
        this.secrets = secrets;
        this.mark = mark;
        this.inUse = inUse;
    }

    /**
     * @return the version in the store, as far as it is known; 0 for none
     */
    long version()
    {
        return version;
    }

    /**
     * The next look reads the store, whatever was known of it.
     */
    void forget()
    {
        stamp = null;
        version = 0;
    }

    void reload(Instant now) throws TicketKeyStoreException
    {
        String present = store.stamp();
        if (present.equals(stamp))
        {
            return;
        }
        // Until the ring is taken the stamp counts as unseen, so that each tick tries again.
        stamp = null;
        Optional<TicketKeyRing> loaded = store.load();
        if (loaded.isPresent() && hasGoneBack(loaded.get(), now))
        {
            loaded.get().destroyKeys();
        }
        else if (loaded.isPresent() && inUse.ring().version() == 0 && loaded.get().version() < mark.version())
        {
            dropOld(loaded.get(), now);
            return;
        }
        else if (loaded.isPresent())
        {
            take(loaded.get(), now);
        }
        version = loaded.map(TicketKeyRing::version).orElse(0L);
        stamp = present;
    }

    /**
     * @return whether the store has taken the ring, which is in use then; otherwise what is in the store is
     */
    boolean replace(TicketKeyRing next) throws TicketKeyStoreException
    {
        boolean stored = false;
        try
        {
            stored = store.compareAndSet(version, next);
        }
        finally
        {
            // Won, lost or unknown: what is in the store now is looked at again.
            stamp = null;
            if (!stored)
            {
                next.keys().stream().filter(key -> inUse.ring().find(key.id()).isEmpty()).forEach(TicketKey::destroy);
            }
        }
        if (stored)
        {
            boolean first = inUse.ring().version() == 0 && version == 0;
            if (first)
            {
                inUse.begin();
            }
            version = next.version();
            inUse.use(next);
            if (first)
            {
                next.keys().forEach(key -> LOG.info("Ticket keys: the first one, {}, was made in {}: it seals from {} to {}, ring version "
                    + "{}", TicketKey.hex(key.id()), store.describe(), key.sealFrom(), key.sealUntil(), next.version()));
            }
        }
        else
        {
            reload(clock.instant());
        }
        return stored;
    }

    /*
     * It is not said more than once, as the ring in use is written over it next.
     */
    private boolean hasGoneBack(TicketKeyRing loaded, Instant now)
    {
        TicketKeyRing ring = inUse.ring();
        if (loaded.version() >= ring.version() || rotation.illegal(loaded, ring, now).isPresent())
        {
            return false;
        }
        LOG.warn("Ticket keys: {} has gone back from ring version {} to {}, as from a backup or a copy that lagged behind; the ring in "
            + "use {}", store.describe(), ring.version(), loaded.version(), store.writable() ? "is written over it" : "stays in use");
        return true;
    }

    /*
     * Nobody has it in use. Where others start too, one of them drops it and the others read what that one has written.
     */
    private void dropOld(TicketKeyRing old, Instant now) throws TicketKeyStoreException
    {
        long present = old.version();
        long known = mark.version();
        if (!store.writable())
        {
            old.destroyKeys();
            throw new TicketKeyStoreException(Kind.REFUSED, store.describe() + " has an old ring, version " + present + ", but version "
                + known + " was there already, and its keys may have been dropped since: use 'keys rotate' on the newest one and mount it."
                + " To use the old one on purpose, remove this node's file of the ring's version ('.version') and its forget list");
        }
        TicketKeyRing next = rotation.dropped(old, now, secrets).atVersion(Math.addExact(known, 1));
        boolean stored = false;
        try
        {
            stored = store.compareAndSet(present, next);
        }
        finally
        {
            old.destroyKeys();
            if (!stored)
            {
                next.destroyKeys();
            }
        }
        if (stored)
        {
            LOG.warn("Ticket keys: {} has an old ring, version {}, but version {} was there already: it was put back from a backup. Its "
                + "keys, which may have been dropped since, are not used; version {} has a new one, and everyone established before needs "
                + "a full handshake. To use a ring that was put back on purpose, stop all servers and remove their files of the ring's "
                + "version (the key file's name and '.version') and the forget list as well", store.describe(), present, known,
                next.version());
            version = next.version();
            inUse.use(next);
        }
    }

    private void take(TicketKeyRing loaded, Instant now) throws TicketKeyStoreException
    {
        TicketKeyRing ring = inUse.ring();
        Optional<String> fault = rotation.illegal(ring, loaded, now);
        if (fault.isPresent())
        {
            loaded.destroyKeys();
            throw new TicketKeyStoreException(Kind.REFUSED, "the ring in " + store.describe() + " is not taken: " + fault.get()
                + ". Version " + ring.version() + " stays in use; " + (store.writable()
                ? "put that back, or remove what is there and it is written anew"
                : "use 'keys rotate' on the newest one and mount that"));
        }
        if (ring.hasContentsOf(loaded))
        {
            loaded.destroyKeys();
            return;
        }
        List<TicketKey> keys = new ArrayList<>();
        for (TicketKey key : loaded.keys())
        {
            keys.add(inUse.inUse(key));
        }
        keys.stream().filter(key -> ring.find(key.id()).isEmpty()).filter(this::isShort).findFirst().ifPresent(this::sayThatItIsShort);
        inUse.use(new TicketKeyRing(loaded.version(), loaded.identityKey(), keys, loaded.dropped()));
    }

    private boolean isShort(TicketKey key)
    {
        return Duration.between(key.sealUntil(), key.openUntil()).compareTo(rotation.lifetime()) < 0;
    }

    private void sayThatItIsShort(TicketKey key)
    {
        LOG.warn("Ticket keys: a key in {} opens for {} s after its last seal, less than the {} s of this process, so sessions under it "
            + "end early. It was made with another jetty.tlsResumption.rotation.lifetime, or maxSessionDuration: set the same on all "
            + "nodes. {}", store.describe(), Duration.between(key.sealUntil(), key.openUntil()).toSeconds(),
            rotation.lifetime().toSeconds(), store.writable() ? "To rotate now brings a key by the setting of the node that does it"
                : "Then use 'keys rotate --lifetime' on the original and mount it");
    }
}
