package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;

import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;

/**
 * Ends sessions before their deadline: one, those of a client, of a principal, of a rule's clients, or all. It holds for all
 * connectors and processes that share the forget list, at once in this one: the next handshake is full, and the client may then
 * establish a new session. Sessions of mode {@code cache} lose their keys as well.
 * <p>
 * An {@link IOException} says that all is done in this process, but others have not been told yet; that is tried again until it
 * succeeds. Thread-safe.
 */
public final class Forgetting
{
    private final ForgetList list;
    private final ClientIdentities identities;
    private final Duration clockSkew;
    private final ForgetTimes times;
    private final ForgetListeners listeners = new ForgetListeners();
    private final RuleIdentities rules;
    private final CoalescedTask polling;
    private final CoalescedTask telling;
    private final KeyEraser keyEraser;
    private volatile boolean bindsAll;
    // Written by the guard alone.
    private volatile int era;
    private volatile long seen;

    /**
     * @param list who has been forgotten
     * @param identities names clients, principals and rules
     * @param sessionKeys loses the keys of the forgotten
     * @param clock tells the time
     * @param clockSkew how far the clocks of nodes may be apart
     * @param executor calls the listeners, and learns whom others have forgotten
     * @param eraser erases keys of sessions, one task at a time, which can take long
     */
    public Forgetting(ForgetList list, ClientIdentities identities, SessionKeyStore sessionKeys, Clock clock, Duration clockSkew,
        Executor executor, Executor eraser)
    {
        this.list = list;
        this.identities = identities;
        this.rules = new RuleIdentities(identities);
        this.clockSkew = clockSkew;
        this.times = new ForgetTimes(list, clock, clockSkew);
        this.polling = new CoalescedTask(executor, this::poll);
        this.telling = new CoalescedTask(executor, this::tell);
        this.keyEraser = new KeyEraser(sessionKeys, this::isForgotten, eraser);
    }

    /**
     * @param listener is called, by the executor, after sessions were forgotten, here or elsewhere
     */
    public void addListener(Runnable listener)
    {
        listeners.add(listener);
    }

    /**
     * @param listener one that was added
     */
    public void removeListener(Runnable listener)
    {
        listeners.remove(listener);
    }

    /**
     * @param cache forgets all sessions that an engine keeps; called when nothing of before is good any more, whatever the clock says
     */
    public void addCache(Runnable cache)
    {
        listeners.addCache(cache);
    }

    /**
     * @param cache one that was added
     */
    public void removeCache(Runnable cache)
    {
        listeners.removeCache(cache);
    }

    /**
     * Forgets one session.
     *
     * @param id its stable id
     * @throws IOException when others have not been told yet
     */
    public void forgetSession(StableId id) throws IOException
    {
        forget(id.number(), times.ofOneSession(), true);
    }

    /**
     * Forgets the sessions of a client.
     *
     * @param client the address of a client without certificate; or of a client's key {@code sha256/} and base64, or {@code sha256:} and
     * hexadecimal digits, of SHA-256 of its SubjectPublicKeyInfo (RFC 7469 section 2.4)
     * @throws IOException when others have not been told yet
     * @throws IllegalArgumentException when the client is neither
     */
    public void forgetClient(String client) throws IOException
    {
        forget(identities.parse(client), times.before(), true);
    }

    /**
     * Forgets the sessions of a client.
     *
     * @param certificate the client's own
     * @throws IOException when others have not been told yet
     */
    public void forgetClient(X509Certificate certificate) throws IOException
    {
        forget(identities.certificate(certificate), times.before(), true);
    }

    /**
     * Forgets the sessions of the client that a session belongs to.
     *
     * @param session one of the client's sessions, which is forgotten in any case
     * @throws IOException when others have not been told yet
     */
    public void forgetClient(TlsSession session) throws IOException
    {
        if (session.clientIdentity() == ClientIdentities.NONE)
        {
            forgetSession(session.id());
        }
        else
        {
            forget(session.clientIdentity(), times.before(), true);
        }
    }

    /**
     * Forgets the sessions of the client that a session belongs to, also where there was no key to name it by when the session began.
     *
     * @param session one of the client's sessions, which is forgotten in any case
     * @param client the same client, as it is known now
     * @throws IOException when others have not been told yet
     */
    public void forgetClient(TlsSession session, Client client) throws IOException
    {
        long identity = session.clientIdentity() == ClientIdentities.NONE ? identity(client) : ClientIdentities.NONE;
        if (identity != ClientIdentities.NONE)
        {
            forget(identity, times.before(), true);
        }
        forgetClient(session);
    }

    /**
     * Forgets the sessions that were {@linkplain #bind bound} to a principal.
     *
     * @param principal the name
     * @throws IOException when others have not been told yet
     */
    public void forgetPrincipal(String principal) throws IOException
    {
        long subject = identities.principal(principal);
        if (subject == ClientIdentities.NONE)
        {
            forgetEveryone();
            return;
        }
        change(() -> list.forgetPrincipal(subject, times.before()), keyEraser::markEverybody);
    }

    /**
     * Forgets the sessions of the clients that a rule applies to.
     *
     * @param rule its name
     * @throws IOException when others have not been told yet
     */
    public void forgetRule(String rule) throws IOException
    {
        forget(ClientIdentities.ofRule(identities.rule(rule)), times.before(), false);
    }

    /**
     * Forgets all sessions.
     *
     * @throws IOException when others have not been told yet
     */
    public void forgetEveryone() throws IOException
    {
        change(() -> list.forgetEveryone(times.before()), keyEraser::markEverybody);
    }

    /**
     * Forgets all sessions of ticket keys that have just been dropped, for the case that the keys come back from a backup. New sessions are
     * under other keys and can be resumed at once, so this does not reach as far as the clocks of others may be ahead.
     *
     * @throws IOException when others have not been told yet
     */
    public void forgetDropped() throws IOException
    {
        change(() -> list.forgetEveryone(times.ofDropped()), keyEraser::markEverybody);
    }

    private void forget(long subject, Instant before, boolean inKey) throws IOException
    {
        if (subject == ClientIdentities.NONE)
        {
            // Without a key to name anybody there is only this.
            forgetEveryone();
            return;
        }
        change(() -> list.forget(subject, before), inKey ? () -> keyEraser.mark(subject) : keyEraser::markEverybody);
    }

    /*
     * Others may not be told, but in this process it holds.
     */
    private void change(Change change, Runnable mark) throws IOException
    {
        try
        {
            change.make();
        }
        finally
        {
            mark.run();
            forgotten();
        }
    }

    /**
     * Says whose session it is, so that it can be forgotten by that name, with all its tickets, also those from before. Where there
     * is no key yet to name anybody by, the session is forgotten.
     *
     * @param session a session
     * @param principal the name of its user
     * @throws IOException when others have not been told yet
     */
    public void bind(TlsSession session, String principal) throws IOException
    {
        // What is not resumed needs no forgetting, unless its connections are to end.
        if (!session.isResumable() && !bindsAll)
        {
            return;
        }
        long subject = identities.principal(principal);
        if (subject == ClientIdentities.NONE)
        {
            forgetSession(session.id());
        }
        else
        {
            list.bind(session.id().number(), times.shown(session.established()), subject);
        }
    }

    /**
     * From now on sessions that are not resumed are {@linkplain #bind bound} too, since their connections are to end when they are
     * forgotten.
     */
    public void bindAll()
    {
        bindsAll = true;
    }

    /**
     * @param session a session
     * @return whether it has been forgotten
     */
    public boolean isForgotten(TlsSession session)
    {
        return isForgotten(session.id(), session.established(), session.clientIdentity(), 0, session.rule());
    }

    /**
     * @param ruleIdentity of the rule that gave the session its terms
     * @param rule the rule that applies to its client now
     */
    boolean isForgotten(StableId id, Instant established, long clientIdentity, int ruleIdentity, String rule)
    {
        return list.isForgotten(id.number(), established, clientIdentity, ClientIdentities.ofRule(ruleIdentity),
            ClientIdentities.ofRule(ruleIdentity(rule)));
    }

    /**
     * @return another number whenever everyone was forgotten whatever the clock says: what was judged before is to be judged again
     */
    int era()
    {
        return era;
    }

    /**
     * @return how far the clocks of nodes may be apart
     */
    Duration clockSkew()
    {
        return clockSkew;
    }

    /**
     * @return the name of a client, see {@link ClientIdentities#of}
     */
    long identity(Client client)
    {
        return identities.of(client);
    }

    /**
     * @return the name of a rule, see {@link ClientIdentities#rule}
     */
    int ruleIdentity(String rule)
    {
        return rules.of(rule);
    }

    /**
     * Learns of a new session, so that it is reached by what is forgotten later, whatever the clock does meanwhile.
     */
    void established(Instant time)
    {
        // A log that fails is tried again soon enough.
        if (list.established(time) && list.problem().isEmpty())
        {
            pollSoon();
        }
    }

    /**
     * Everyone's session is over in this process, whatever the clock says, until the list begins again: the listeners are told before this
     * returns.
     */
    void forgetEver()
    {
        era++;
        list.forgetEver();
        listeners.dropCaches();
        tell();
    }

    /**
     * Learns whom others have forgotten. To be called twice a second or so.
     */
    public void poll()
    {
        list.poll();
        if (list.changes() != seen)
        {
            keyEraser.markForgottenElsewhere();
            forgotten();
        }
        else
        {
            keyEraser.retry();
        }
    }

    /**
     * Learns by the executor, at once, whom others have forgotten. Cheap when that is about to happen anyway.
     */
    public void pollSoon()
    {
        polling.soon();
    }

    private void forgotten()
    {
        telling.soon();
        keyEraser.soon();
    }

    private void tell()
    {
        seen = list.changes();
        listeners.tell();
    }

    private boolean isForgotten(SessionKey key)
    {
        return isForgotten(key.id(), key.established(), key.clientIdentity(), 0, key.rule());
    }

    private interface Change
    {
        void make() throws IOException;
    }
}
